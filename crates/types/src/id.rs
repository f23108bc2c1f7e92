//! Identities: one newtype for each kind of thing, all UUIDs on the wire and in the tables.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a UUID")]
pub struct NotAnId(pub String);

macro_rules! ids {
    ($made:ident, $version:ident, $how:literal; $($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            #[doc = $how]
            #[must_use]
            pub fn $made() -> Self {
                Self(Uuid::$version())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.as_hyphenated().fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            /// Accepts what Cinder calls "uuid-like": hyphens optional, any case.
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::try_parse(text).map(Self).map_err(|_| NotAnId(text.to_owned()))
            }
        }
    )*};
}

ids! {
    random, new_v4, "A fresh random identity (version 4, as Cinder makes them).";
    /// A volume.
    VolumeId;
    /// A snapshot of a volume.
    SnapshotId;
    /// A volume type.
    VolumeTypeId;
    /// QoS specs, which types may share.
    QosSpecsId;
    /// An attachment of a volume to a server or host.
    AttachmentId;
    /// A generic volume group.
    GroupId;
    /// A snapshot of a group.
    GroupSnapshotId;
    /// A group type.
    GroupTypeId;
    /// An offer of a volume to another project.
    TransferId;
    /// A user message.
    MessageId;
    /// An image of Glance's.
    ImageId;
}

ids! {
    // Rows that are written one after the other are then neighbours in the index, and a COMMIT has few pages to write.
    fresh, now_v7, "A fresh identity that begins with the time (version 7). It rises within a process, and is no secret.";
    /// A flow: one persisted operation.
    FlowId;
    /// Capacity promised on a pool and not yet allocated.
    HoldId;
    /// A stored placement decision.
    DecisionId;
    /// A page of stored placement decisions.
    PageId;
    /// A notification on its way out.
    NotificationId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_reads_with_or_without_hyphens_and_prints_with_them() {
        let plain: VolumeId = "0123456789ABCDEF0123456789abcdef".parse().expect("uuid-like");
        assert_eq!(plain.to_string(), "01234567-89ab-cdef-0123-456789abcdef");
        assert!("not-a-uuid".parse::<VolumeId>().is_err());
    }

    #[test]
    fn identities_of_our_own_rise() {
        let made: Vec<FlowId> = std::iter::repeat_with(FlowId::fresh).take(1000).collect();
        assert!(made.is_sorted_by(|one, next| one < next));
    }
}
