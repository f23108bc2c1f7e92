//! Whether a volume of some size can be made from an image, by what Glance says of the image. Pure; its bytes are judged
//! when they come.

use ashlar_clients::glance::Image;
use ashlar_images::Format;
use ashlar_types::Gib;

use super::Images;
use crate::Refusal;

/// The property by which Cinder marks an image of an encrypted volume.
const KEY: &str = "cinder_encryption_key_id";
/// The container of an image that Cinder has compressed.
const COMPRESSED: &str = "compressed";

/// Refuses an image that is not ready, does not fit, or is of a kind that is not read here.
///
/// # Errors
/// 400 with Cinder's texts where Cinder refuses too. What it would accept and then fail on is refused as well.
pub(crate) fn check(image: &Image, size: Gib) -> Result<(), Refusal> {
    if image.status != "active" {
        return Err(Refusal::invalid_input(format!("Image {} is not active.", image.id)));
    }
    let volume = size.0;
    if let Some(gib) = image.size.map(ceil_gib).filter(|gib| *gib > volume) {
        return Err(Refusal::invalid_input(format!(
            "Size of specified image {gib}GB is larger than volume size {volume}GB."
        )));
    }
    if volume < image.min_disk {
        return Err(Refusal::invalid_input(format!(
            "Volume size {volume}GB cannot be smaller than the image minDisk size {}GB.",
            image.min_disk
        )));
    }
    if let Some(gib) = image.virtual_size.map(ceil_gib).filter(|gib| *gib > volume) {
        return Err(unacceptable(
            image,
            &format!(
                "Image virtual size is {gib}GB and doesn't fit in a volume of size {volume}GB."
            ),
        ));
    }
    check_kind(image)
}

fn check_kind(image: &Image) -> Result<(), Refusal> {
    if image.properties.contains_key(KEY) {
        return Err(unacceptable(
            image,
            "it is the image of an encrypted volume, which this release cannot read.",
        ));
    }
    if image.container_format.as_deref() == Some(COMPRESSED) {
        let reason = "Image compression disallowed, but container_format is compressed.";
        return Err(unacceptable(image, reason));
    }
    let declared = image.disk_format.as_deref().unwrap_or_default();
    match declared.parse::<Format>() {
        Ok(_) => Ok(()),
        Err(error) => Err(unacceptable(image, &format!("{error}: '{declared}'"))),
    }
}

/// Refuses a format that is not the volume's own, where nothing is converted.
///
/// # Errors
/// 400; Cinder accepts it and fails then.
pub(crate) fn check_conversion(images: Option<&Images>, disk_format: &str) -> Result<(), Refusal> {
    let plain = disk_format.parse().is_ok_and(Format::is_plain);
    if plain || images.is_none_or(|images| !images.conversion_disabled) {
        return Ok(());
    }
    Err(Refusal::Invalid(format!(
        "Image conversion is disabled, and the disk_format '{disk_format}' is not that of a volume, \
         'raw'."
    )))
}

fn unacceptable(image: &Image, reason: &str) -> Refusal {
    Refusal::Invalid(format!("Image {} is unacceptable: {reason}", image.id))
}

fn ceil_gib(bytes: u64) -> u64 {
    bytes.div_ceil(1 << 30)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::samples;

    fn image() -> Image {
        Image { size: Some((1 << 30) + 1), ..samples::image() }
    }

    fn refusal(image: &Image, size: u64) -> String {
        check(image, Gib(size)).expect_err("refused").to_string()
    }

    #[test]
    fn an_image_must_fit_into_the_volume_in_every_measure() {
        let image = image();
        assert!(check(&image, Gib(2)).is_ok());
        assert!(refusal(&image, 1).contains("Size of specified image 2GB is larger"));
        let wide = Image { virtual_size: Some(3 << 30), ..image.clone() };
        assert!(refusal(&wide, 2).contains("virtual size is 3GB"));
        let demanding = Image { min_disk: 4, ..image };
        assert!(refusal(&demanding, 3).contains("minDisk size 4GB"));
    }

    #[test]
    fn an_image_that_cannot_be_read_is_refused_before_a_volume_is_made() {
        let queued = Image { status: "queued".to_owned(), ..image() };
        assert!(refusal(&queued, 2).contains("is not active"));
        let packed = Image { container_format: Some(COMPRESSED.to_owned()), ..image() };
        assert!(refusal(&packed, 2).contains("compressed"));
        let docker = Image { disk_format: Some("docker".to_owned()), ..image() };
        assert!(refusal(&docker, 2).contains("'docker'"));
        let mut locked = image();
        locked.properties.insert(KEY.to_owned(), "k".to_owned());
        assert!(refusal(&locked, 2).contains("encrypted"));
    }
}
