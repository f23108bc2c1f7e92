//! Images: where Glance is, how images are converted, and what becomes of them.

use std::path::PathBuf;
use std::time::Duration;

use super::options;
use crate::config::option::{BACKEND, Kind, Opt};

const SECTION: &str = "DEFAULT";

options! {
    GLANCE_API_SERVERS: Vec<String> = Opt::new(SECTION, "glance_api_servers", Kind::List,
        "URLs of Glance's API, which are used in turn; one without a scheme is http. Without it Keystone's \
         catalogue is asked; with auth_strategy = noauth there is no catalogue, and without it no Glance.");
    GLANCE_CATALOG_INFO: String = Opt::new(SECTION, "glance_catalog_info",
        Kind::Own("<service type>:<service name>:<endpoint type>"),
        "What to look for in Keystone's catalogue when glance_api_servers is not set. The type must be image; the \
         name is not looked at, as in Cinder; the endpoint type is publicURL, internalURL or adminURL.")
        .default("image:glance:publicURL");
    GLANCE_REGION_NAME: String = Opt::new("glance", "region_name", Kind::Text,
        "Region whose Glance is used. Default: the first in Keystone's catalogue.");
    GLANCE_NUM_RETRIES: u32 = Opt::new(SECTION, "glance_num_retries", Kind::Integer(0, 100),
        "Further attempts when Glance cannot be reached or answers 502, 503 or 504, with pauses between them. \
         Cinder sets no bound.")
        .default("3");
    GLANCE_API_INSECURE: bool = Opt::new(SECTION, "glance_api_insecure", Kind::Flag,
        "Take any certificate of Glance's.")
        .default("false");
    GLANCE_CA_CERTIFICATES_FILE: PathBuf =
        Opt::new(SECTION, "glance_ca_certificates_file", Kind::Path,
        "PEM file with the certificates to trust. Default: those that the machine trusts.");
    GLANCE_REQUEST_TIMEOUT: Duration =
        Opt::new(SECTION, "glance_request_timeout", Kind::Integer(1, 86_400),
        "Seconds to wait for an answer of Glance's, and for each further piece of one. Cinder's client waits 600 \
         when it is not set.")
        .default("60");
    GLANCE_CERTFILE: PathBuf = Opt::new(SECTION, "glance_certfile", Kind::Path,
        "Certificate to show to Glance: not built, and refused when it is set.");
    GLANCE_KEYFILE: PathBuf = Opt::new(SECTION, "glance_keyfile", Kind::Path,
        "Key of glance_certfile: not built, and refused when it is set.");
    VERIFY_GLANCE_SIGNATURES: String = Opt::new(SECTION, "verify_glance_signatures",
        Kind::Choice(&["disabled", "enabled"]),
        "Check the signatures of signed images. It is not built: enabled, which is Cinder's default, is refused. \
         The digest that Glance keeps of an image is always checked.")
        .default("disabled");
    ALLOWED_DIRECT_URL_SCHEMES: Vec<String> =
        Opt::new(SECTION, "allowed_direct_url_schemes", Kind::List,
        "Where Glance says that an image lies in a place of such a scheme, its bytes are taken from there. Nothing \
         but an empty list is built.")
        .default("");
    IMAGE_CONVERSION_DIR: PathBuf = Opt::new(SECTION, "image_conversion_dir", Kind::Path,
        "Directory for images on their way to another format.")
        .default("$state_path/conversion");
    IMAGE_CONVERSION_DISABLE: bool = Opt::new(SECTION, "image_conversion_disable", Kind::Flag,
        "Convert nothing: volumes are made of raw images only, and become raw images only.")
        .default("false");
    IMAGE_CPU_LIMIT: Duration =
        Opt::new(SECTION, "image_introspection_cpu_limit", Kind::Integer(1, 604_800),
        "Seconds of CPU time that qemu-img may take to look at one image. Its conversion may take \
         image_conversion_timeout on each processor.")
        .default("60")
        .deprecated(&[(SECTION, "image_conversion_cpu_limit")]);
    IMAGE_ADDRESS_SPACE_LIMIT: u64 =
        Opt::new(SECTION, "image_introspection_address_space_limit", Kind::Integer(1, 1024),
        "GiB of address space that qemu-img may take to look at one image, and to convert it. Cinder leaves the \
         conversion free.")
        .default("1")
        .deprecated(&[(SECTION, "image_conversion_address_space_limit")]);
    IMAGE_CONVERSION_TIMEOUT: Duration =
        Opt::new(SECTION, "image_conversion_timeout", Kind::Integer(1, 604_800),
        "Seconds that the conversion of one image may take. Cinder has no such bound.")
        .default("7200");
    VMDK_ALLOWED_TYPES: Vec<String> = Opt::new(SECTION, "vmdk_allowed_types", Kind::List,
        "Kinds of VMDK that are taken, by the createType within the image. The two of Cinder's default, which have no \
         second file, are always taken and no others are built: any other list is refused.")
        .default("streamOptimized,monolithicSparse");
    RESERVED_IMAGE_NAMESPACES: Vec<String> =
        Opt::new(SECTION, "reserved_image_namespaces", Kind::List,
        "Beginnings of names of image properties that do not go into an image made of a volume, besides os_glance, \
         img_signature and signature_verified, which never do.")
        .default("");
    GLANCE_CORE_PROPERTIES: Vec<String> = Opt::new(SECTION, "glance_core_properties", Kind::List,
        "What a volume keeps of its image and an image made of the volume does not get.")
        .default("checksum,container_format,disk_format,image_name,image_id,min_disk,min_ram,name,size");
    IMAGE_COMPRESS_ON_UPLOAD: bool = Opt::new(SECTION, "image_compress_on_upload", Kind::Flag,
        "Compress a qcow2 image that is made of a volume.")
        .default("true");
    ENABLE_FORCE_UPLOAD: bool = Opt::new(SECTION, "enable_force_upload", Kind::Flag,
        "A volume in use may become an image when the request says force.")
        .default("false");
    CINDER_INTERNAL_TENANT_PROJECT_ID: String =
        Opt::new(SECTION, "cinder_internal_tenant_project_id", Kind::Text,
        "Project that owns the volumes of the image cache.");
    CINDER_INTERNAL_TENANT_USER_ID: String =
        Opt::new(SECTION, "cinder_internal_tenant_user_id", Kind::Text,
        "User who owns the volumes of the image cache.");
    IMAGE_VOLUME_CACHE_ENABLED: bool = Opt::new(BACKEND, "image_volume_cache_enabled", Kind::Flag,
        "Keep a copy of each image that became a volume, and make the next volumes of it by cloning. It needs \
         cinder_internal_tenant_project_id and cinder_internal_tenant_user_id.")
        .default("false");
    IMAGE_VOLUME_CACHE_MAX_SIZE_GB: u64 =
        Opt::new(BACKEND, "image_volume_cache_max_size_gb", Kind::Integer(0, i64::MAX),
        "Most GiB in the image cache; 0 is no limit.")
        .default("0");
    IMAGE_VOLUME_CACHE_MAX_COUNT: u64 =
        Opt::new(BACKEND, "image_volume_cache_max_count", Kind::Integer(0, i64::MAX),
        "Most volumes in the image cache; 0 is no limit.")
        .default("0");
}
