//! Taking over what lies on a backend already, and letting go of what is ours so that it stays there.
//!
//! What is let go keeps its name, `volume-<id>` or `snapshot-<id>`, as it does in Cinder: whether a thing of such a name is
//! ours is known by the tables alone. So a driver lists what it finds under any name, and whoever calls it sees to it that
//! nothing is taken over under whose name a volume or a snapshot lives.

use ashlar_types::Gib;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::driver::{Answer, Kind, Made, Reading, SnapshotRef, VolumeRef};
use crate::error::{DriverError, FailureKind};

/// Longest name that a reference may have, in bytes: that of a file.
const LONGEST: usize = 255;
/// So ends the name of a thing that is still being made.
const HALF_MADE: &str = ".part";

/// What names a thing on the backend: `{"source-name": "…"}`, a name and never a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference {
    #[serde(rename = "source-name")]
    source_name: String,
    /// What it must be, where that is known.
    #[serde(skip)]
    mark: Option<Mark>,
}

/// By which a file is known again, so that what was measured is what is taken over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// The number of the device that it is on.
    pub device: u64,
    /// The number of its inode there.
    pub inode: u64,
    /// Its length in bytes.
    pub length: u64,
}

impl Reference {
    /// The reference in what a client wrote: an object with `source-name` alone, or the name by itself.
    ///
    /// # Errors
    /// `Invalid`, also for a name that [`Self::named`] refuses.
    pub fn read(value: &Value) -> Result<Self, DriverError> {
        let name = match value {
            Value::String(name) => Some(name.as_str()),
            Value::Object(members) if members.len() == 1 => {
                members.get("source-name").and_then(Value::as_str)
            }
            _ => None,
        };
        let name = name.ok_or_else(|| {
            invalid("the reference must be an object with the element 'source-name' alone".into())
        })?;
        Self::named(name)
    }

    /// The reference to the thing of this name.
    ///
    /// # Errors
    /// `Invalid` for a name that could be a path, that is hidden, that cannot be shown, or that says that the thing is
    /// still being made.
    pub fn named(name: &str) -> Result<Self, DriverError> {
        let reference = Self { source_name: name.to_owned(), mark: None };
        reference.check().map(|()| reference)
    }

    /// As [`Self::named`], for a reference that was kept somewhere in between.
    pub(crate) fn check(&self) -> Result<(), DriverError> {
        let name = self.source_name.as_str();
        let odd = |sign: char| sign == '/' || sign == '\\' || sign.is_control();
        let fits = !name.is_empty()
            && name.len() <= LONGEST
            && !name.starts_with('.')
            && !name.ends_with(HALF_MADE)
            && !name.chars().any(odd);
        if fits {
            return Ok(());
        }
        let shown: String = name.chars().take(64).collect();
        Err(invalid(format!(
            "{shown:?} names nothing that can be taken over: it must be the plain name of something that lies \
             beside the backend's volumes"
        )))
    }

    /// The same, for nothing but what was measured.
    #[must_use]
    pub fn marked(self, mark: Option<Mark>) -> Self {
        Self { mark, ..self }
    }

    /// What it must be, where that is known.
    #[must_use]
    pub fn mark(&self) -> Option<Mark> {
        self.mark
    }

    /// The name.
    #[must_use]
    pub fn source_name(&self) -> &str {
        &self.source_name
    }
}

/// A volume or a snapshot as the tables name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing<'a> {
    /// A volume.
    Volume(VolumeRef<'a>),
    /// A snapshot.
    Snapshot(SnapshotRef<'a>),
}

impl<'a> Thing<'a> {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Volume(_) => Kind::Volume,
            Self::Snapshot(_) => Kind::Snapshot,
        }
    }

    /// Its name on the backend.
    #[must_use]
    pub fn name(&self) -> &'a str {
        match self {
            Self::Volume(volume) => volume.name,
            Self::Snapshot(snapshot) => snapshot.name,
        }
    }

    /// The pool that it is in.
    #[must_use]
    pub fn pool(&self) -> &'a str {
        match self {
            Self::Volume(volume) => volume.pool,
            Self::Snapshot(snapshot) => snapshot.pool,
        }
    }

    pub(crate) fn check(&self) -> Result<(), DriverError> {
        crate::refusal::check(self.kind(), self.name())
    }
}

/// Something on the backend, ours or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manageable {
    /// What names it.
    pub reference: Reference,
    /// The pool it is in.
    pub pool: String,
    /// Its size, rounded up.
    pub size: Gib,
    /// Why it cannot be taken over, as far as the backend can tell.
    pub unfit: Option<String>,
    /// What else the backend says of it.
    pub extra_info: Option<String>,
}

/// Something on the backend that may be taken over, as it is now.
#[derive(Debug)]
pub struct Measured {
    /// The pool it is in.
    pub pool: String,
    /// Its size, rounded up.
    pub size: Gib,
    /// Its bytes, for a look at what they are.
    pub reading: Reading,
    /// By which it is known again, on a backend that can tell.
    pub mark: Option<Mark>,
}

/// What a backend must be able to do for things to come and go without being made and destroyed. Every call may be
/// repeated.
pub trait Manage: Send + Sync + 'static {
    /// What lies on the backend under a name of this kind: `snapshot-<id>` is a snapshot, any other name may be a
    /// volume's. Things that are still being made, and what can be neither, are left out. In no particular order.
    ///
    /// # Errors
    /// `Invalid` when there is more than can be listed.
    fn list_manageable(&self, kind: Kind) -> Answer<'_, Vec<Manageable>>;

    /// Looks at what a reference names, in the pool or in any.
    ///
    /// # Errors
    /// `NotFound` when nothing has that name, `Invalid` when it cannot be taken over.
    fn measure<'a>(
        &'a self,
        reference: &'a Reference,
        pool: Option<&'a str>,
    ) -> Answer<'a, Measured>;

    /// Takes over what `reference` names: it becomes `thing`, with the bytes and the length that it has.
    ///
    /// # Errors
    /// As [`Manage::measure`], unless the thing is there already; `Invalid` when it is not what the reference is marked
    /// with.
    fn ensure_managed<'a>(&'a self, thing: Thing<'a>, reference: &'a Reference)
    -> Answer<'a, Made>;

    /// Lets the thing go: it keeps its bytes and is offered to no host. With `to` it gets back the name that it had
    /// before it was taken over, or, when something else has that by now, another one that is none of ours; without it
    /// keeps the one that it has. Fine when it is not there.
    fn ensure_released<'a>(&'a self, thing: Thing<'a>, to: Option<&'a Reference>)
    -> Answer<'a, ()>;
}

/// The name of what cannot have its earlier one back. Under ours it would be removed with the row of what could not be
/// managed.
pub(crate) fn given_back(name: &str) -> String {
    format!("given-back-{name}")
}

pub(crate) fn invalid(message: String) -> DriverError {
    DriverError::new(FailureKind::Invalid, message)
}

/// Nothing has that name.
pub(crate) fn not_found(reference: &Reference) -> DriverError {
    let name = reference.source_name();
    DriverError::new(FailureKind::NotFound, format!("there is no {name:?} on the backend"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_is_a_plain_name_in_one_of_two_forms() {
        let read = |value: Value| Reference::read(&value).map(|it| it.source_name().to_owned());
        assert_eq!(read(json!({ "source-name": "disk 1.img" })).expect("a name"), "disk 1.img");
        assert_eq!(read(json!("volume-1")).expect("a name"), "volume-1");
        for wrong in [
            json!(null),
            json!(7),
            json!([]),
            json!({}),
            json!({ "source-id": "x" }),
            json!({ "source-name": 7 }),
            json!({ "source-name": "x", "path": "/etc" }),
        ] {
            let error = read(wrong.clone()).expect_err("no reference");
            assert_eq!(error.kind, FailureKind::Invalid, "{wrong}");
        }
    }

    #[test]
    fn a_name_that_could_lead_elsewhere_is_refused() {
        let long = "a".repeat(256);
        for name in [
            "",
            ".",
            "..",
            "../x",
            "/etc/passwd",
            "a/b",
            "a\\b",
            ".nfs01",
            "a\0",
            "a\nb",
            "volume-1.part",
            &long,
        ] {
            let error = Reference::named(name).expect_err("refused");
            assert_eq!(error.kind, FailureKind::Invalid, "{name:?}");
        }
        assert!(Reference::named(&"a".repeat(255)).is_ok());
    }
}
