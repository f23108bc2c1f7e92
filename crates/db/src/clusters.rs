//! The table `clusters`: services that share their work. Cinder writes the rows; none of our drivers can be served by
//! several services at once, so we make none, and keep to what is there.

use std::time::Duration;

use ashlar_types::{Cluster, Timestamp};

use crate::row::Reader;
use crate::{Arg, DbError, Tx, args, sql};

/// Which clusters a list is to have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClusterFilter {
    /// Of this name: `c` finds `c@b` too.
    pub name: Option<String>,
    /// Of this kind.
    pub binary: Option<String>,
    /// Disabled, or enabled.
    pub disabled: Option<bool>,
    /// Frozen, or not.
    pub frozen: Option<bool>,
    /// In this state of replication.
    pub replication_status: Option<String>,
    /// With this replication target in use.
    pub active_backend_id: Option<String>,
    /// With so many services.
    pub num_hosts: Option<i64>,
    /// With so many silent services.
    pub num_down_hosts: Option<i64>,
}

/// The clusters that pass the filter, by number. A service is counted as down that was last heard of before
/// `now - down_time`.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut Tx,
    filter: &ClusterFilter,
    now: Timestamp,
    down_time: Duration,
) -> Result<Vec<Cluster>, DbError> {
    let oldest = tx.engine().storable(now.before(down_time));
    // Of all kinds, as Cinder counts.
    let counted =
        "(SELECT COUNT(*) FROM services s WHERE s.cluster_name = c.name AND s.deleted = FALSE";
    let mut text = format!(
        "SELECT c.id, c.name, c.\"binary\", c.disabled, c.disabled_reason, {counted}), \
         {counted} AND s.updated_at < ?), \
         (SELECT MAX(s.updated_at) FROM services s WHERE s.cluster_name = c.name AND s.deleted = FALSE), \
         c.created_at, c.updated_at, c.replication_status, c.frozen, c.active_backend_id \
         FROM clusters c WHERE COALESCE(c.deleted, FALSE) = FALSE"
    );
    let mut values: Vec<Arg<'_>> = vec![Arg::from(oldest)];
    if let Some(name) = &filter.name {
        text.push_str(" AND (c.name = ? OR c.name LIKE ? ESCAPE '!')");
        values.push(Arg::from(name));
        values.push(Arg::from(sql::starts_pattern(&format!("{name}@"))));
    }
    for (column, wanted) in [
        ("\"binary\"", &filter.binary),
        ("replication_status", &filter.replication_status),
        ("active_backend_id", &filter.active_backend_id),
    ] {
        if let Some(wanted) = wanted {
            text.push_str(&format!(" AND c.{column} = ?"));
            values.push(Arg::from(wanted));
        }
    }
    for (column, wanted) in [("disabled", filter.disabled), ("frozen", filter.frozen)] {
        if let Some(wanted) = wanted {
            text.push_str(&format!(" AND COALESCE(c.{column}, FALSE) = ?"));
            values.push(Arg::from(wanted));
        }
    }
    text.push_str(" ORDER BY c.id");
    let mut found = Vec::new();
    for row in tx.rows(&text, &values).await? {
        let cluster = read(&mut row.reader())?;
        // Clusters are few: what is counted is compared here.
        if filter.num_hosts.is_none_or(|wanted| wanted == cluster.num_hosts)
            && filter.num_down_hosts.is_none_or(|wanted| wanted == cluster.num_down_hosts)
        {
            found.push(cluster);
        }
    }
    Ok(found)
}

/// The cluster of just this name and kind.
///
/// # Errors
/// [`DbError`].
pub async fn get(
    tx: &mut Tx,
    name: &str,
    binary: &str,
    (now, down_time): (Timestamp, Duration),
) -> Result<Option<Cluster>, DbError> {
    let filter = ClusterFilter {
        name: Some(name.to_owned()),
        binary: Some(binary.to_owned()),
        ..ClusterFilter::default()
    };
    let found = list(tx, &filter, now, down_time).await?;
    Ok(found.into_iter().find(|cluster| cluster.name == name))
}

/// Takes a cluster out (with a reason, perhaps) or in again (any reason goes); answers whether it is there. Its
/// services' own rows stay as they are.
///
/// # Errors
/// [`DbError`].
pub async fn set_disabled(
    tx: &mut Tx,
    (name, binary): (&str, &str),
    disabled: bool,
    reason: Option<&str>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE clusters SET disabled = ?, disabled_reason = ?, updated_at = ? WHERE name = ? AND \
             \"binary\" = ? AND COALESCE(deleted, FALSE) = FALSE",
            args![disabled, reason.filter(|_| disabled), now, name, binary],
        )
        .await?;
    Ok(changed > 0)
}

/// Freezes the cluster or thaws it; answers whether it is there and was not so already.
///
/// # Errors
/// [`DbError`].
pub async fn set_frozen(
    tx: &mut Tx,
    (name, binary): (&str, &str),
    frozen: bool,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE clusters SET frozen = ?, updated_at = ? WHERE name = ? AND \"binary\" = ? AND \
             COALESCE(deleted, FALSE) = FALSE AND frozen <> ?",
            args![frozen, now, name, binary, frozen],
        )
        .await?;
    Ok(changed > 0)
}

fn read(row: &mut Reader) -> Result<Cluster, DbError> {
    Ok(Cluster {
        id: row.next()?,
        name: row.next()?,
        binary: row.next()?,
        disabled: row.next::<Option<_>>()?.unwrap_or(false),
        disabled_reason: row.next()?,
        num_hosts: row.next()?,
        num_down_hosts: row.next()?,
        last_heartbeat: row.next()?,
        created_at: row.next()?,
        updated_at: row.next()?,
        replication_status: row.next()?,
        frozen: row.next()?,
        active_backend_id: row.next()?,
    })
}
