//! Exports of the simulated backend: remembered, with who was let in, and shaped as os-brick takes them for iSCSI.

use std::collections::{BTreeMap, BTreeSet};

use ashlar_types::{ConnectionInfo, Connector, Export};
use serde_json::{Map, Value, json};

use crate::driver::VolumeRef;
use crate::error::{DriverError, FailureKind};

/// What a simulated export looks like from outside, for tests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SimExport {
    /// What the tables were told to keep.
    pub export: Export,
    /// The hosts that were let in, by their names, initiators or addresses.
    pub hosts: BTreeSet<String>,
}

/// All exports, by pool and name.
#[derive(Debug, Default)]
pub(super) struct Exports {
    all: BTreeMap<(String, String), SimExport>,
    /// How many were made: each gets another password.
    made: u64,
}

impl Exports {
    pub(super) fn get(&self, pool: &str, name: &str) -> Option<&SimExport> {
        self.all.get(&(pool.to_owned(), name.to_owned()))
    }

    /// Names of the volumes that are exported, in order.
    pub(super) fn names(&self) -> Vec<String> {
        self.all.keys().map(|(_, name)| name.clone()).collect()
    }

    pub(super) fn clear(&mut self) {
        self.all.clear();
    }

    pub(super) fn ensure(&mut self, volume: VolumeRef<'_>, kept: Option<&Export>) -> Export {
        let kept = kept.filter(|kept| is_ours(volume.name, kept));
        let export = match (self.get(volume.pool, volume.name), kept) {
            (_, Some(kept)) => kept.clone(),
            (Some(there), None) => there.export.clone(),
            (None, None) => {
                self.made += 1;
                made_up(volume.name, self.made)
            }
        };
        let key = (volume.pool.to_owned(), volume.name.to_owned());
        let there = self
            .all
            .entry(key)
            .or_insert_with(|| SimExport { export: export.clone(), hosts: BTreeSet::new() });
        there.export = export.clone();
        export
    }

    pub(super) fn destroy(&mut self, pool: &str, name: &str) {
        self.all.remove(&(pool.to_owned(), name.to_owned()));
    }

    pub(super) fn connect(
        &mut self,
        volume: VolumeRef<'_>,
        export: Option<&Export>,
        connector: &Connector,
    ) -> Result<ConnectionInfo, DriverError> {
        let key = (volume.pool.to_owned(), volume.name.to_owned());
        let there = self.all.get_mut(&key);
        let (Some(there), Some(export)) = (there, export) else {
            return Err(invalid(format!("{} is not exported", volume.name)));
        };
        if there.export != *export {
            return Err(invalid(format!("{} is exported in another way", volume.name)));
        }
        let Some(host) = host(connector) else {
            return Err(invalid(
                "the connector names no host, no initiator and no address".to_owned(),
            ));
        };
        there.hosts.insert(host.to_owned());
        Ok(ConnectionInfo {
            driver_volume_type: "iscsi".to_owned(),
            data: data(volume.name, &there.export),
        })
    }

    pub(super) fn disconnect(&mut self, pool: &str, name: &str, connector: Option<&Connector>) {
        if let Some(there) = self.all.get_mut(&(pool.to_owned(), name.to_owned())) {
            match connector {
                Some(connector) => {
                    there.hosts.retain(|known| Some(known.as_str()) != host(connector));
                }
                None => there.hosts.clear(),
            }
        }
    }
}

fn host(connector: &Connector) -> Option<&str> {
    connector.host().or_else(|| connector.text("initiator")).or_else(|| connector.text("ip"))
}

/// What tables of real backends may hold too is not kept: the path of a file, for instance.
fn is_ours(name: &str, kept: &Export) -> bool {
    kept.provider_location.ends_with(&format!(":{name} 1"))
}

fn made_up(name: &str, number: u64) -> Export {
    Export {
        provider_location: format!("127.0.0.1:3260,1 iqn.2010-10.org.openstack:{name} 1"),
        provider_auth: Some(format!("CHAP simulated-user-{number} simulated-password-{number}")),
    }
}

fn data(name: &str, export: &Export) -> Map<String, Value> {
    let mut words = export.provider_location.split(' ');
    let portal = words.next().and_then(|place| place.split(',').next());
    let mut data = json!({
        "target_discovered": false,
        "target_portal": portal,
        "target_iqn": words.next(),
        "target_lun": 1,
        "volume_id": name.strip_prefix("volume-"),
        "encrypted": false,
    });
    let auth: Vec<&str> = export.provider_auth.as_deref().unwrap_or_default().split(' ').collect();
    if let [method, user, password] = auth[..] {
        data["auth_method"] = method.into();
        data["auth_username"] = user.into();
        data["auth_password"] = password.into();
    }
    if let Value::Object(data) = data { data } else { Map::new() }
}

fn invalid(message: String) -> DriverError {
    DriverError::new(FailureKind::Invalid, message)
}
