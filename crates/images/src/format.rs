//! The formats of images, by the names that Glance and `qemu-img` have for them.

use std::fmt;
use std::str::FromStr;

/// How the bytes of an image are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Format {
    /// The disk's own bytes.
    Raw,
    /// QEMU's copy on write, version 2 or 3.
    Qcow2,
    /// VMware's, as one file.
    Vmdk,
    /// Virtual PC's, fixed or dynamic.
    Vhd,
    /// Hyper-V's.
    Vhdx,
    /// VirtualBox's.
    Vdi,
    /// An optical disk: plain bytes too, with a file system that must be there.
    Iso,
    /// Parallels' and Virtuozzo's.
    Ploop,
}

/// A disk format of Glance of which no volume can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no volume can be made from this disk format")]
pub struct UnknownFormat;

impl Format {
    /// Every format.
    pub const ALL: [Self; 8] = [
        Self::Raw,
        Self::Qcow2,
        Self::Vmdk,
        Self::Vhd,
        Self::Vhdx,
        Self::Vdi,
        Self::Iso,
        Self::Ploop,
    ];

    /// Glance's name, as in `disk_format`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Qcow2 => "qcow2",
            Self::Vmdk => "vmdk",
            Self::Vhd => "vhd",
            Self::Vhdx => "vhdx",
            Self::Vdi => "vdi",
            Self::Iso => "iso",
            Self::Ploop => "ploop",
        }
    }

    /// The name of the driver that `qemu-img` reads and writes it with.
    #[must_use]
    pub fn driver(self) -> &'static str {
        match self {
            Self::Vhd => "vpc",
            Self::Ploop => "parallels",
            Self::Iso => "raw",
            other => other.name(),
        }
    }

    /// The bytes are the disk's own, so that they go into a volume without being converted.
    #[must_use]
    pub fn is_plain(self) -> bool {
        matches!(self, Self::Raw | Self::Iso)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownFormat;

    /// Takes Glance's names in any case. `ami` is a plain disk; Cinder lets `qemu-img` guess what it is, which is
    /// what must never happen.
    fn from_str(name: &str) -> Result<Self, UnknownFormat> {
        if name.eq_ignore_ascii_case("ami") {
            return Ok(Self::Raw);
        }
        let known = Self::ALL.into_iter().find(|format| name.eq_ignore_ascii_case(format.name()));
        known.ok_or(UnknownFormat)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_glance_are_read_in_any_case() {
        for format in Format::ALL {
            assert_eq!(format.name().parse(), Ok(format));
            assert_eq!(format.name().to_uppercase().parse(), Ok(format));
        }
        assert_eq!("ami".parse(), Ok(Format::Raw));
        for other in ["", "aki", "ari", "luks", "qed", "raw "] {
            assert_eq!(other.parse::<Format>(), Err(UnknownFormat));
        }
    }
}
