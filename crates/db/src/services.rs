//! The table `services`: roles running on hosts, with their heartbeats.

use std::collections::HashMap;
use std::time::Duration;

use ashlar_types::{Availability, BackendName, Service, Timestamp};
use uuid::Uuid;

use crate::row::Reader;
use crate::{Arg, DbError, Tx, args, sql};

/// `binary` of the service that owns a backend.
pub const VOLUME: &str = "cinder-volume";
/// `binary` of a scheduler.
pub const SCHEDULER: &str = "cinder-scheduler";

/// What new rows say of the code behind them: Cinder 29.0.0's versioned objects and its calls to each role.
/// Cinder's own services refuse to start while a row says nothing.
const OBJECT_VERSION: &str = "1.39";
const VOLUME_RPC_VERSION: &str = "3.20";
const SCHEDULER_RPC_VERSION: &str = "3.12";

const COLUMNS: &str = "id, uuid, host, \"binary\", topic, availability_zone, disabled, \
     disabled_reason, report_count, updated_at, created_at, cluster_name, replication_status, \
     active_backend_id, frozen, modified_at";

/// What an operator says of a cluster (of an imported database) is said of its services.
const ITS_CLUSTER: &str = "LEFT JOIN clusters c ON c.name = s.cluster_name AND \
     c.\"binary\" = s.\"binary\" AND c.deleted = FALSE";

/// Says that the service lives; makes its row the first time. The zone is taken over when it changed.
///
/// The table has no unique key, as Cinder made it, so two first heartbeats at once make two rows. The next
/// heartbeat keeps the older one.
///
/// # Errors
/// [`DbError`].
pub async fn heartbeat(
    tx: &mut Tx,
    host: &str,
    binary: &str,
    availability_zone: &str,
    now: Timestamp,
) -> Result<Service, DbError> {
    let known = tx
        .execute(
            "UPDATE services SET report_count = report_count + 1, updated_at = ?, \
             availability_zone = ? WHERE host = ? AND \"binary\" = ? AND deleted = FALSE",
            args![now, availability_zone, host, binary],
        )
        .await?;
    if known == 0 {
        let rpc = if binary == VOLUME { VOLUME_RPC_VERSION } else { SCHEDULER_RPC_VERSION };
        let uuid = Uuid::new_v4().to_string();
        tx.execute(
            "INSERT INTO services (created_at, updated_at, deleted, host, \"binary\", topic, \
             report_count, disabled, availability_zone, replication_status, frozen, uuid, \
             rpc_current_version, object_current_version) VALUES \
             (?, ?, FALSE, ?, ?, ?, 1, FALSE, ?, 'not-capable', FALSE, ?, ?, ?)",
            args![now, now, host, binary, binary, availability_zone, uuid, rpc, OBJECT_VERSION],
        )
        .await?;
    }
    let found = get(tx, host, binary).await?;
    let found =
        found.ok_or_else(|| DbError::row(0, "a service that was just written is not there"))?;
    if known > 1 {
        tx.execute(
            "UPDATE services SET deleted = TRUE, deleted_at = ? WHERE host = ? AND \"binary\" = ? \
             AND deleted = FALSE AND id <> ?",
            args![now, host, binary, found.id],
        )
        .await?;
    }
    Ok(found)
}

/// The service `binary` on `host`.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, host: &str, binary: &str) -> Result<Option<Service>, DbError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM services WHERE host = ? AND \"binary\" = ? AND deleted = FALSE \
         ORDER BY id"
    );
    tx.row(&sql, args![host, binary]).await?.map(|row| read(&mut row.reader())).transpose()
}

/// The service that owns the backend.
///
/// # Errors
/// [`DbError`].
pub async fn volume_service(
    tx: &mut Tx,
    backend: &BackendName,
) -> Result<Option<Service>, DbError> {
    get(tx, backend.as_str(), VOLUME).await
}

/// Whether each volume service can be given work, by its host (`host@backend`). What an operator decided
/// comes before a missing heartbeat.
///
/// # Errors
/// [`DbError`].
pub(crate) async fn volume_states(
    tx: &mut Tx,
    now: Timestamp,
    down_time: Duration,
) -> Result<HashMap<String, Availability>, DbError> {
    // The bound is cut to what the column keeps, as the heartbeats were.
    let oldest = tx.engine().storable(now.before(down_time));
    // The service is the row with the lowest number, as in `get`: it comes last and stays.
    let rows = tx
        .rows(
            &format!(
                "SELECT s.host, COALESCE(s.disabled, FALSE) OR COALESCE(c.disabled, FALSE), \
                 COALESCE(s.frozen, FALSE) OR COALESCE(c.frozen, FALSE), \
                 COALESCE(s.updated_at, s.created_at) FROM services s {ITS_CLUSTER} WHERE \
                 s.\"binary\" = ? AND s.deleted = FALSE AND s.host IS NOT NULL ORDER BY s.id DESC"
            ),
            args![VOLUME],
        )
        .await?;
    let mut states = HashMap::with_capacity(rows.len());
    for row in rows {
        let mut row = row.reader();
        let host: String = row.next()?;
        let (disabled, frozen): (bool, bool) = (row.next()?, row.next()?);
        let seen: Option<Timestamp> = row.next()?;
        let state = if frozen {
            Availability::Frozen
        } else if disabled {
            Availability::Disabled
        } else if seen.is_some_and(|seen| seen >= oldest) {
            Availability::Up
        } else {
            Availability::Down
        };
        states.insert(host, state);
    }
    Ok(states)
}

/// The volume services (`host@backend`) that an operator has disabled or frozen: few, so all of them are told.
///
/// # Errors
/// [`DbError`].
pub async fn shut(tx: &mut Tx) -> Result<HashMap<String, Availability>, DbError> {
    let rows = tx
        .rows(
            &format!(
                "SELECT s.host, COALESCE(s.frozen, FALSE) OR COALESCE(c.frozen, FALSE) FROM \
                 services s {ITS_CLUSTER} WHERE s.\"binary\" = ? AND s.deleted = FALSE AND s.host IS \
                 NOT NULL AND (s.disabled = TRUE OR s.frozen = TRUE OR c.disabled = TRUE OR c.frozen = TRUE)"
            ),
            args![VOLUME],
        )
        .await?;
    let mut states = HashMap::with_capacity(rows.len());
    for row in rows {
        let mut row = row.reader();
        let host: String = row.next()?;
        let frozen: bool = row.next()?;
        let state = if frozen { Availability::Frozen } else { Availability::Disabled };
        states.insert(host, state);
    }
    Ok(states)
}

/// Which services a list is to have. Whether one is up is asked of [`Service::is_up`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceFilter {
    /// With this number.
    pub id: Option<i64>,
    /// On this host: `h` finds `h@b` too.
    pub host: Option<String>,
    /// In this cluster: `c` finds `c@b` too.
    pub cluster: Option<String>,
    /// Of this kind.
    pub binary: Option<String>,
    /// Disabled, or enabled.
    pub disabled: Option<bool>,
    /// Frozen, or not.
    pub frozen: Option<bool>,
}

/// The services that pass the filter, by number.
///
/// # Errors
/// [`DbError`].
pub async fn list(tx: &mut Tx, filter: &ServiceFilter) -> Result<Vec<Service>, DbError> {
    let mut text = format!("SELECT {COLUMNS} FROM services WHERE deleted = FALSE");
    let mut values: Vec<Arg<'_>> = Vec::new();
    if let Some(id) = filter.id {
        text.push_str(" AND id = ?");
        values.push(Arg::from(id));
    }
    for (column, wanted) in [("host", &filter.host), ("cluster_name", &filter.cluster)] {
        if let Some(wanted) = wanted {
            text.push_str(&format!(" AND ({column} = ? OR {column} LIKE ? ESCAPE '!')"));
            values.push(Arg::from(wanted));
            values.push(Arg::from(sql::starts_pattern(&format!("{wanted}@"))));
        }
    }
    if let Some(binary) = &filter.binary {
        text.push_str(" AND \"binary\" = ?");
        values.push(Arg::from(binary));
    }
    for (column, wanted) in [("disabled", filter.disabled), ("frozen", filter.frozen)] {
        if let Some(wanted) = wanted {
            text.push_str(&format!(" AND COALESCE({column}, FALSE) = ?"));
            values.push(Arg::from(wanted));
        }
    }
    text.push_str(" ORDER BY id");
    let rows = tx.rows(&text, &values).await?;
    rows.into_iter().map(|row| read(&mut row.reader())).collect()
}

/// Takes a service out (with a reason, perhaps) or in again (any reason goes); answers whether it is
/// there. Not a heartbeat: `updated_at` stays.
///
/// # Errors
/// [`DbError`].
pub async fn set_disabled(
    tx: &mut Tx,
    host: &str,
    binary: &str,
    disabled: bool,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE services SET disabled = ?, disabled_reason = ?, modified_at = ? WHERE \
             host = ? AND \"binary\" = ? AND deleted = FALSE",
            args![disabled, reason.filter(|_| disabled), now, host, binary],
        )
        .await?;
    Ok(changed > 0)
}

/// Freezes the backend's service (it keeps what it has and takes nothing new, and is disabled with the
/// reason `frozen`) or thaws it; answers whether it is there and was not so already.
///
/// # Errors
/// [`DbError`].
pub async fn set_frozen(
    tx: &mut Tx,
    backend: &BackendName,
    frozen: bool,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE services SET frozen = ?, disabled = ?, disabled_reason = ?, modified_at = ? \
             WHERE host = ? AND \"binary\" = ? AND deleted = FALSE AND \
             COALESCE(frozen, FALSE) <> ?",
            args![frozen, frozen, frozen.then_some("frozen"), now, backend, VOLUME, frozen],
        )
        .await?;
    Ok(changed > 0)
}

/// Takes the row away, softly; answers whether it was there.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(
    tx: &mut Tx,
    host: &str,
    binary: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE services SET deleted = TRUE, deleted_at = ? WHERE host = ? AND \"binary\" = ? \
             AND deleted = FALSE",
            args![now, host, binary],
        )
        .await?;
    Ok(changed > 0)
}

fn read(row: &mut Reader) -> Result<Service, DbError> {
    Ok(Service {
        id: row.next()?,
        uuid: row.next()?,
        host: row.next::<Option<_>>()?.unwrap_or_default(),
        binary: row.next::<Option<_>>()?.unwrap_or_default(),
        topic: row.next()?,
        availability_zone: row.next::<Option<_>>()?.unwrap_or_default(),
        disabled: row.next::<Option<_>>()?.unwrap_or(false),
        disabled_reason: row.next()?,
        report_count: row.next()?,
        updated_at: row.next()?,
        created_at: row.next()?,
        cluster_name: row.next()?,
        replication_status: row.next()?,
        active_backend_id: row.next()?,
        frozen: row.next::<Option<_>>()?.unwrap_or(false),
        modified_at: row.next()?,
    })
}
