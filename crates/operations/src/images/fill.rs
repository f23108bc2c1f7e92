//! Filling a volume with an image.
//!
//! Plain bytes go straight from the network into the volume; they are judged before the first of them is written. Others
//! lie in a nameless file first, are inspected there as a whole, and are converted from it.

use std::error::Error;
use std::fs::File;
use std::pin::pin;
use std::sync::Arc;

use ashlar_clients::glance::{As, Image};
use ashlar_db::Db;
use ashlar_drivers::{Content, Fill, Target};
use ashlar_images::convert::{self, Limits};
use ashlar_images::stream::{self, Digest, Hasher, Incoming};
use ashlar_images::{Format, Inspected, WriteBehind, inspect};
use ashlar_types::{FlowId, metric};
use futures::future::{BoxFuture, Either, select};

use super::failure::Into as Whither;
use super::{ImageError, Images, Reporter, tell_unseen};

/// Longest part of a digest that goes into a key.
const KEY_DIGITS: usize = 32;
/// What the metrics call the direction.
const DIRECTION: &str = "download";

/// One image, to be poured into volumes.
pub(crate) struct Filling {
    /// Where it comes from.
    pub(crate) images: Arc<Images>,
    /// As Glance described it when the volume was asked for.
    pub(crate) image: Image,
    /// What it is declared to be.
    pub(crate) format: Format,
    /// For the flow's progress.
    pub(crate) db: Db,
    /// Whose progress it is.
    pub(crate) flow: FlowId,
}

/// The content for a driver. Two of one key have the same bytes: an image that is `active` never changes them.
pub(crate) fn content(filling: Filling) -> Content {
    let Filling { image, format, .. } = &filling;
    let digest = digest(image).map_or_else(|| "unverified".to_owned(), |digest| digest.value);
    let digest: String =
        digest.chars().filter(char::is_ascii_alphanumeric).take(KEY_DIGITS).collect();
    let size = image.size.unwrap_or_default();
    let key = format!("{}-{format}-{digest}-{size}", image.id);
    Content { key, fill: Arc::new(filling) }
}

/// The strongest digest that is known of it and that can be computed here.
fn digest(image: &Image) -> Option<Digest> {
    let strong = image.os_hash_algo.as_ref().zip(image.os_hash_value.as_ref());
    let strong = strong
        .map(|(algorithm, value)| Digest { algorithm: algorithm.clone(), value: value.clone() });
    let weak = image.checksum.as_ref();
    let weak = weak.map(|value| Digest { algorithm: "md5".to_owned(), value: value.clone() });
    match strong {
        Some(digest) if Hasher::new(&digest.algorithm).is_some() || weak.is_none() => Some(digest),
        _ => weak,
    }
}

impl Fill for Filling {
    fn fill(&self, target: Target) -> BoxFuture<'_, Result<(), Box<dyn Error + Send + Sync>>> {
        Box::pin(async move { self.pour(target).await.map_err(Box::from) })
    }
}

impl Filling {
    async fn pour(&self, target: Target) -> Result<(), ImageError> {
        let Target { file, length } = target;
        if self.format.is_plain() {
            let _behind = WriteBehind::start(&file);
            let digest = digest(&self.image);
            return self.download(Arc::new(file), length, Whither::Volume, digest).await.map(drop);
        }
        let lying = self.images.temporary(self.image.size).await?;
        let got = self.download(Arc::clone(&lying), length, Whither::Directory, None).await?;
        // The digest is computed while the image is converted. Nothing counts before both have ended, and a wrong digest
        // is the better reason.
        let verifying = pin!(self.verify(Arc::clone(&lying), got));
        let pouring = pin!(self.pour_out(&lying, &file, length));
        match select(verifying, pouring).await {
            Either::Left((verified, pouring)) => {
                verified?;
                pouring.await
            }
            Either::Right((poured, verifying)) => {
                verifying.await?;
                poured
            }
        }
    }

    /// The first `length` bytes of the file are those that Glance has.
    async fn verify(&self, file: Arc<File>, length: u64) -> Result<(), ImageError> {
        let Some(digest) = digest(&self.image) else { return Ok(()) };
        let algorithm = digest.algorithm.clone();
        let read = tokio::task::spawn_blocking(move || digest.is_of(&file, length));
        let read = read.await.map_err(|panic| ImageError::Digest(panic.to_string()))?;
        match read.map_err(ImageError::of_directory)? {
            Some(true) => Ok(()),
            Some(false) => {
                Err(ImageError::Digest(format!("the image does not have its {algorithm} digest")))
            }
            None => {
                let text = "the digest of the image is of an unknown algorithm";
                Err(ImageError::Digest(text.to_owned()))
            }
        }
    }

    /// Inspects the image that lies in a file, and converts it into the volume.
    async fn pour_out(
        &self,
        lying: &Arc<File>,
        file: &File,
        length: u64,
    ) -> Result<(), ImageError> {
        let (image, format) = (Arc::clone(lying), self.format);
        let looked = tokio::task::spawn_blocking(move || inspect(&mut &*image, format, length));
        let inspected = match looked.await {
            Ok(inspected) => inspected?,
            Err(panic) => return Err(ImageError::Unacceptable(panic.to_string())),
        };
        let converted = self.convert(lying, inspected, file, length).await;
        let outcome = if converted.is_ok() { "done" } else { "failed" };
        metrics::counter!(
            metric::IMAGE_CONVERSIONS, "direction" => DIRECTION, "outcome" => outcome
        )
        .increment(1);
        converted
    }

    /// All bytes of the image, judged as far as that can be done while they come; how many there were.
    async fn download(
        &self,
        file: Arc<File>,
        room: u64,
        into: Whither,
        digest: Option<Digest>,
    ) -> Result<u64, ImageError> {
        let download = self.images.glance.download(As::Service, self.image.id).await;
        let download = download.map_err(|error| {
            tell_unseen(&error, self.image.id);
            ImageError::Glance(error)
        })?;
        let length = self.image.size.or(download.length);
        let incoming = Incoming { declared: self.format, length, longest: room, digest };
        let reporter = Reporter::start(&self.db, self.flow, "downloading", length, Some(DIRECTION));
        let saved =
            stream::save(download.stream, file, &incoming, |done| reporter.come_to(done)).await;
        saved.map_err(|error| ImageError::of_download(error, into))
    }

    async fn convert(
        &self,
        source: &File,
        inspected: Inspected,
        target: &File,
        room: u64,
    ) -> Result<(), ImageError> {
        let failed = |error| ImageError::of_conversion(error, Whither::Volume);
        let _turn = self.images.turn().await;
        let limits = &self.images.limits;
        let limits = Limits { output: limits.output.min(room), ..limits.clone() };
        let agreed = convert::ensure_agreed(source, inspected, &self.images.inspection).await;
        agreed.map_err(failed)?;
        let size = inspected.virtual_size;
        let reporter = Reporter::start(&self.db, self.flow, "converting", Some(size), None);
        let progress = |part: f32| reporter.come_to((f64::from(part) * size as f64) as u64);
        let _behind = WriteBehind::start(target);
        convert::to_raw(source, inspected, target, &limits, progress).await.map_err(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::samples;

    fn image(algorithm: Option<&str>, checksum: Option<&str>) -> Image {
        Image {
            os_hash_algo: algorithm.map(str::to_owned),
            os_hash_value: algorithm.map(|_| "ab".to_owned()),
            checksum: checksum.map(str::to_owned),
            ..samples::image()
        }
    }

    #[test]
    fn the_strongest_digest_that_can_be_computed_is_verified() {
        let algorithm = |image: Image| digest(&image).map(|digest| digest.algorithm);
        assert_eq!(algorithm(image(Some("sha512"), Some("x"))).as_deref(), Some("sha512"));
        assert_eq!(algorithm(image(Some("blake9"), Some("x"))).as_deref(), Some("md5"));
        assert_eq!(algorithm(image(None, Some("x"))).as_deref(), Some("md5"));
        // Better refused than not verified.
        assert_eq!(algorithm(image(Some("blake9"), None)).as_deref(), Some("blake9"));
        assert_eq!(algorithm(image(None, None)), None);
    }
}
