//! The rows that notifications tell of, as Cinder's models show them: every column under its own name. What is secret is
//! left out: Cinder sends an export's password in `provider_auth` and `connection_info`, to whoever reads the bus.

use std::collections::{BTreeMap, HashMap};

use ashlar_types::{SnapshotId, Timestamp, VolumeId};
use serde_json::{Map, Value};

use crate::row::Cell;
use crate::schema::{Kind, Table, groups, snapshots as of_snapshots, volumes as of_volumes};
use crate::{Arg, DbError, Row, Tx, metadata, sql};

/// A thing that a notification tells of, and what hangs on it. Moments are texts in Cinder's way: no fraction when it is
/// zero, no zone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// The row, be it deleted or not.
    pub row: Map<String, Value>,
    /// What users put on it.
    pub metadata: BTreeMap<String, String>,
    /// Of a volume: its attachments, oldest first.
    pub attachments: Vec<Map<String, Value>>,
    /// Of a volume: what it keeps of its image, as rows.
    pub image: Vec<Map<String, Value>>,
}

impl Told {
    /// A column's value as a text; none when it is NULL.
    #[must_use]
    pub fn text(&self, column: &str) -> Option<&str> {
        self.row.get(column).and_then(Value::as_str)
    }
}

/// Columns that hold passwords.
const SECRET: [&str; 2] = ["provider_auth", "connection_info"];

/// The volumes of these ids in their order, without those that never were.
///
/// # Errors
/// [`DbError`].
pub async fn volumes(tx: &mut Tx, ids: &[VolumeId]) -> Result<Vec<Told>, DbError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut found = by_id(tx, &of_volumes::VOLUMES, &ids).await?;
    let mut users = metadata::of_many(tx, "volume_metadata", "volume_id", &ids).await?;
    let attached = children(tx, &of_volumes::VOLUME_ATTACHMENT, &ids, "created_at").await?;
    let image = children(tx, &of_snapshots::VOLUME_GLANCE_METADATA, &ids, "id").await?;
    for told in &mut found {
        let id = told.text("id").unwrap_or_default().to_owned();
        told.metadata = users.remove(&id).unwrap_or_default().into_iter().collect();
        told.attachments = attached.get(&id).cloned().unwrap_or_default();
        told.image = image.get(&id).cloned().unwrap_or_default();
    }
    Ok(found)
}

/// The snapshots of these ids in their order, each with its volume's `availability_zone`.
///
/// # Errors
/// [`DbError`].
pub async fn snapshots(tx: &mut Tx, ids: &[SnapshotId]) -> Result<Vec<Told>, DbError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut found = by_id(tx, &of_snapshots::SNAPSHOTS, &ids).await?;
    let mut users = metadata::of_many(tx, "snapshot_metadata", "snapshot_id", &ids).await?;
    let of: Vec<String> =
        found.iter().filter_map(|told| told.text("volume_id")).map(str::to_owned).collect();
    let zones: HashMap<String, (Value, Value)> = by_id(tx, &of_volumes::VOLUMES, &of)
        .await?
        .into_iter()
        .filter_map(|mut volume| {
            let id = volume.text("id")?.to_owned();
            let take = |row: &mut Map<_, _>, key| row.remove(key).unwrap_or_default();
            let (zone, host) =
                (take(&mut volume.row, "availability_zone"), take(&mut volume.row, "host"));
            Some((id, (zone, host)))
        })
        .collect();
    for told in &mut found {
        let id = told.text("id").unwrap_or_default();
        told.metadata = users.remove(id).unwrap_or_default().into_iter().collect();
        let volume = told.text("volume_id").and_then(|id| zones.get(id)).cloned();
        let (zone, host) = volume.unwrap_or_default();
        told.row.insert("availability_zone".to_owned(), zone);
        told.row.insert("host".to_owned(), host);
    }
    Ok(found)
}

/// The groups of these ids in their order.
///
/// # Errors
/// [`DbError`].
pub async fn groups(tx: &mut Tx, ids: &[String]) -> Result<Vec<Told>, DbError> {
    by_id(tx, &groups::GROUPS, ids).await
}

/// The group snapshots of these ids in their order.
///
/// # Errors
/// [`DbError`].
pub async fn group_snapshots(tx: &mut Tx, ids: &[String]) -> Result<Vec<Told>, DbError> {
    by_id(tx, &groups::GROUP_SNAPSHOTS, ids).await
}

/// The rows of these ids, in their order.
async fn by_id(tx: &mut Tx, table: &Table, ids: &[String]) -> Result<Vec<Told>, DbError> {
    let mut found = HashMap::with_capacity(ids.len());
    for row in select(tx, table, ("id", ""), ids).await? {
        let id = row.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        found.insert(id, row);
    }
    let rows = ids.iter().filter_map(|id| found.get(id).cloned());
    Ok(rows.map(|row| Told { row, ..Told::default() }).collect())
}

/// The rows below these volumes that are not deleted.
async fn children(
    tx: &mut Tx,
    table: &Table,
    ids: &[String],
    order: &str,
) -> Result<HashMap<String, Vec<Map<String, Value>>>, DbError> {
    let rest = format!(" AND deleted = FALSE ORDER BY {order}");
    let mut found: HashMap<String, Vec<_>> = HashMap::new();
    for row in select(tx, table, ("volume_id", &rest), ids).await? {
        let id = row.get("volume_id").and_then(Value::as_str).unwrap_or_default().to_owned();
        found.entry(id).or_default().push(row);
    }
    Ok(found)
}

/// Every column of the rows whose `column` is one of `ids`; `rest` ends the statement.
async fn select(
    tx: &mut Tx,
    table: &Table,
    (column, rest): (&str, &str),
    ids: &[String],
) -> Result<Vec<Map<String, Value>>, DbError> {
    let names: Vec<String> =
        table.columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let mut found = Vec::new();
    for part in ids.chunks(sql::IN_LIST) {
        let part = sql::pad(part);
        let sql = format!(
            "SELECT {} FROM \"{}\" WHERE {column} IN ({}){rest}",
            names.join(", "),
            table.name,
            sql::places(part.len())
        );
        let values: Vec<Arg<'_>> = part.iter().map(Arg::from).collect();
        for row in tx.rows(&sql, &values).await? {
            found.push(read(table, row)?);
        }
    }
    Ok(found)
}

fn read(table: &Table, mut row: Row) -> Result<Map<String, Value>, DbError> {
    let mut read = Map::new();
    for (index, column) in table.columns.iter().enumerate() {
        let value = match (row.take::<Cell>(index)?, column.kind) {
            _ if SECRET.contains(&column.name) => Value::Null,
            (Cell::Null, _) => Value::Null,
            (Cell::Int(number), Kind::Flag | Kind::CheckedFlag) => (number != 0).into(),
            (Cell::Int(number), _) => number.into(),
            (Cell::Float(number), _) => number.into(),
            (Cell::Time(moment), _) => isoformat(moment).into(),
            (Cell::Text(text), Kind::Time) => {
                Timestamp::parse(&text).map_or(Value::String(text), |at| isoformat(at).into())
            }
            (Cell::Text(text), _) => text.into(),
        };
        read.insert(column.name.to_owned(), value);
    }
    Ok(read)
}

/// A moment as Python prints it.
fn isoformat(moment: Timestamp) -> String {
    let text = moment.to_string();
    text.strip_suffix(".000000").map(str::to_owned).unwrap_or(text)
}
