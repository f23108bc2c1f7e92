//! `[DEFAULT]` and `[oslo_middleware]`: the API.

use std::path::PathBuf;

use super::options;
use crate::config::option::{Kind, Opt};
use crate::config::settings::Listener;

const SECTION: &str = "DEFAULT";

options! {
    OSAPI_VOLUME_LISTEN: Listener = Opt::new(SECTION, "osapi_volume_listen",
        Kind::Own("an IP address or localhost"),
        "Address on which the API listens; `--listen` comes before it. Cinder's default is 0.0.0.0: Ashlar's default \
         auth_strategy makes every caller an administrator.")
        .default("127.0.0.1");
    OSAPI_VOLUME_LISTEN_PORT: u16 =
        Opt::new(SECTION, "osapi_volume_listen_port", Kind::Integer(0, 65535),
        "Port on which the API listens; 0 takes any free one.")
        .default("8776");
    PUBLIC_ENDPOINT: String = Opt::new(SECTION, "public_endpoint", Kind::Own("an http or https URL"),
        "Base of the links in answers, for use behind a proxy. Default: what the request was sent to.");
    AUTH_STRATEGY: String = Opt::new(SECTION, "auth_strategy",
        Kind::Choice(&["noauth", "noauth_include_project_id", "keystone"]),
        "Who may use the API. keystone wants a token and the account of [keystone_authtoken] to validate it with; it is \
         Cinder's default. The two noauth strategies believe what a request says of itself and make it an \
         administrator's.")
        .default("noauth");
    OSAPI_MAX_LIMIT: u32 = Opt::new(SECTION, "osapi_max_limit", Kind::Integer(1, u32::MAX as i64),
        "Most items in one answer of a list. Cinder sets no bound.")
        .default("1000");
    MAX_REQUEST_BODY_SIZE: u64 =
        Opt::new("oslo_middleware", "max_request_body_size", Kind::Integer(1, i64::MAX),
        "Most bytes in the body of a request. oslo.middleware sets no bound.")
        .default("114688")
        .deprecated(&[(SECTION, "osapi_max_request_body_size")]);
    ENABLE_PROXY_HEADERS_PARSING: bool =
        Opt::new("oslo_middleware", "enable_proxy_headers_parsing", Kind::Flag,
        "Believe X-Forwarded-Proto and X-Forwarded-Prefix for the links in answers: for use behind a proxy that \
         sets them, whatever a client sends. X-Forwarded-Host counts always, as in Cinder.")
        .default("false");
    PROJECT_ID_REGEX: String = Opt::new(SECTION, "project_id_regex", Kind::Text,
        "What project ids in URLs look like.")
        .default(r"[0-9a-f\-]+");
    RESOURCE_QUERY_FILTERS_FILE: PathBuf =
        Opt::new(SECTION, "resource_query_filters_file", Kind::Path,
        "JSON file that says which filters ordinary users may use in lists. Cinder's own table is built in and is \
         used when this is not set; Cinder's default is /etc/cinder/resource_filters.json.");
    DEFAULT_VOLUME_TYPE: String = Opt::new(SECTION, "default_volume_type", Kind::Text,
        "Type of new volumes whose request names none.")
        .default("__DEFAULT__");
    DEFAULT_GROUP_TYPE: String = Opt::new(SECTION, "default_group_type", Kind::Text,
        "Name of the group type that is shown for the id `default`.");
    VOLUME_TRANSFER_KEY_LENGTH: u16 =
        Opt::new(SECTION, "volume_transfer_key_length", Kind::Integer(8, 255),
        "Hexadecimal digits in the key with which another project accepts a volume. Cinder sets no bounds.")
        .default("16");
    VOLUME_TRANSFER_SALT_LENGTH: u16 =
        Opt::new(SECTION, "volume_transfer_salt_length", Kind::Integer(8, 255),
        "Hexadecimal digits that are mixed into the digest of such a key. Cinder sets no bounds.")
        .default("8");
    ALLOW_AVAILABILITY_ZONE_FALLBACK: bool =
        Opt::new(SECTION, "allow_availability_zone_fallback", Kind::Flag,
        "Use the default zone instead of refusing a request for an unknown zone.")
        .default("false");
    CLONED_VOLUME_SAME_AZ: bool = Opt::new(SECTION, "cloned_volume_same_az", Kind::Flag,
        "Volumes made from a snapshot or volume must be in its zone.")
        .default("true");
    SNAPSHOT_SAME_HOST: bool = Opt::new(SECTION, "snapshot_same_host", Kind::Flag,
        "Volumes made from a snapshot are made on its backend.")
        .default("true");
}
