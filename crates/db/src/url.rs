//! Database URLs as `[database] connection` has them: SQLAlchemy's form.

use std::fmt;
use std::path::PathBuf;

use crate::{DbError, Engine};

/// Where the database is. Its `Debug` and `Display` show no password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(PathBuf),
    /// A PostgreSQL server: the URL in the driver's own form.
    Postgres(String),
    /// A MariaDB or MySQL server: the URL in the driver's own form.
    Mysql(String),
}

impl DatabaseUrl {
    /// Reads `sqlite:///relative`, `sqlite:////absolute`, `postgresql[+driver]://…`,
    /// `mysql[+driver]://…` and `mariadb[+driver]://…`. Driver names and `charset` are accepted
    /// and have no effect here.
    ///
    /// # Errors
    /// [`DbError::Url`] with the reason, without the URL's password.
    pub fn parse(text: &str) -> Result<Self, DbError> {
        let (scheme, rest) = text.split_once("://").ok_or_else(|| {
            DbError::Url("expected scheme://…, for instance sqlite:////path".into())
        })?;
        let dialect = scheme.split('+').next().unwrap_or(scheme);
        match dialect {
            "sqlite" => {
                let path = rest.split('?').next().unwrap_or(rest);
                match path.strip_prefix('/') {
                    Some(path) if !path.is_empty() => Ok(Self::Sqlite(PathBuf::from(path))),
                    _ => Err(DbError::Url("sqlite needs a file: sqlite:////absolute/path".into())),
                }
            }
            "postgresql" | "postgres" => Ok(Self::Postgres(rewrite("postgres", rest)?)),
            "mysql" | "mariadb" => Ok(Self::Mysql(rewrite("mysql", rest)?)),
            other => Err(DbError::Url(format!(
                "'{other}' is not a database we run on; use sqlite, postgresql or mysql"
            ))),
        }
    }

    /// The kind of engine behind it.
    #[must_use]
    pub fn engine(&self) -> Engine {
        match self {
            Self::Sqlite(_) => Engine::Sqlite,
            Self::Postgres(_) => Engine::Postgres,
            Self::Mysql(_) => Engine::Mysql,
        }
    }
}

/// Drops the options that only Python's drivers know and keeps those that name TLS.
fn rewrite(scheme: &str, rest: &str) -> Result<String, DbError> {
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        match (scheme, key) {
            (_, "charset" | "read_timeout" | "connect_timeout" | "plugin") => {}
            ("mysql", "ssl_ca") => {
                kept.push(format!("ssl-mode=VERIFY_CA&ssl-ca={value}"));
            }
            ("mysql", "ssl_cert") => kept.push(format!("ssl-cert={value}")),
            ("mysql", "ssl_key") => kept.push(format!("ssl-key={value}")),
            ("mysql", "ssl-mode" | "ssl-ca" | "ssl-cert" | "ssl-key" | "socket") => {
                kept.push(pair.to_owned());
            }
            ("mysql", "unix_socket") => kept.push(format!("socket={value}")),
            ("postgres", "sslmode" | "sslrootcert" | "sslcert" | "sslkey" | "host" | "options") => {
                kept.push(pair.to_owned());
            }
            _ => return Err(DbError::Url(format!("option '{key}' is not known"))),
        }
    }
    let query = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    Ok(format!("{scheme}://{place}{query}"))
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:///{}", path.display()),
            Self::Postgres(url) | Self::Mysql(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
                let place = rest.split('?').next().unwrap_or(rest);
                let place = place.rsplit_once('@').map_or(place, |(_, place)| place);
                write!(f, "{scheme}://{place}")
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cinders_urls_are_understood_and_show_no_password() {
        let url = DatabaseUrl::parse("mysql+pymysql://cinder:s3cret@db/cinder?charset=utf8")
            .expect("a URL");
        assert_eq!(url, DatabaseUrl::Mysql("mysql://cinder:s3cret@db/cinder".into()));
        assert_eq!(url.to_string(), "mysql://db/cinder");
        assert!(!format!("{url:?}").contains("s3cret"));
        assert_eq!(
            DatabaseUrl::parse("sqlite:////var/lib/ashlar.db").expect("a URL"),
            DatabaseUrl::Sqlite("/var/lib/ashlar.db".into())
        );
        assert!(DatabaseUrl::parse("oracle://x").is_err());
        assert!(DatabaseUrl::parse("postgresql://h/d?surprise=1").is_err());
    }
}
