//! What a database holds already: which tables and indexes, made by whom, at which version.

use std::collections::BTreeSet;
use std::fmt;

use crate::schema::{ashlar, cinder};
use crate::{DbError, Engine, Tx};

/// How far a database's tables are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Cinder's tables.
    pub cinder: CinderTables,
    /// The last step of ours that ran; 0 when Ashlar has only begun, `None` when it never was here.
    pub ashlar: Option<i64>,
}

/// What is there of Cinder's tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CinderTables {
    /// None of them.
    Absent,
    /// Ashlar has begun to make them and was cut short.
    Begun,
    /// Some, for instance this one, but nothing says of which revision.
    Unversioned(String),
    /// All, at this revision of Cinder's migrations.
    At(String),
}

impl Version {
    /// Nothing is missing.
    #[must_use]
    pub fn is_current(&self) -> bool {
        matches!(&self.cinder, CinderTables::At(revision) if revision == cinder::REVISION)
            && self.ashlar == Some(ashlar::version())
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cinder {
            CinderTables::Absent => f.write_str("absent")?,
            CinderTables::Begun => f.write_str("half made")?,
            CinderTables::Unversioned(_) => f.write_str("of no known revision")?,
            CinderTables::At(revision) => write!(f, "at Cinder's revision {revision}")?,
        }
        match self.ashlar {
            None => f.write_str(", without Ashlar's own"),
            Some(version) => write!(f, ", with Ashlar's own at version {version}"),
        }
    }
}

/// Names that the database's catalog lists.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names {
    /// Tables.
    pub tables: BTreeSet<String>,
    /// Indexes, each with its table: on MySQL two tables may have indexes of one name.
    pub indexes: BTreeSet<(String, String)>,
    /// Columns of our own tables, each with its table.
    pub columns: BTreeSet<(String, String)>,
}

/// Tables that sqlalchemy-migrate or Cinder made: of a database without a revision they tell whose it is.
const LEGACY_VERSION: &str = "migrate_version";

/// Reads how far the tables are.
///
/// # Errors
/// [`DbError`], classified.
pub async fn version(tx: &mut Tx) -> Result<Version, DbError> {
    let tables = tables(tx).await?;
    let revision = if tables.contains(cinder::ALEMBIC_VERSION.name) {
        let rows = tx.rows("SELECT version_num FROM alembic_version ORDER BY 1", &[]).await?;
        rows.iter().map(|row| row.get::<String>(0)).collect::<Result<Vec<_>, _>>()?.join(",")
    } else {
        String::new()
    };
    let ashlar = if tables.contains(ashlar::SCHEMA.name) {
        let row = tx.row("SELECT MAX(version) FROM ashlar_schema", &[]).await?;
        row.map(|row| row.get::<Option<i64>>(0)).transpose()?.flatten()
    } else {
        None
    };
    Ok(Version { cinder: whose(&tables, revision, ashlar), ashlar })
}

fn whose(tables: &BTreeSet<String>, revision: String, ashlar: Option<i64>) -> CinderTables {
    if !revision.is_empty() {
        return CinderTables::At(revision);
    }
    if ashlar.is_some() {
        return CinderTables::Begun;
    }
    // an empty alembic_version alone is what Cinder's tool leaves when it fails at once
    let known = cinder::TABLES.iter().skip(1).map(|table| table.name).chain([LEGACY_VERSION]);
    match known.into_iter().find(|name| tables.contains(*name)) {
        Some(name) => CinderTables::Unversioned(name.to_owned()),
        None => CinderTables::Absent,
    }
}

/// Reads which tables, indexes and columns there are.
///
/// # Errors
/// [`DbError`], classified.
pub async fn names(tx: &mut Tx) -> Result<Names, DbError> {
    let sql = match tx.engine() {
        Engine::Sqlite => "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index'",
        Engine::Postgres => {
            "SELECT tablename::text, indexname::text FROM pg_indexes \
             WHERE schemaname = current_schema()"
        }
        Engine::Mysql => {
            "SELECT DISTINCT table_name, index_name FROM information_schema.statistics \
             WHERE table_schema = DATABASE()"
        }
    };
    let indexes = pairs(tx, sql).await?;
    Ok(Names { indexes, columns: columns(tx).await?, tables: tables(tx).await? })
}

async fn columns(tx: &mut Tx) -> Result<BTreeSet<(String, String)>, DbError> {
    let sql = match tx.engine() {
        Engine::Sqlite => {
            "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c \
             WHERE t.type = 'table' AND t.name LIKE 'ashlar!_%' ESCAPE '!'"
        }
        Engine::Postgres => {
            "SELECT table_name::text, column_name::text FROM information_schema.columns \
             WHERE table_schema = current_schema() AND table_name LIKE 'ashlar!_%' ESCAPE '!'"
        }
        Engine::Mysql => {
            "SELECT table_name, column_name FROM information_schema.columns \
             WHERE table_schema = DATABASE() AND table_name LIKE 'ashlar!_%' ESCAPE '!'"
        }
    };
    pairs(tx, sql).await
}

async fn pairs(tx: &mut Tx, sql: &str) -> Result<BTreeSet<(String, String)>, DbError> {
    tx.rows(sql, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}

async fn tables(tx: &mut Tx) -> Result<BTreeSet<String>, DbError> {
    let sql = match tx.engine() {
        Engine::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table'",
        Engine::Postgres => {
            "SELECT tablename::text FROM pg_tables WHERE schemaname = current_schema()"
        }
        Engine::Mysql => {
            "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
        }
    };
    tx.rows(sql, &[]).await?.iter().map(|row| row.get(0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_database_with_foreign_tables_only_counts_as_empty() {
        assert_eq!(whose(&tables(&["wp_posts"]), String::new(), None), CinderTables::Absent);
        assert_eq!(whose(&tables(&["alembic_version"]), String::new(), None), CinderTables::Absent);
    }

    #[test]
    fn tables_without_a_revision_are_ours_only_when_we_left_a_mark() {
        let found = tables(&["alembic_version", "ashlar_schema", "services"]);
        assert_eq!(whose(&found, String::new(), Some(0)), CinderTables::Begun);
        assert_eq!(
            whose(&found, String::new(), None),
            CinderTables::Unversioned("services".to_owned())
        );
        assert_eq!(
            whose(&tables(&["migrate_version"]), String::new(), None),
            CinderTables::Unversioned("migrate_version".to_owned())
        );
    }
}
