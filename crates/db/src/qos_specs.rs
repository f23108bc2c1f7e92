//! The table `quality_of_service_specs`: a row for each QoS spec, and one for each of its keys.

use std::collections::BTreeMap;

use crate::{DbError, Tx, args};

/// Cinder keeps who applies the specs (`front-end`, `back-end`) beside them; it is none of them.
const CONSUMER: &str = "consumer";

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
