//! The table `quality_of_service_specs`: a row for each QoS spec, and one for each of its keys. A row of the first
//! kind has the key [`NAME`] and the name as its value; those of the second refer to it by `specs_id`.

mod associations;
mod list;
mod write;

use std::collections::BTreeMap;

use ashlar_types::{QosSpecs, QosSpecsId};

pub use associations::{Associated, associate, associations, disassociate, disassociate_all};
pub use list::{QosColumn, QosFilter, QosPage, list};
pub use write::{Destroyed, Removed, destroy, insert, merge, remove_keys};

use crate::{DbError, Tx, args};

/// Cinder keeps who applies the specs (`front-end`, `back-end`) beside them; it is none of them.
pub const CONSUMER: &str = "consumer";
/// The key of the row that is the spec itself; its value is the spec's name.
pub const NAME: &str = "QoS_Specs_Name";

/// The QoS spec with all its keys; none when it is not there.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, id: QosSpecsId) -> Result<Option<QosSpecs>, DbError> {
    let row = tx
        .row(
            "SELECT t.id, t.value, t.created_at FROM quality_of_service_specs t WHERE t.id = ? AND \
             t.\"key\" = ? AND t.specs_id IS NULL AND t.deleted = FALSE",
            args![id, NAME],
        )
        .await?;
    Ok(list::complete(tx, row.into_iter().collect()).await?.pop())
}

/// As [`specs`], when a host is to apply them: their consumer is `front-end` or `both`.
///
/// # Errors
/// [`DbError`].
pub async fn specs_for_hosts(
    tx: &mut Tx,
    id: &str,
) -> Result<Option<BTreeMap<String, String>>, DbError> {
    let row = tx
        .row(
            "SELECT value FROM quality_of_service_specs WHERE specs_id = ? AND \"key\" = ? AND \
             deleted = FALSE",
            args![id, CONSUMER],
        )
        .await?;
    let consumer: Option<String> = match row {
        Some(mut row) => row.take(0)?,
        None => None,
    };
    match consumer.as_deref() {
        Some("front-end" | "both") => specs(tx, id).await.map(Some),
        _ => Ok(None),
    }
}

/// The keys and values of a QoS spec; nothing when it is not there.
///
/// # Errors
/// [`DbError`].
pub async fn specs(tx: &mut Tx, id: &str) -> Result<BTreeMap<String, String>, DbError> {
    let rows = tx
        .rows(
            "SELECT \"key\", value FROM quality_of_service_specs WHERE specs_id = ? AND \"key\" <> ? AND \
             deleted = FALSE",
            args![id, CONSUMER],
        )
        .await?;
    let mut specs = BTreeMap::new();
    for row in rows {
        let mut row = row.reader();
        let key = row.next::<Option<String>>()?.unwrap_or_default();
        specs.insert(key, row.next::<Option<String>>()?.unwrap_or_default());
    }
    Ok(specs)
}
