//! The table `quality_of_service_specs`: a row for each QoS spec, and one for each of its keys.

use std::collections::BTreeMap;

use crate::{DbError, Tx, args};

/// Cinder keeps who applies the specs (`front-end`, `back-end`) beside them; it is none of them.
const CONSUMER: &str = "consumer";

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
