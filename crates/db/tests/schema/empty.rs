//! A database without any table on every engine that is to be had: SQLite always, the servers when
//! `ASHLAR_TEST_POSTGRES_URL` and `ASHLAR_TEST_MARIADB_URL` name them.

use std::path::PathBuf;

use ashlar_db::{DatabaseUrl, Db, Options};

/// A database of one test.
pub(crate) enum EmptyDatabase {
    /// A file.
    File(PathBuf),
    /// On a server: the server's URL for administration, and the database's name.
    OnServer(String, String),
}

/// One for each engine.
pub(crate) async fn each_engine() -> Vec<EmptyDatabase> {
    let name = format!("ashlar_schema_{}", uuid::Uuid::new_v4().simple());
    let mut all = vec![EmptyDatabase::File(std::env::temp_dir().join(format!("{name}.db")))];
    for variable in ["ASHLAR_TEST_POSTGRES_URL", "ASHLAR_TEST_MARIADB_URL"] {
        if let Ok(url) = std::env::var(variable) {
            administer(&url, &format!("CREATE DATABASE {name}")).await;
            all.push(EmptyDatabase::OnServer(url, name.clone()));
        }
    }
    all
}

impl EmptyDatabase {
    /// Connects anew.
    pub(crate) async fn connect(&self) -> Db {
        let url = match self {
            Self::File(path) => DatabaseUrl::Sqlite(path.clone()),
            Self::OnServer(server, name) => {
                let (place, query) = server.split_once('?').unwrap_or((server, ""));
                let authority = place.find("://").map_or(0, |at| at + 3);
                let end = place[authority..].find('/').map_or(place.len(), |at| authority + at);
                let url = format!("{}/{name}?{query}", &place[..end]);
                DatabaseUrl::parse(&url).expect("the server's URL")
            }
        };
        Db::connect(&url, &Options::default()).await.expect("the database answers")
    }

    /// Takes it away.
    pub(crate) async fn destroy(self, db: Db) {
        db.close().await;
        drop(db);
        match self {
            Self::File(path) => {
                for suffix in ["", "-wal", "-shm"] {
                    let mut file = path.clone().into_os_string();
                    file.push(suffix);
                    // the journal goes with the last connection
                    drop(std::fs::remove_file(file));
                }
            }
            Self::OnServer(server, name) => {
                administer(&server, &format!("DROP DATABASE {name}")).await;
            }
        }
    }
}

/// Runs a statement that no transaction may hold.
async fn administer(server: &str, statement: &str) {
    let url = DatabaseUrl::parse(server).expect("the server's URL");
    let db = Db::connect(&url, &Options::default()).await.expect("the server answers");
    let mut connection = db.read().await.expect("a connection");
    connection.execute(statement, &[]).await.expect(statement);
    drop(connection);
    db.close().await;
}
