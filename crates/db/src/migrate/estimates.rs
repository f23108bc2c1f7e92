//! What SQLite's planner is told of the tables.
//!
//! Without figures it takes an equality on an index's first column, whatever that is, for one that finds ten rows. Cinder's
//! indexes begin with `deleted`, so `id IN (…) AND deleted = FALSE` reads every row that there is instead of those that are
//! named. The other engines count for themselves; figures of what is there now would be wrong here as well, since most
//! databases are empty when they are made. So the figures are of a large database, by what the columns mean.

use crate::{Arg, DbError, Engine, Tx};

/// Rows of each table.
const ROWS: u64 = 1_000_000;

/// Makes SQLite plan for a large database; does nothing on the other engines.
pub(super) async fn write(tx: &mut Tx) -> Result<(), DbError> {
    if tx.engine() != Engine::Sqlite {
        return Ok(());
    }
    // Makes the tables in which the figures stand.
    tx.execute("ANALYZE ashlar_schema", &[]).await?;
    for table in statistics_tables(tx).await? {
        // The names are of SQLite's own tables.
        tx.execute(&format!("DELETE FROM {table}"), &[]).await?;
    }
    let sql = "SELECT t.name, i.name, i.\"unique\", c.name FROM sqlite_master t JOIN pragma_index_list(t.name) i \
               JOIN pragma_index_info(i.name) c WHERE t.type = 'table' ORDER BY t.name, i.name, c.seqno";
    let mut indexes: Vec<Index> = Vec::new();
    for row in tx.rows(sql, &[]).await? {
        let (table, name, unique): (String, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if indexes.last().is_none_or(|last| last.name != name) {
            indexes.push(Index { table, name, unique: unique != 0, columns: Vec::new() });
        }
        if let Some(index) = indexes.last_mut() {
            // An operator's own index may be on an expression, which has no name.
            index.columns.push(row.get::<Option<String>>(3)?.unwrap_or_default());
        }
    }
    for index in indexes {
        let insert = "INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (?, ?, ?)";
        let figures = figures(&index.columns, index.unique);
        let values =
            [Arg::from(index.table.as_str()), Arg::from(index.name.as_str()), Arg::from(&figures)];
        tx.execute(insert, &values).await?;
    }
    // This connection's planner learns of them; others do when they open the file.
    tx.execute("ANALYZE sqlite_schema", &[]).await.map(drop)
}

struct Index {
    table: String,
    name: String,
    unique: bool,
    columns: Vec<String>,
}

async fn statistics_tables(tx: &mut Tx) -> Result<Vec<String>, DbError> {
    let sql = "SELECT name FROM sqlite_master WHERE name IN ('sqlite_stat1', 'sqlite_stat4')";
    tx.rows(sql, &[]).await?.iter().map(|row| row.get(0)).collect()
}

/// `sqlite_stat1`'s form: the rows of the table, then how many have the same value in the index's first column, in its first
/// two, and so on.
fn figures(columns: &[String], unique: bool) -> String {
    let mut text = ROWS.to_string();
    let mut left = ROWS;
    for (index, column) in columns.iter().enumerate() {
        left = match unique && index + 1 == columns.len() {
            true => 1,
            false => alike(column, left),
        };
        text.push_str(&format!(" {left}"));
    }
    text
}

/// How many of `rows` have the same value in this column.
fn alike(column: &str, rows: u64) -> u64 {
    let part = match column {
        "deleted" => rows / 2,
        // Operations are kept for a day after their end; few are under way.
        "finished" => rows / 100,
        "role" | "name" | "status" => rows / 10,
        "project_id" | "host" | "target" | "backend" | "service_uuid" | "cluster_name"
        | "volume_type_id" => rows / 100,
        moment if moment.ends_with("_at") => 1,
        // What belongs to one volume, or to one of its like.
        _ => rows.min(10),
    };
    part.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_column_of_an_index_leaves_fewer_rows() {
        let figures = |columns: &[&str], unique| {
            figures(&columns.iter().map(|&column| column.to_owned()).collect::<Vec<_>>(), unique)
        };
        assert_eq!(figures(&["deleted", "created_at", "id"], false), "1000000 500000 1 1");
        assert_eq!(figures(&["finished", "role", "target"], false), "1000000 10000 1000 10");
        assert_eq!(figures(&["volume_id"], false), "1000000 10");
        assert_eq!(figures(&["project_id", "resource"], true), "1000000 10000 1");
    }
}
