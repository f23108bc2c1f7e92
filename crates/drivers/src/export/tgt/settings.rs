//! How the exports by tgt are configured.

use std::path::{Path, PathBuf};

use super::{UNIT, invalid, wire};
use crate::error::DriverError;
use crate::export::location::{Location, is_target_name};

/// tgt's only portal group.
const PORTAL_GROUP: u32 = 1;

/// Longest text that the column `provider_location` takes.
const LONGEST_LOCATION: usize = 255;

/// How volumes are exported by tgt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TgtSettings {
    /// tgtd's socket, as its own variable `TGT_IPC_SOCKET` says; `None` is tgt's default.
    pub socket: Option<PathBuf>,
    /// Addresses that hosts reach tgtd at, the first one before all; IPv6 without brackets.
    pub addresses: Vec<String>,
    /// The port at all of them.
    pub port: u16,
    /// What the names of targets begin with; the volume's name follows. See [`TgtSettings::takes_prefix`].
    pub prefix: String,
    /// Whether new exports ask for an account.
    pub chap: bool,
    /// Whether hosts are told that there is a cache which they must flush; else each write is on disk when it is answered.
    pub write_cache: bool,
    /// How tgtd opens the files besides: words of tgt's `bsoflags`, with colons between them.
    pub flags: String,
}

impl TgtSettings {
    /// Exports at this address with Cinder's defaults.
    #[must_use]
    pub fn new(address: impl Into<String>) -> Self {
        Self {
            socket: None,
            addresses: vec![address.into()],
            port: 3260,
            prefix: "iqn.2010-10.org.openstack:".to_owned(),
            chap: true,
            write_cache: true,
            flags: String::new(),
        }
    }

    /// Whether targets can have names that begin so: letters, digits, colons, dots and hyphens, and not too many.
    #[must_use]
    pub fn takes_prefix(prefix: &str) -> bool {
        let longest = "volume-00000000-0000-0000-0000-000000000000";
        is_target_name(prefix) && is_target_name(&format!("{prefix}{longest}"))
    }

    /// The file of tgtd's socket.
    #[must_use]
    pub fn socket_file(&self) -> PathBuf {
        wire::socket_file(self.socket())
    }

    pub(super) fn socket(&self) -> &Path {
        self.socket.as_deref().unwrap_or(Path::new(wire::DEFAULT_SOCKET))
    }

    /// Where a new export of the volume is.
    pub(super) fn location(&self, name: &str) -> Result<Location, DriverError> {
        let portal = |address: &String| match address.contains(':') && !address.starts_with('[') {
            true => format!("[{address}]:{}", self.port),
            false => format!("{address}:{}", self.port),
        };
        let location = Location {
            portals: self.addresses.iter().map(portal).collect(),
            group: PORTAL_GROUP,
            iqn: format!("{}{name}", self.prefix),
            lun: UNIT,
        };
        if !is_target_name(&location.iqn) {
            return Err(invalid(format!("iSCSI has no target names such as {}", location.iqn)));
        }
        if location.to_string().len() > LONGEST_LOCATION {
            return Err(invalid("there are too many addresses for the tables to keep".to_owned()));
        }
        Ok(location)
    }
}
