//! `[keystone_authtoken]`: our own account at Keystone, and how other people's tokens are validated.

use super::account::account;
use super::options;
use crate::config::option::{Kind, Opt};

const SECTION: &str = "keystone_authtoken";

account!("keystone_authtoken",
    auth_type: "How to log in at Keystone. With auth_strategy = keystone it must be set; without it there is no account. \
        Tokens are validated at auth_url; interface and region_name, which choose another endpoint for that in \
        keystonemiddleware, are not used. Other ways to log in are not built.",
    project_name: "Project, together with its domain. The user needs a role in it that may validate tokens: service \
        or admin by Keystone's defaults. Where Glance is used it must be one that is an administrator to Glance: users' \
        private images are downloaded and uploaded with it, as their tokens may end meanwhile."
);

options! {
    WWW_AUTHENTICATE_URI: String = Opt::new(SECTION, "www_authenticate_uri", Kind::Own("an http or https URL"),
        "Keystone's public address, which clients without a token are told. Default: auth_url.")
        .deprecated(&[(SECTION, "auth_uri")]);
    TOKEN_CACHE_TIME: i64 = Opt::new(SECTION, "token_cache_time", Kind::Integer(-1, i64::MAX),
        "Seconds for which Keystone's word on a token counts: for so long a revoked token is still taken. -1 asks at \
         each request. Every process remembers for itself, in memory: options about memcached have no effect.")
        .default("300");
    HTTP_CONNECT_TIMEOUT: u64 = Opt::new(SECTION, "http_connect_timeout", Kind::Integer(1, i64::MAX),
        "Seconds to wait for one answer about a token. All attempts together may take 10 seconds, or as long as this \
         says, but never more than 60; then the request is answered with 503. keystonemiddleware sets no bound.");
    HTTP_REQUEST_MAX_RETRIES: u32 = Opt::new(SECTION, "http_request_max_retries", Kind::Integer(0, 100),
        "How often to ask again when Keystone cannot be reached.")
        .default("3");
    SERVICE_TOKEN_ROLES: Vec<String> = Opt::new(SECTION, "service_token_roles", Kind::List,
        "Roles one of which a service needs to pass a request on with X-Service-Token; the user's token may have \
         ended then.")
        .default("service");
    SERVICE_TOKEN_ROLES_REQUIRED: bool = Opt::new(SECTION, "service_token_roles_required", Kind::Flag,
        "Refuse requests whose service token has none of these roles. Without it any token serves as one, and goes \
         around access rules.")
        .default("true");
    SERVICE_TYPE: String = Opt::new(SECTION, "service_type", Kind::Text,
        "What this service is called in access rules of application credentials: block-storage, or what the \
         catalogue has. Without it tokens with access rules are refused.");
    DELAY_AUTH_DECISION: bool = Opt::new(SECTION, "delay_auth_decision", Kind::Flag,
        "true is refused: nothing here is for people without a token.")
        .default("false");
    ENFORCE_TOKEN_BIND: String = Opt::new(SECTION, "enforce_token_bind", Kind::Choice(&["permissive", "disabled"]),
        "Tokens that are bound to Kerberos are refused; no Keystone of today makes any. strict, required and kerberos \
         would let nobody in.")
        .default("permissive");
    AUTH_SECTION: String = Opt::new(SECTION, "auth_section", Kind::Text,
        "Refused: the account stands in this section.");
}
