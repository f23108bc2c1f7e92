//! Images: where Glance is, how images are converted, and the cache of each backend.

use std::path::PathBuf;
use std::time::Duration;

use ashlar_clients::glance::{self, Glance};
use ashlar_clients::keystone::Interface;
use ashlar_clients::{Roots, SetupError, Tls};

use crate::config::error::ConfigError;
use crate::config::option::{Entry, Opt};
use crate::config::options::images as options;
use crate::config::values::Values;

/// The kinds of VMDK that are read, in order.
const VMDK_KINDS: [&str; 2] = ["monolithicSparse", "streamOptimized"];
/// Bytes of a GiB.
const GIB: u64 = 1 << 30;

/// Everything about images that is the same for all backends.
#[derive(Debug, Clone)]
pub(crate) struct ImageSettings {
    /// Where Glance is and how it is asked.
    pub(crate) glance: glance::Settings,
    /// How images are converted.
    pub(crate) conversion: Conversion,
    /// `reserved_image_namespaces`.
    pub(crate) reserved_namespaces: Vec<String>,
    /// `glance_core_properties`.
    pub(crate) core_properties: Vec<String>,
    /// `image_compress_on_upload`.
    pub(crate) compresses: bool,
    /// `enable_force_upload`.
    pub(crate) force_upload: bool,
    /// Who owns the volumes of the image cache: project and user.
    pub(crate) cache_owner: Option<(String, String)>,
}

/// How images are converted, and what that may cost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conversion {
    /// `image_conversion_dir`.
    pub(crate) directory: PathBuf,
    /// `image_conversion_disable`.
    pub(crate) disabled: bool,
    /// `image_introspection_address_space_limit`, in bytes.
    pub(crate) memory: u64,
    /// `image_introspection_cpu_limit`: for the look at an image alone.
    pub(crate) inspection_cpu: Duration,
    /// `image_conversion_timeout`.
    pub(crate) time_out: Duration,
}

/// Limits of a backend's image cache; 0 is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ImageCache {
    /// `image_volume_cache_max_size_gb`.
    pub(crate) max_gib: u64,
    /// `image_volume_cache_max_count`.
    pub(crate) max_count: u64,
}

/// Reads and checks them.
pub(super) fn read(values: &Values) -> Result<ImageSettings, ConfigError> {
    refuse_what_is_not_built(values)?;
    Ok(ImageSettings {
        glance: glance(values)?,
        conversion: Conversion {
            directory: values.require(&options::IMAGE_CONVERSION_DIR)?,
            disabled: values.require(&options::IMAGE_CONVERSION_DISABLE)?,
            memory: values.require(&options::IMAGE_ADDRESS_SPACE_LIMIT)? * GIB,
            inspection_cpu: values.require(&options::IMAGE_CPU_LIMIT)?,
            time_out: values.require(&options::IMAGE_CONVERSION_TIMEOUT)?,
        },
        reserved_namespaces: list(values, &options::RESERVED_IMAGE_NAMESPACES)?,
        core_properties: list(values, &options::GLANCE_CORE_PROPERTIES)?,
        compresses: values.require(&options::IMAGE_COMPRESS_ON_UPLOAD)?,
        force_upload: values.require(&options::ENABLE_FORCE_UPLOAD)?,
        cache_owner: text(values, &options::CINDER_INTERNAL_TENANT_PROJECT_ID)?
            .zip(text(values, &options::CINDER_INTERNAL_TENANT_USER_ID)?),
    })
}

/// The image cache of the backend in `section`; `None` when it has none. Cinder goes on without the cache when
/// nobody is there to own its volumes; that is no reason to refuse the file.
pub(super) fn cache(values: &Values, section: &str) -> Result<Option<ImageCache>, ConfigError> {
    if !values.require_in(section, &options::IMAGE_VOLUME_CACHE_ENABLED)? {
        return Ok(None);
    }
    Ok(Some(ImageCache {
        max_gib: values.require_in(section, &options::IMAGE_VOLUME_CACHE_MAX_SIZE_GB)?,
        max_count: values.require_in(section, &options::IMAGE_VOLUME_CACHE_MAX_COUNT)?,
    }))
}

fn glance(values: &Values) -> Result<glance::Settings, ConfigError> {
    let settings = glance::Settings {
        servers: list(values, &options::GLANCE_API_SERVERS)?,
        interface: interface(values)?,
        region: text(values, &options::GLANCE_REGION_NAME)?,
        retries: values.require(&options::GLANCE_NUM_RETRIES)?,
        tls: Tls {
            roots: values
                .get(&options::GLANCE_CA_CERTIFICATES_FILE)?
                .map_or(Roots::System, Roots::File),
            insecure: values.require(&options::GLANCE_API_INSECURE)?,
        },
        time_out: values.require(&options::GLANCE_REQUEST_TIMEOUT)?,
    };
    // What cannot work is found here, where there is a line to point at.
    match Glance::new(&settings, None) {
        Ok(_) => Ok(settings),
        Err(error) => {
            let entry = match &error {
                SetupError::Unreadable { .. } | SetupError::NoCertificates { .. } => {
                    &options::GLANCE_CA_CERTIFICATES_FILE.entry
                }
                SetupError::BadUrl | SetupError::Tls(_) => &options::GLANCE_API_SERVERS.entry,
            };
            Err(values.refuse(entry, error.to_string()))
        }
    }
}

/// The last part of `glance_catalog_info`.
fn interface(values: &Values) -> Result<Interface, ConfigError> {
    let option = &options::GLANCE_CATALOG_INFO;
    let info = values.require(option)?;
    let parts: Vec<&str> = info.split(':').collect();
    let interface = match parts[..] {
        ["image", _, "publicURL" | "public"] => Some(Interface::Public),
        ["image", _, "internalURL" | "internal"] => Some(Interface::Internal),
        ["image", _, "adminURL" | "admin"] => Some(Interface::Admin),
        _ => None,
    };
    interface.ok_or_else(|| {
        let problem = format!(
            "'{}' is not image:<service name>:<publicURL, internalURL or adminURL>",
            info.escape_debug()
        );
        values.refuse(&option.entry, problem)
    })
}

fn refuse_what_is_not_built(values: &Values) -> Result<(), ConfigError> {
    for option in [&options::GLANCE_CERTFILE, &options::GLANCE_KEYFILE] {
        if values.get(option)?.is_some() {
            return Err(not_built(values, &option.entry, "certificates of our own are not built"));
        }
    }
    if values.require(&options::VERIFY_GLANCE_SIGNATURES)? == "enabled" {
        let entry = &options::VERIFY_GLANCE_SIGNATURES.entry;
        return Err(not_built(values, entry, "signatures of images are not checked yet"));
    }
    let mut kinds = list(values, &options::VMDK_ALLOWED_TYPES)?;
    kinds.sort_unstable();
    if kinds != VMDK_KINDS {
        let entry = &options::VMDK_ALLOWED_TYPES.entry;
        let problem = format!("must be {}: neither more nor fewer are built", VMDK_KINDS.join(","));
        return Err(not_built(values, entry, &problem));
    }
    if !list(values, &options::ALLOWED_DIRECT_URL_SCHEMES)?.is_empty() {
        let entry = &options::ALLOWED_DIRECT_URL_SCHEMES.entry;
        return Err(not_built(values, entry, "images come through Glance only; leave it empty"));
    }
    Ok(())
}

fn not_built(values: &Values, entry: &Entry, problem: &str) -> ConfigError {
    values.refuse(entry, problem)
}

/// The words of a list, without empty ones.
fn list(values: &Values, option: &Opt<Vec<String>>) -> Result<Vec<String>, ConfigError> {
    let words = values.get(option)?.unwrap_or_default();
    Ok(words
        .into_iter()
        .map(|word| word.trim().to_owned())
        .filter(|word| !word.is_empty())
        .collect())
}

/// An empty text stands for none.
fn text(values: &Values, option: &Opt<String>) -> Result<Option<String>, ConfigError> {
    Ok(values.get(option)?.filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::testing::{loaded, refused};

    #[test]
    fn defaults_are_those_of_the_reference() {
        let images = loaded("[DEFAULT]\nstate_path = /srv\n").settings.images;
        assert_eq!(images.glance, glance::Settings::default());
        assert_eq!(images.conversion.directory, PathBuf::from("/srv/conversion"));
        assert_eq!(images.conversion.memory, GIB);
        assert!(images.cache_owner.is_none() && !images.force_upload);
    }

    #[test]
    fn servers_and_the_endpoint_are_read() {
        let text = "[DEFAULT]\nglance_api_servers = one:9292, https://two/image\n\
            glance_catalog_info = image::internalURL\nglance_request_timeout = 5\n";
        let glance = loaded(text).settings.images.glance;
        assert_eq!(glance.servers, ["one:9292", "https://two/image"]);
        assert_eq!(glance.interface, Interface::Internal);
        assert_eq!(glance.time_out, Duration::from_secs(5));
    }

    #[test]
    fn a_cache_is_a_backends_own_and_its_owner_is_both_or_none() {
        let text = "[DEFAULT]\nenabled_backends = a,b\ncinder_internal_tenant_project_id = p\n\
            cinder_internal_tenant_user_id = u\n[a]\nvolume_driver = sim\n\
            image_volume_cache_enabled = true\nimage_volume_cache_max_count = 3\n\
            [b]\nvolume_driver = sim\n";
        let settings = loaded(text).settings;
        assert_eq!(settings.images.cache_owner, Some(("p".to_owned(), "u".to_owned())));
        let caches: Vec<_> = settings.backends.iter().map(|backend| backend.image_cache).collect();
        assert_eq!(caches, [Some(ImageCache { max_gib: 0, max_count: 3 }), None]);
    }

    #[test]
    fn what_is_wrong_or_not_built_is_one_line_with_its_place() {
        for (line, told) in [
            ("glance_catalog_info = image:glance", "'image:glance' is not image:<service name>"),
            ("glance_catalog_info = s3:glance:publicURL", "'s3:glance:publicURL' is not image:"),
            ("glance_api_servers = ftp://glance", "must be a URL that starts with http"),
            ("glance_ca_certificates_file = no/such.pem", "no/such.pem cannot be read: "),
            ("glance_certfile = ours.pem", "certificates of our own are not built"),
            ("verify_glance_signatures = enabled", "signatures of images are not checked yet"),
            ("vmdk_allowed_types =", "must be monolithicSparse,streamOptimized: neither"),
            ("vmdk_allowed_types = monolithicFlat", "must be monolithicSparse,streamOptimized:"),
            ("allowed_direct_url_schemes = file", "images come through Glance only"),
        ] {
            let said = refused(&format!("[DEFAULT]\n{line}\n"));
            let name = line.split(" =").next().expect("a name");
            let start = format!("cinder.conf:2: [DEFAULT] {name}: {told}");
            assert!(said.starts_with(&start), "{said}");
        }
    }
}
