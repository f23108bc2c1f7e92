//! Statuses as Cinder names them. The legal moves between them stand in `status/`.

mod attach;
mod group;
mod group_snapshot;
mod snapshot;
mod volume;

pub use attach::AttachStatus;
pub use group::GroupStatus;
pub use group_snapshot::GroupSnapshotStatus;
pub use snapshot::SnapshotStatus;
pub use volume::VolumeStatus;

/// The text is no status of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not a {kind} status")]
pub struct UnknownStatus {
    /// What has the status: "volume", "snapshot", "attach".
    pub kind: &'static str,
    /// What was read.
    pub text: String,
}

/// An enumeration whose variants have Cinder's spelling.
macro_rules! statuses {
    ($(#[$doc:meta])* $name:ident ($kind:literal) { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every status there is, in the order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Cinder's spelling.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)*
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::status::UnknownStatus;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$variant),)*
                    _ => Err($crate::status::UnknownStatus { kind: $kind, text: text.to_owned() }),
                }
            }
        }
    };
}
pub(crate) use statuses;
