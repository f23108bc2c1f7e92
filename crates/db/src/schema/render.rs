//! From the tables as data to statements in an engine's own words. Pure.

use crate::Engine;

use super::{Column, ForeignKey, Index, Initial, Kind, Null, Table};

/// The statements that make `table` with its indexes. MySQL gets them in one statement, since each of
/// its statements is a transaction of its own.
#[must_use]
pub fn create_table(engine: Engine, table: &Table) -> Vec<String> {
    let mut parts: Vec<String> = Vec::with_capacity(table.columns.len() + 8);
    parts.extend(table.columns.iter().map(|column| render_column(engine, column)));
    parts.push(format!("PRIMARY KEY ({})", quote_all(engine, table.primary_key)));
    parts.extend(
        table.uniques.iter().map(|columns| format!("UNIQUE ({})", quote_all(engine, columns))),
    );
    parts.extend(table.foreign_keys.iter().map(|key| render_foreign_key(engine, key)));
    parts.extend(table.columns.iter().filter_map(|column| render_check(engine, column)));
    let inline = engine == Engine::Mysql;
    if inline {
        parts.extend(table.indexes.iter().map(|index| {
            let unique = if index.unique { "UNIQUE " } else { "" };
            let (name, columns) = (quote(engine, index.name), quote_all(engine, index.columns));
            format!("{unique}KEY {name} ({columns})")
        }));
    }
    let options = match engine {
        Engine::Mysql => format!(" ENGINE=InnoDB {}", table.mysql_charset),
        Engine::Sqlite | Engine::Postgres => String::new(),
    };
    let name = quote(engine, table.name);
    let mut statements = vec![format!("CREATE TABLE {name} ({}){options}", parts.join(", "))];
    if !inline {
        statements
            .extend(table.indexes.iter().map(|index| create_index(engine, table.name, index)));
    }
    statements
}

/// The statement that adds `index` to `table`.
#[must_use]
pub fn create_index(engine: Engine, table: &str, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    format!(
        "CREATE {unique}INDEX {} ON {} ({})",
        quote(engine, index.name),
        quote(engine, table),
        quote_all(engine, index.columns)
    )
}

/// The statement that adds `column` to `table`.
#[must_use]
pub fn add_column(engine: Engine, table: &str, column: &Column) -> String {
    format!("ALTER TABLE {} ADD COLUMN {}", quote(engine, table), render_column(engine, column))
}

/// An identifier, quoted: some of Cinder's are words of SQL (`key`, `groups`, `binary`).
#[must_use]
pub fn quote(engine: Engine, name: &str) -> String {
    match engine {
        Engine::Mysql => format!("`{name}`"),
        Engine::Sqlite | Engine::Postgres => format!("\"{name}\""),
    }
}

fn quote_all(engine: Engine, names: &[&str]) -> String {
    names.iter().map(|name| quote(engine, name)).collect::<Vec<_>>().join(", ")
}

fn render_column(engine: Engine, column: &Column) -> String {
    let mut text = format!("{} {}", quote(engine, column.name), render_kind(engine, column.kind));
    if let Some(initial) = column.initial {
        text.push_str(" DEFAULT ");
        text.push_str(render_initial(engine, initial));
    }
    let required = match column.null {
        Null::Allowed => false,
        Null::Never => true,
        Null::OnSqlite => engine != Engine::Sqlite,
    };
    if required {
        text.push_str(" NOT NULL");
    }
    if column.kind == Kind::Serial && engine == Engine::Mysql {
        text.push_str(" AUTO_INCREMENT");
    }
    text
}

fn render_kind(engine: Engine, kind: Kind) -> String {
    let fixed = match (kind, engine) {
        (Kind::String(most), _) => return format!("VARCHAR({most})"),
        // a key of this very type is SQLite's own row number
        (Kind::Serial, Engine::Postgres) => "SERIAL",
        (Kind::Serial | Kind::Int, _) => "INTEGER",
        (Kind::BigInt, _) => "BIGINT",
        (Kind::LongText, Engine::Mysql) => "LONGTEXT",
        (Kind::Text | Kind::LongText, _) => "TEXT",
        (Kind::Flag | Kind::CheckedFlag, Engine::Mysql) => "TINYINT(1)",
        (Kind::Flag | Kind::CheckedFlag, _) => "BOOLEAN",
        (Kind::Time | Kind::FineTime, Engine::Postgres) => "TIMESTAMP WITHOUT TIME ZONE",
        (Kind::FineTime, Engine::Mysql) => "DATETIME(6)",
        (Kind::Time | Kind::FineTime, _) => "DATETIME",
    };
    fixed.to_owned()
}

fn render_initial(engine: Engine, initial: Initial) -> &'static str {
    match (initial, engine) {
        (Initial::True, Engine::Postgres) => "true",
        (Initial::False, Engine::Postgres) => "false",
        (Initial::True, _) => "1",
        (Initial::False, _) | (Initial::Zero, _) => "0",
    }
}

fn render_foreign_key(engine: Engine, key: &ForeignKey) -> String {
    let name = key.name.map(|name| format!("CONSTRAINT {} ", quote(engine, name)));
    format!(
        "{}FOREIGN KEY ({}) REFERENCES {} ({})",
        name.unwrap_or_default(),
        quote(engine, key.column),
        quote(engine, key.table),
        quote(engine, key.refers)
    )
}

fn render_check(engine: Engine, column: &Column) -> Option<String> {
    let needed = column.kind == Kind::CheckedFlag && engine != Engine::Postgres;
    needed.then(|| format!("CHECK ({} IN (0, 1))", quote(engine, column.name)))
}

#[cfg(test)]
mod tests {
    use super::super::{services, snapshots, types};
    use super::*;

    #[test]
    fn sqlite_gets_the_indexes_after_the_table() {
        assert_eq!(
            create_table(Engine::Sqlite, &services::WORKERS),
            [
                "CREATE TABLE \"workers\" (\"created_at\" DATETIME, \"updated_at\" DATETIME, \
                 \"deleted_at\" DATETIME, \"deleted\" BOOLEAN, \"id\" INTEGER NOT NULL, \
                 \"resource_type\" VARCHAR(40) NOT NULL, \"resource_id\" VARCHAR(36) NOT NULL, \
                 \"status\" VARCHAR(255) NOT NULL, \"service_id\" INTEGER, \
                 \"race_preventer\" INTEGER DEFAULT 0 NOT NULL, PRIMARY KEY (\"id\"), \
                 UNIQUE (\"resource_type\", \"resource_id\"), \
                 FOREIGN KEY (\"service_id\") REFERENCES \"services\" (\"id\"))",
                "CREATE INDEX \"ix_workers_service_id\" ON \"workers\" (\"service_id\")",
            ]
        );
    }

    #[test]
    fn mysql_gets_one_statement_with_keys_engine_and_character_set() {
        let statements = create_table(Engine::Mysql, &services::WORKERS);
        assert_eq!(statements.len(), 1);
        assert!(statements[0].contains("`updated_at` DATETIME(6),"));
        assert!(statements[0].contains("`id` INTEGER NOT NULL AUTO_INCREMENT,"));
        assert!(
            statements[0].ends_with(
                "KEY `ix_workers_service_id` (`service_id`)) ENGINE=InnoDB DEFAULT CHARSET=utf8mb3"
            ),
            "{}",
            statements[0]
        );
    }

    #[test]
    fn postgresql_has_truths_and_sequences_of_its_own() {
        let statements = create_table(Engine::Postgres, &snapshots::SNAPSHOTS);
        assert!(statements[0].contains("\"use_quota\" BOOLEAN DEFAULT true NOT NULL"));
        assert!(statements[0].contains("CONSTRAINT \"snapshots_volume_id_fkey\" FOREIGN KEY"));
        let metadata = create_table(Engine::Postgres, &snapshots::SNAPSHOT_METADATA);
        assert!(metadata[0].contains("\"id\" SERIAL NOT NULL"));
        assert!(!create_table(Engine::Postgres, &types::ENCRYPTION)[0].contains("CHECK"));
    }

    #[test]
    fn sqlite_alone_lets_an_encryption_go_without_provider() {
        let provider = |engine| {
            create_table(engine, &types::ENCRYPTION)[0]
                .contains("\"provider\" VARCHAR(255) NOT NULL")
        };
        assert!(provider(Engine::Postgres));
        assert!(!provider(Engine::Sqlite));
    }
}
