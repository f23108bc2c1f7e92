//! What can go wrong with an image, and what that means to a flow.

use std::io;

use ashlar_clients::ClientError;
use ashlar_drivers::{DriverError, FailureKind};
use ashlar_flow::TaskError;
use ashlar_images::Refused;
use ashlar_images::convert::{ConvertError, Kind};
use ashlar_images::stream::SaveError;
use ashlar_types::UserMessage;
use ashlar_types::message::{Action, Detail, Subject};

/// An image could not be got, or is of no use.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ImageError {
    /// Glance did not give it, or not all of it.
    #[error("the image cannot be had: {0}")]
    Glance(#[source] ClientError),
    /// It ended too early, although Glance said nothing of it.
    #[error("{0}")]
    Short(String),
    /// Its bytes are not what they should be.
    #[error("{0}")]
    Unacceptable(String),
    /// Its digest is another.
    #[error("{0}")]
    Digest(String),
    /// The disk in it is larger than the volume.
    #[error("{0}")]
    TooBig(String),
    /// The directory for conversions has no room for it.
    #[error("there is no space in image_conversion_dir for the image")]
    NoRoom,
    /// That directory fails otherwise.
    #[error("image_conversion_dir cannot be used: {0}")]
    Directory(#[source] io::Error),
    /// What the volume is written to is full.
    #[error("the backend has no space left for the image's content")]
    TargetFull,
    /// What the volume is written to fails otherwise.
    #[error("the volume cannot be written: {0}")]
    Target(String),
    /// `qemu-img` failed for a reason that is not the image's fault, or took more than it may.
    #[error("{0}")]
    Conversion(ConvertError),
}

/// Where bytes are written to: that decides whose fault a full disk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Into {
    /// The volume itself.
    Volume,
    /// A file in the directory for conversions.
    Directory,
}

impl ImageError {
    /// Of the directory for conversions.
    pub(crate) fn of_directory(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoRoom,
            _ => Self::Directory(error),
        }
    }

    /// Of a download that went `into` somewhere.
    pub(crate) fn of_download(error: SaveError<ClientError>, into: Into) -> Self {
        let text = error.to_string();
        match (error, into) {
            (SaveError::Source(error), _) => Self::Glance(error),
            (SaveError::Refused(refused), _) => refused.into(),
            (SaveError::Short { .. }, _) => Self::Short(text),
            (SaveError::Long { promised: false, .. }, _) => Self::TooBig(text),
            (SaveError::Long { promised: true, .. }, _) => Self::Unacceptable(text),
            (SaveError::Digest { .. } | SaveError::UnknownAlgorithm, _) => Self::Digest(text),
            (SaveError::NoSpace, Into::Volume) => Self::TargetFull,
            (SaveError::NoSpace, Into::Directory) => Self::NoRoom,
            (SaveError::Write(error), Into::Volume) => Self::Target(error.to_string()),
            (SaveError::Write(error), Into::Directory) => Self::of_directory(error),
        }
    }

    /// Of a conversion that wrote `into` somewhere.
    pub(crate) fn of_conversion(error: ConvertError, into: Into) -> Self {
        match (error.kind, into) {
            (Kind::NoSpace, Into::Volume) => Self::TargetFull,
            (Kind::NoSpace, Into::Directory) => Self::NoRoom,
            (Kind::TooBig, _) => Self::TooBig(error.to_string()),
            (Kind::Malformed, _) => Self::Unacceptable(error.to_string()),
            _ => Self::Conversion(error),
        }
    }

    /// The backend's failure that it is, if it is one.
    pub(crate) fn of_driver(&self) -> Option<DriverError> {
        let kind = match self {
            Self::TargetFull => FailureKind::NoSpace,
            Self::Target(_) => FailureKind::Broken,
            _ => return None,
        };
        Some(DriverError::new(kind, self.to_string()))
    }
}

impl From<Refused> for ImageError {
    fn from(refused: Refused) -> Self {
        let text = format!("the image is refused: {refused}");
        match refused {
            Refused::TooLarge { .. } => Self::TooBig(text),
            Refused::Unread(error) => Self::of_directory(error),
            _ => Self::Unacceptable(text),
        }
    }
}

/// Whether it may pass, and what the user is told when not.
pub(crate) fn classify(error: &ImageError) -> TaskError {
    let text: ashlar_flow::outcome::Source = error.to_string().into();
    let detail = match error {
        ImageError::Glance(ClientError::Unreachable { .. }) | ImageError::Short(_) => {
            return TaskError::Retry(text);
        }
        ImageError::TooBig(_) | ImageError::NoRoom => Detail::ImageTooBig,
        ImageError::Unacceptable(_) => Detail::ImageFormatUnacceptable,
        ImageError::Digest(_) => Detail::SignatureFailed,
        ImageError::TargetFull | ImageError::Target(_) => Detail::DriverFailedCreate,
        ImageError::Glance(_) | ImageError::Directory(_) | ImageError::Conversion(_) => {
            Detail::UnknownError
        }
    };
    let message =
        UserMessage { action: Action::CopyImageToVolume, detail, subject: Subject::Volume };
    TaskError::Reject(message, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_too_big_and_what_is_longer_than_promised_is_not_acceptable() {
        let error = |promised| {
            ImageError::of_download(SaveError::Long { allowed: 1, promised }, Into::Volume)
        };
        assert!(matches!(error(false), ImageError::TooBig(_)));
        assert!(matches!(error(true), ImageError::Unacceptable(_)));
    }
}
