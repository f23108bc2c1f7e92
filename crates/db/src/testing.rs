//! Fresh databases for tests: one for each engine that is to be had, with all tables, gone at the end.
//!
//! SQLite is always there. PostgreSQL and MariaDB are there when `ASHLAR_TEST_POSTGRES_URL` and
//! `ASHLAR_TEST_MARIADB_URL` name a server whose user may make databases; `cargo xtask test` sets them.

use tempfile::TempDir;

use crate::{DatabaseUrl, Db, Engine, Options, args, migrate};

/// The variables that name servers.
pub const SERVERS: [&str; 2] = ["ASHLAR_TEST_POSTGRES_URL", "ASHLAR_TEST_MARIADB_URL"];

/// A database of one test's own.
#[derive(Debug)]
pub struct TestDb {
    /// Connected; the tables are there.
    pub db: Db,
    /// How another process or a second connection reaches it, as `[database] connection` has it.
    pub url: String,
    _place: Place,
}

#[derive(Debug)]
enum Place {
    /// Its directory goes when this is dropped.
    Directory(#[expect(dead_code, reason = "held for its drop")] TempDir),
    /// On a server.
    Server { admin: String, name: String },
}

/// One for each engine.
///
/// # Panics
/// When a server that a variable names cannot be used: a test must not pass by leaving it out.
pub async fn databases() -> Vec<TestDb> {
    let mut all = vec![sqlite().await];
    for variable in SERVERS {
        if let Ok(admin) = std::env::var(variable) {
            all.push(on_server(admin).await);
        }
    }
    all
}

/// One on SQLite.
///
/// # Panics
/// When there is no room for a temporary file.
pub async fn sqlite() -> TestDb {
    let directory = TempDir::new().expect("a temporary directory can be made");
    let path = directory.path().join("ashlar.db");
    let url = format!("sqlite:///{}", path.display());
    let db = connect(&url).await;
    migrate::sync(&db).await.expect("the tables can be made");
    TestDb { db, url, _place: Place::Directory(directory) }
}

async fn on_server(admin: String) -> TestDb {
    let name = format!("ashlar_test_{}", uuid::Uuid::new_v4().simple());
    administer(&admin, &format!("CREATE DATABASE {name}")).await;
    let url = beside(&admin, &name);
    let place = Place::Server { admin, name };
    let db = connect(&url).await;
    migrate::sync(&db).await.expect("the tables can be made");
    TestDb { db, url, _place: place }
}

/// The same server's URL with another database.
fn beside(admin: &str, name: &str) -> String {
    let (place, query) = admin.split_once('?').unwrap_or((admin, ""));
    let authority = place.find("://").map_or(0, |at| at + 3);
    let end = place[authority..].find('/').map_or(place.len(), |at| authority + at);
    let separator = if query.is_empty() { "" } else { "?" };
    format!("{}/{name}{separator}{query}", &place[..end])
}

async fn connect(url: &str) -> Db {
    let parsed = DatabaseUrl::parse(url).expect("the URL of a test database");
    let options = Options { max_connections: 32, ..Options::default() };
    Db::connect(&parsed, &options).await.expect("the test database answers")
}

/// Runs a statement that no transaction may hold.
async fn administer(admin: &str, statement: &str) {
    let parsed = DatabaseUrl::parse(admin).expect("the server's URL");
    let options = Options { max_connections: 1, ..Options::default() };
    let db = Db::connect(&parsed, &options).await.expect("the server answers");
    let mut connection = db.read().await.expect("a connection");
    connection.execute(statement, &[]).await.expect("the user may make and drop databases");
    drop(connection);
    db.close().await;
}

/// Drops the database, whoever is still in it: a test that failed may hold a transaction open, and its
/// runtime cannot end it while this waits.
async fn remove(admin: &str, name: &str) {
    let parsed = DatabaseUrl::parse(admin).expect("the server's URL");
    if parsed.engine() == Engine::Postgres {
        return administer(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    }
    let db = Db::connect(&parsed, &Options::default()).await.expect("the server answers");
    let mut connection = db.read().await.expect("a connection");
    let inside = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist WHERE db = ?";
    for mut row in connection.rows(inside, args![name]).await.expect("the server's list") {
        let id: i64 = row.take(0).expect("a connection's number");
        // One that has just ended needs no killing.
        drop(connection.execute(&format!("KILL CONNECTION {id}"), &[]).await);
    }
    drop(connection);
    db.close().await;
    administer(admin, &format!("DROP DATABASE IF EXISTS {name}")).await;
}

impl Drop for Place {
    /// The test may fail or end inside a runtime, so the work is done on a thread of its own.
    fn drop(&mut self) {
        let Self::Server { admin, name } = self else { return };
        let (admin, name) = (std::mem::take(admin), std::mem::take(name));
        let removing = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime for two statements").block_on(remove(&admin, &name));
        });
        // A database that stays behind on a throw-away server is no reason to fail a test.
        drop(removing.join());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_database_is_on_the_administrators_server() {
        assert_eq!(beside("mysql://u:p@h:1/", "t"), "mysql://u:p@h:1/t");
        assert_eq!(beside("mysql://u:p@h:1", "t"), "mysql://u:p@h:1/t");
        assert_eq!(
            beside("postgres://u:p@h:1/postgres?sslmode=disable", "t"),
            "postgres://u:p@h:1/t?sslmode=disable"
        );
    }
}
