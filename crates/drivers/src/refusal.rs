//! What every driver refuses: names other than `volume-<id>` and `snapshot-<id>`, since paths are made of
//! them, and sizes that make no sense.

use ashlar_types::{Gib, VolumeId};

use crate::driver::{Kind, VolumeRef};
use crate::error::{DriverError, FailureKind};

/// Longest name taken; leaves room for a suffix within the 255 bytes of a file name.
const LONGEST: usize = 200;

/// The prefix that tells kinds apart on the backend. These are Cinder's default name templates.
pub(crate) const fn prefix(kind: Kind) -> &'static str {
    match kind {
        Kind::Volume => "volume-",
        Kind::Snapshot => "snapshot-",
    }
}

/// The kind that a name says, when it is one of ours.
pub(crate) fn kind_of(name: &str) -> Option<Kind> {
    [Kind::Volume, Kind::Snapshot].into_iter().find(|kind| is_ours(*kind, name))
}

/// Whether the name is one that we give: the prefix, and an identity as we write it. The others that [`kind_of`] knows
/// may be an operator's.
pub(crate) fn is_given_by_us(name: &str) -> bool {
    let id = kind_of(name).and_then(|kind| name.strip_prefix(prefix(kind)));
    id.is_some_and(|id| id.parse().is_ok_and(|parsed: VolumeId| parsed.to_string() == id))
}

/// Refuses whatever is not the prefix and then letters, digits, hyphens and underscores.
pub(crate) fn check(kind: Kind, name: &str) -> Result<(), DriverError> {
    if is_ours(kind, name) {
        return Ok(());
    }
    let shown: String = name.chars().take(64).collect();
    let wanted = prefix(kind);
    Err(invalid(format!(
        "{shown:?} is no name for the backend: it must be '{wanted}' and an identity"
    )))
}

/// Refuses a size of nothing and one that the tables cannot hold.
pub(crate) fn check_size(name: &str, size: Gib) -> Result<(), DriverError> {
    if size == Gib(0) || size > Gib::MAX {
        return Err(invalid(format!("{name} cannot have a size of {size}")));
    }
    Ok(())
}

/// Refuses a copy that is smaller than its source.
pub(crate) fn check_holds(
    volume: VolumeRef<'_>,
    source: &str,
    size: Gib,
) -> Result<(), DriverError> {
    if volume.size < size {
        return Err(invalid(format!(
            "{} of {} cannot hold {source} of {size}",
            volume.name, volume.size
        )));
    }
    Ok(())
}

fn invalid(message: String) -> DriverError {
    DriverError::new(FailureKind::Invalid, message)
}

fn is_ours(kind: Kind, name: &str) -> bool {
    name.len() <= LONGEST
        && name.strip_prefix(prefix(kind)).is_some_and(|id| {
            !id.is_empty()
                && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        })
}
