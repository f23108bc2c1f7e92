//! From the name in `volume_driver` to a driver.

use std::str::FromStr;
use std::sync::Arc;

use crate::driver::Driver;
use crate::file::{FileDriver, FileSettings};
use crate::sim::{Sim, SimSettings};

/// The drivers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DriverName {
    /// Sparse files in a directory.
    File,
    /// Simulated, in memory.
    Sim,
}

/// No driver has that name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown volume driver '{name}'; known are {}", known())]
pub struct UnknownDriver {
    /// What was asked for.
    pub name: String,
}

impl DriverName {
    /// Every driver there is.
    pub const ALL: &'static [Self] = &[Self::File, Self::Sim];

    /// Its short name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Sim => "sim",
        }
    }

    /// Its name in the style of Cinder's class paths.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::File => "ashlar.drivers.file",
            Self::Sim => "ashlar.drivers.sim",
        }
    }
}

impl FromStr for DriverName {
    type Err = UnknownDriver;

    /// Takes the short name and the long one. Cinder's class paths are refused: its drivers keep their
    /// volumes in other ways, and guessing would put data where the operator does not look.
    fn from_str(text: &str) -> Result<Self, UnknownDriver> {
        let text = text.trim();
        Self::ALL
            .iter()
            .copied()
            .find(|driver| text == driver.as_str() || text == driver.path())
            .ok_or_else(|| UnknownDriver { name: text.to_owned() })
    }
}

/// A driver's settings, by driver.
#[derive(Debug, Clone, PartialEq)]
pub enum Settings {
    /// For `file`.
    File(FileSettings),
    /// For `sim`.
    Sim(SimSettings),
}

/// Makes the driver. Touches no storage yet: `check_setup` does.
#[must_use]
pub fn open(settings: Settings) -> Arc<dyn Driver> {
    match settings {
        Settings::File(settings) => Arc::new(FileDriver::new(settings)),
        Settings::Sim(settings) => Arc::new(Sim::new(settings)),
    }
}

fn known() -> String {
    let names: Vec<_> =
        DriverName::ALL.iter().map(|d| format!("'{}' ({})", d.as_str(), d.path())).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_driver_is_known_by_its_short_and_its_long_name() {
        for driver in DriverName::ALL {
            assert_eq!(driver.as_str().parse(), Ok(*driver));
            assert_eq!(driver.path().parse(), Ok(*driver));
        }
    }

    #[test]
    fn an_unknown_driver_is_refused_with_the_names_of_those_known() {
        let error =
            "cinder.volume.drivers.nfs.NfsDriver".parse::<DriverName>().expect_err("unknown");
        assert_eq!(
            error.to_string(),
            "unknown volume driver 'cinder.volume.drivers.nfs.NfsDriver'; known are \
             'file' (ashlar.drivers.file), 'sim' (ashlar.drivers.sim)"
        );
    }
}
