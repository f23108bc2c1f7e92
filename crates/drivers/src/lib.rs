//! Drivers: code for one kind of storage each, behind one trait whose calls may all be repeated.
//!
//! `driver` is the trait, `error` what a failure means to the caller, `open` turns a configured name
//! into a driver, `contract` holds the laws that each driver must pass. `file` keeps volumes as
//! sparse files in a directory, and `export` is how hosts reach these; `sim` keeps them in memory and fails on
//! demand.

#[cfg(any(test, feature = "contract"))]
pub mod contract;
pub mod driver;
pub mod error;
pub mod export;
pub mod file;
mod filling;
pub mod manage;
pub mod open;
mod refusal;
pub mod sim;

pub use driver::{
    Content, Driver, Fill, Kind, Made, Moment, Reading, SnapshotRef, Stored, Target, VolumeRef,
};
pub use error::{DriverError, FailureKind, FillError};
pub use manage::{Manage, Manageable, Mark, Measured, Reference, Thing};
pub use open::{DriverName, Settings, UnknownDriver, open};
