//! What a volume keeps of the image that it was made from, and what an image gets of the volume that it is made from.

use std::collections::BTreeMap;

use ashlar_clients::glance::Image;
use ashlar_types::Metadata;

/// Properties that Cinder never hands on from a volume to an image: they belong to the image they were on.
const RESERVED: [&str; 3] = ["os_glance", "img_signature", "signature_verified"];

/// All properties of the image, and what Glance itself says of it under Cinder's names.
pub(crate) fn of_image(image: &Image) -> Metadata {
    let mut kept: Metadata = image.properties.clone();
    let mut keep = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            kept.insert(name.to_owned(), value);
        }
    };
    keep("image_id", Some(image.id.to_string()));
    keep("image_name", image.name.clone().filter(|name| !name.is_empty()));
    keep("checksum", image.checksum.clone());
    keep("container_format", image.container_format.clone());
    keep("disk_format", image.disk_format.clone());
    keep("min_disk", Some(image.min_disk.to_string()));
    keep("min_ram", Some(image.min_ram.to_string()));
    keep("size", image.size.map(|size| size.to_string()));
    kept
}

/// The properties of an image that is made from a volume which keeps `kept`: all but those that say something of the
/// earlier image itself (`core`, as `glance_core_properties` names them), and those in reserved namespaces.
pub(crate) fn of_volume(
    kept: Metadata,
    core: &[String],
    reserved: &[String],
) -> BTreeMap<String, String> {
    if core.is_empty() {
        return BTreeMap::new();
    }
    let namespaces = || RESERVED.into_iter().chain(reserved.iter().map(String::as_str));
    let is_reserved = |name: &str| namespaces().any(|space| name.starts_with(space));
    kept.into_iter().filter(|(name, _)| !core.contains(name) && !is_reserved(name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::images::samples;

    #[test]
    fn a_volume_keeps_properties_and_what_glance_says() {
        let mut image = Image { name: Some("n".to_owned()), size: Some(7), ..samples::image() };
        image.properties.insert("os_distro".to_owned(), "debian".to_owned());
        image.properties.insert("size".to_owned(), "a lie".to_owned());
        let kept = of_image(&image);
        assert_eq!(kept["os_distro"], "debian");
        assert_eq!(kept["image_name"], "n");
        assert_eq!(kept["size"], "7");
        assert_eq!(kept["min_disk"], "0");
        assert!(!kept.contains_key("checksum"));
    }

    #[test]
    fn an_image_gets_what_is_about_the_disk_and_nothing_else() {
        let names = ["os_distro", "image_id", "os_glance_x", "img_signature", "private:x"];
        let kept = names.map(|name| (name.to_owned(), "v".to_owned())).into();
        let of = |core: &[&str]| {
            let core: Vec<String> = core.iter().map(|&name| name.to_owned()).collect();
            of_volume(Metadata::clone(&kept), &core, &["private:".to_owned()])
        };
        assert_eq!(of(&["image_id"]).into_keys().collect::<Vec<_>>(), ["os_distro"]);
        assert!(of(&[]).is_empty(), "Cinder hands nothing on then");
    }
}
