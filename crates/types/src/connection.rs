//! How a host reaches a volume: what the host says of itself, and what it is told in return.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a host says of itself, as os-brick gathers it: `host`, `ip`, `initiator`, `multipath`, …
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Connector(pub Map<String, Value>);

impl Connector {
    /// The text under `key`.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).and_then(Value::as_str)
    }

    /// The host's name, as it says.
    #[must_use]
    pub fn host(&self) -> Option<&str> {
        self.text("host")
    }
}

/// What a host is told, in the form that os-brick takes. It may hold a password: `Debug` shows the kind alone.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ConnectionInfo {
    /// `iscsi`, `local`: which of os-brick's connectors it is for.
    pub driver_volume_type: String,
    /// What that connector wants to know.
    pub data: Map<String, Value>,
}

/// The key of the kind in the flat form.
const KIND: &str = "driver_volume_type";

impl ConnectionInfo {
    /// One flat object, as the attachments API shows it and Cinder's table keeps it.
    #[must_use]
    pub fn flat(&self) -> Map<String, Value> {
        let mut flat = self.data.clone();
        flat.insert(KIND.to_owned(), Value::from(self.driver_volume_type.as_str()));
        flat
    }

    /// Reads the flat form; nothing when it does not name the kind, as where nothing is connected.
    #[must_use]
    pub fn from_flat(mut flat: Map<String, Value>) -> Option<Self> {
        match flat.remove(KIND) {
            Some(Value::String(driver_volume_type)) => {
                Some(Self { driver_volume_type, data: flat })
            }
            _ => None,
        }
    }
}

impl fmt::Debug for ConnectionInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionInfo")
            .field("driver_volume_type", &self.driver_volume_type)
            .finish_non_exhaustive()
    }
}

/// What the tables keep of an export: the columns `provider_location` and `provider_auth` of a volume. `Debug` does
/// not show the latter.
#[derive(Clone, PartialEq, Eq)]
pub struct Export {
    /// For iSCSI `<address>:<port>,<portal group> <target name> <lun>`, as Cinder writes it.
    pub provider_location: String,
    /// `CHAP <user> <password>`, as Cinder writes it; none where no password is asked for.
    pub provider_auth: Option<String>,
}

impl fmt::Debug for Export {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Export")
            .field("provider_location", &self.provider_location)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flat_form_reads_back() {
        let mut data = Map::new();
        data.insert("target_lun".to_owned(), Value::from(1));
        let info = ConnectionInfo { driver_volume_type: "iscsi".to_owned(), data };
        assert_eq!(ConnectionInfo::from_flat(info.flat()), Some(info));
        assert_eq!(ConnectionInfo::from_flat(Map::new()), None);
    }

    #[test]
    fn no_password_is_shown() {
        let auth = "CHAP user s3cret".to_owned();
        let export =
            Export { provider_location: "p".to_owned(), provider_auth: Some(auth.clone()) };
        let mut data = Map::new();
        data.insert("auth_password".to_owned(), Value::from("s3cret"));
        let info = ConnectionInfo { driver_volume_type: "iscsi".to_owned(), data };
        assert!(!format!("{export:?} {info:?}").contains("s3cret"));
    }
}
