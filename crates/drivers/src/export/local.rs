//! `target_helper = local`: no export at all. Whoever runs on this machine opens the file itself, through os-brick's
//! connector for local devices.

use std::path::Path;

use ashlar_types::{ConnectionInfo, Connector};
use serde_json::{Map, Value};

use crate::error::{DriverError, FailureKind};

/// Which hosts are this machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LocalSettings {
    /// The names that this machine goes by: its own, and what `host` and `backend_host` call it. In any case.
    pub hosts: Vec<String>,
    /// The addresses that it goes by: `my_ip`.
    pub addresses: Vec<String>,
}

impl LocalSettings {
    /// The file, for a host that is this machine.
    pub(super) fn connect(
        &self,
        path: &Path,
        connector: &Connector,
    ) -> Result<ConnectionInfo, DriverError> {
        if !self.is_here(connector) {
            let host = connector.host().or_else(|| connector.text("ip")).unwrap_or_default();
            let host: String = host.chars().take(64).collect();
            return Err(invalid(format!(
                "the host {host:?} cannot reach the volume: with target_helper = local volumes are for this machine \
                 alone, which is {}; target_helper = tgtadm exports them by iSCSI",
                self.shown()
            )));
        }
        let Some(path) = path.to_str() else {
            return Err(invalid("the path of the volume is not text".to_owned()));
        };
        let mut data = Map::new();
        data.insert("device_path".to_owned(), Value::from(path));
        Ok(ConnectionInfo { driver_volume_type: "local".to_owned(), data })
    }

    fn is_here(&self, connector: &Connector) -> bool {
        let named = |host: &str| self.hosts.iter().any(|own| own.eq_ignore_ascii_case(host));
        connector.host().is_some_and(named)
            || connector.text("ip").is_some_and(|ip| self.addresses.iter().any(|own| own == ip))
    }

    fn shown(&self) -> String {
        let all: Vec<_> =
            self.hosts.iter().chain(&self.addresses).map(|own| format!("'{own}'")).collect();
        all.join(" or ")
    }
}

fn invalid(message: String) -> DriverError {
    DriverError::new(FailureKind::Invalid, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connector(pairs: &[(&str, &str)]) -> Connector {
        Connector(pairs.iter().map(|(k, v)| ((*k).to_owned(), Value::from(*v))).collect())
    }

    fn here() -> LocalSettings {
        LocalSettings {
            hosts: vec!["node1".to_owned(), "storage".to_owned()],
            addresses: vec!["192.0.2.1".to_owned()],
        }
    }

    #[test]
    fn this_machine_gets_the_path_by_any_of_its_names() {
        for pairs in [[("host", "Node1")], [("host", "storage")], [("ip", "192.0.2.1")]] {
            let info = here().connect(Path::new("/v/volume-1"), &connector(&pairs)).expect("here");
            assert_eq!(info.driver_volume_type, "local");
            assert_eq!(info.data["device_path"], "/v/volume-1");
        }
    }

    #[test]
    fn another_machine_hears_which_hosts_there_are() {
        let error = here()
            .connect(Path::new("/v/volume-1"), &connector(&[("host", "node2")]))
            .expect_err("elsewhere");
        assert_eq!(error.kind, FailureKind::Invalid);
        let text = error.to_string();
        assert!(
            text.contains("\"node2\"") && text.contains("'node1' or 'storage' or '192.0.2.1'"),
            "{text}"
        );
        here().connect(Path::new("/v/volume-1"), &Connector::default()).expect_err("says nothing");
    }
}
