//! Lists of QoS specs.

use std::collections::{BTreeMap, HashMap};

use ashlar_types::{QosConsumer, QosSpecs, QosSpecsId};

use super::CONSUMER;
use crate::listing::{self, Filter, Page, columns_of};
use crate::{Arg, DbError, Row, Tx, sql};

columns_of! {
    /// A column of `quality_of_service_specs`, of the rows that are specs.
    QosColumn {
        /// Identity.
        Id = "id" Text,
        /// Name.
        Name = "value" Text,
        /// When it was made.
        CreatedAt = "created_at" Time,
        /// When it last changed.
        UpdatedAt = "updated_at" Time,
    }

    const TABLE: &'static str = "quality_of_service_specs";
    const ALWAYS: &'static str =
        "t.deleted = FALSE AND t.specs_id IS NULL AND t.\"key\" = 'QoS_Specs_Name'";
    const METADATA: (&'static str, &'static str) = ("quality_of_service_specs", "specs_id");
    const MORE_METADATA: Option<(&'static str, &'static str)> = None;
    const IMAGE_METADATA: Option<(&'static str, &'static str)> = None;
    const PLACE: (&'static str, &'static str) = ("", "");
    const PLACE_ALIAS: &'static str = "t";
}

/// Which part of the list, and in which order.
pub type QosPage = Page<QosColumn>;
/// Which specs a list is to have; `metadata` stands for keys that must be there, `consumer` among them.
pub type QosFilter = Filter<QosColumn>;

/// One page of QoS specs; `None` when the marker is not there.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut Tx,
    filter: &QosFilter,
    page: &QosPage,
) -> Result<Option<Vec<QosSpecs>>, DbError> {
    // A row of a key has an identity too, but it is nothing that a list goes on behind.
    if let Some(marker) = &page.marker {
        let there = match marker.parse() {
            Ok(id) => super::get(tx, id).await?.is_some(),
            Err(_) => false,
        };
        if !there {
            return Ok(None);
        }
    }
    let select = "SELECT t.id, t.value, t.created_at FROM quality_of_service_specs t";
    let Some(built) = listing::page(tx, select, filter, page).await? else { return Ok(None) };
    let rows = tx.rows(&built.sql, &built.values).await?;
    complete(tx, rows).await.map(Some)
}

/// The specs of these rows (identity, name, time of creation), with their keys.
pub(super) async fn complete(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<QosSpecs>, DbError> {
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let mut row = row.reader();
        found.push(QosSpecs {
            id: row.next()?,
            name: row.next::<Option<_>>()?.unwrap_or_default(),
            consumer: QosConsumer::default(),
            specs: BTreeMap::new(),
            created_at: row.next()?,
        });
    }
    let ids: Vec<QosSpecsId> = found.iter().map(|specs| specs.id).collect();
    let mut keys = keys_of_many(tx, &ids).await?;
    for specs in &mut found {
        let mut of_one = keys.remove(&specs.id).unwrap_or_default();
        let consumer = of_one.remove(CONSUMER).flatten();
        specs.consumer = consumer.and_then(|it| QosConsumer::named(&it)).unwrap_or_default();
        specs.specs = of_one;
    }
    Ok(found)
}

type Keys = BTreeMap<String, Option<String>>;

async fn keys_of_many(
    tx: &mut Tx,
    ids: &[QosSpecsId],
) -> Result<HashMap<QosSpecsId, Keys>, DbError> {
    let mut found: HashMap<QosSpecsId, Keys> = HashMap::new();
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT specs_id, \"key\", value FROM quality_of_service_specs WHERE specs_id IN ({}) \
             AND deleted = FALSE",
            sql::places(part.len())
        );
        let values: Vec<_> = part.into_iter().map(Arg::from).collect();
        for row in tx.rows(&sql, &values).await? {
            let mut row = row.reader();
            let id: QosSpecsId = row.next()?;
            let key: Option<String> = row.next()?;
            found.entry(id).or_default().insert(key.unwrap_or_default(), row.next()?);
        }
    }
    Ok(found)
}
