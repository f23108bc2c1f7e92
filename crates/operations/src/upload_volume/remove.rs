//! Removing the image of an upload that came to nothing.

use ashlar_clients::ClientError;
use ashlar_clients::glance::{As, Image};
use ashlar_flow::TaskError;

use super::{State, send};
use crate::VolumeContext;

/// The image goes: it has no content, or not all of it. When Glance does not let us, or cannot be asked, it stays
/// there; the volume must be free again all the same.
pub(super) async fn image(cx: &VolumeContext, state: &State) -> Result<(), TaskError> {
    let Some(images) = &cx.images else { return Ok(()) };
    let (glance, id) = (&images.glance, state.image);
    let deleted = match glance.show(As::Service, id).await {
        Err(ClientError::NotFound { .. }) => Ok(()),
        Ok(image) if !is_unfinished(&image, send::total(cx, state).await?) => {
            tracing::warn!(image = %id, status = image.status, "the image of a failed upload stays");
            Ok(())
        }
        Ok(image) if image.protected => {
            // Asked for with the upload; what is not there is not to be kept.
            match glance.update(As::Service, id, &[("protected", false.into())]).await {
                Ok(()) => glance.delete(As::Service, id).await,
                Err(error) => Err(error),
            }
        }
        Ok(_) => glance.delete(As::Service, id).await,
        Err(error) => Err(error),
    };
    if let Err(error) = deleted {
        tracing::warn!(%error, image = %id, "an image without content stays in Glance");
    }
    Ok(())
}

/// It has no content, or not the `total` bytes that were to be sent. One that is complete, that somebody else filled
/// (no total was noted then), or that an administrator put aside is not ours to remove.
fn is_unfinished(image: &Image, total: Option<u64>) -> bool {
    match image.status.as_str() {
        "queued" | "saving" | "uploading" | "importing" => true,
        "active" => total.is_some() && image.size != total,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::samples;

    #[test]
    fn only_what_has_not_all_its_bytes_is_removed() {
        let of = |status: &str, size| Image { status: status.to_owned(), size, ..samples::image() };
        for status in ["queued", "saving", "uploading", "importing"] {
            assert!(is_unfinished(&of(status, None), None), "{status}");
            assert!(is_unfinished(&of(status, None), Some(5)), "{status}");
        }
        assert!(is_unfinished(&of("active", Some(4)), Some(5)));
        assert!(!is_unfinished(&of("active", Some(5)), Some(5)));
        assert!(!is_unfinished(&of("active", Some(5)), None));
        for status in ["deactivated", "pending_delete", "deleted", ""] {
            assert!(!is_unfinished(&of(status, Some(4)), Some(5)), "{status}");
        }
    }
}
