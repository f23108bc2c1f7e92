//! `[database]`: where the tables are.

use std::time::Duration;

use super::options;
use crate::config::option::{Kind, Opt};

const SECTION: &str = "database";

options! {
    CONNECTION: String = Opt::new(SECTION, "connection", Kind::Own("a database URL"),
        "SQLAlchemy URL: sqlite:////absolute/path, postgresql://user:password@host/name or \
         mysql+pymysql://user:password@host/name. Cinder's default is a SQLite file named cinder.sqlite. A dollar \
         sign in a password is written twice.")
        .default("sqlite:///$state_path/ashlar.db")
        .deprecated(&[("DEFAULT", "sql_connection")])
        .secret();
    MAX_POOL_SIZE: u32 = Opt::new(SECTION, "max_pool_size", Kind::Integer(0, 100_000),
        "Connections that a process keeps to a database server; 0 is oslo.db's no limit, here 1000.")
        .default("5");
    MAX_OVERFLOW: u32 = Opt::new(SECTION, "max_overflow", Kind::Integer(0, 100_000),
        "Connections that it may open beyond those.")
        .default("50");
    POOL_TIMEOUT: Duration = Opt::new(SECTION, "pool_timeout", Kind::Integer(1, i64::MAX),
        "Seconds to wait for a free connection.")
        .default("30");
}
