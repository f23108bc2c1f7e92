//! Finding the image that a request names, with the rights of whoever asks.

use ashlar_clients::ClientError;
use ashlar_clients::glance::{As, Image};
use ashlar_types::{Caller, ImageId, SnapshotId};
use serde_json::Value;

use super::Images;
use crate::Refusal;

/// What Cinder answers for whatever it cannot find, Glance's own troubles included.
const UNKNOWN: &str = "Invalid image identifier or unable to access requested image.";

/// The image that `reference` names: an identity, a URL that ends in one, or a name.
///
/// # Errors
/// 400 when there is none, 409 when several have that name.
pub(crate) async fn require(
    images: Option<&Images>,
    caller: &Caller,
    reference: &str,
) -> Result<Image, Refusal> {
    let unknown = || Refusal::Invalid(UNKNOWN.to_owned());
    let Some(Images { glance, .. }) = images else {
        tracing::warn!("a volume from an image was asked for, but Glance is not configured");
        return Err(unknown());
    };
    let user = As::User(&caller.token);
    let last = reference.rsplit('/').next().unwrap_or_default();
    if let Ok(id) = last.parse() {
        match glance.show(user, id).await {
            Ok(image) => return Ok(image),
            Err(error) => {
                tell(&error, caller, reference);
                // Whoever does not answer this question is not asked for names either.
                if !matches!(error, ClientError::NotFound { .. }) {
                    return Err(unknown());
                }
            }
        }
    }
    let mut found = glance.find_by_name(user, reference).await.map_err(|error| {
        tell(&error, caller, reference);
        unknown()
    })?;
    if found.len() > 1 {
        return Err(Refusal::Conflict(format!(
            "Multiple matches found for '{reference}', use an ID to be more specific."
        )));
    }
    found.pop().ok_or_else(unknown)
}

/// Why Glance did not help is for the operator, unless it is the user's mistake.
fn tell(error: &ClientError, caller: &Caller, reference: &str) {
    let request = &caller.request_id;
    match error {
        ClientError::NotFound { .. } => {
            tracing::debug!(%error, request, image = reference, "no image of that identity");
        }
        _ => tracing::warn!(%error, request, image = reference, "an image cannot be looked up"),
    }
}

/// Glance shows the service's own account no such image, although the user who asked could see it.
pub(crate) fn tell_unseen(error: &ClientError, image: ImageId) {
    if matches!(error, ClientError::NotFound { .. }) {
        tracing::error!(
            "the account of [keystone_authtoken] cannot see image {image}, which its user could: it needs Glance's \
             administrator rights, unless the image was deleted meanwhile"
        );
    }
}

/// The snapshot that a server boots from, when the image is Nova's record of a server with volumes. Its text is
/// Nova's; what is no list of mappings names none.
pub(crate) fn boot_snapshot(image: &Image) -> Option<Result<SnapshotId, String>> {
    let mappings: Vec<Value> = serde_json::from_str(image.block_device_mapping.as_deref()?).ok()?;
    let boots = |mapping: &&Value| {
        mapping["source_type"] == "snapshot" && mapping["boot_index"].as_u64() == Some(0)
    };
    let snapshot = mappings.iter().find(boots)?["snapshot_id"].as_str().unwrap_or_default();
    Some(snapshot.parse().map_err(|_| snapshot.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::samples;

    fn image(mapping: &str) -> Image {
        Image { block_device_mapping: Some(mapping.to_owned()), ..samples::image() }
    }

    #[test]
    fn the_snapshot_that_boots_is_the_source() {
        let id = SnapshotId::random();
        let mapping = format!(
            r#"[{{"source_type": "image", "boot_index": 0}},
                {{"source_type": "snapshot", "boot_index": null, "snapshot_id": "x"}},
                {{"source_type": "snapshot", "boot_index": 0, "snapshot_id": "{id}"}}]"#
        );
        assert_eq!(boot_snapshot(&image(&mapping)), Some(Ok(id)));
    }

    #[test]
    fn any_other_text_names_no_snapshot() {
        assert_eq!(boot_snapshot(&samples::image()), None);
        for text in ["", "{}", "[]", "[1]", r#"[{"source_type": "snapshot", "boot_index": 1}]"#] {
            assert_eq!(boot_snapshot(&image(text)), None, "{text}");
        }
        let strange = r#"[{"source_type": "snapshot", "boot_index": 0, "snapshot_id": "x"}]"#;
        assert_eq!(boot_snapshot(&image(strange)), Some(Err("x".to_owned())));
    }
}
