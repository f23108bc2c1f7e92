//! `[nova]`: the account with which Nova is asked, by keystoneauth's names.

use std::path::PathBuf;

use secrecy::SecretString;

use super::options;
use crate::config::option::{Kind, Opt};

const SECTION: &str = "nova";

options! {
    AUTH_TYPE: String = Opt::new(SECTION, "auth_type", Kind::Choice(&["password", "v3password"]),
        "How to log in at Keystone. Without it the account is not used, as in Cinder, and requests with the hint \
         local_to_instance find no backend when InstanceLocalityFilter is on. Other ways are not built.");
    AUTH_URL: String = Opt::new(SECTION, "auth_url", Kind::Own("an http or https URL"),
        "Where Keystone is, with or without /v3 at its end.");
    USERNAME: String = Opt::new(SECTION, "username", Kind::Text,
        "User, together with its domain.")
        .deprecated(&[(SECTION, "user_name")]);
    USER_ID: String = Opt::new(SECTION, "user_id", Kind::Text,
        "User by id, in place of username.");
    USER_DOMAIN_NAME: String =
        Opt::new(SECTION, "user_domain_name", Kind::Text, "Domain of the user.");
    USER_DOMAIN_ID: String = Opt::new(SECTION, "user_domain_id", Kind::Text,
        "Domain of the user by id; comes before user_domain_name.");
    PASSWORD: SecretString = Opt::new(SECTION, "password", Kind::Text,
        "Password of the user. A dollar sign is written twice.")
        .secret();
    PROJECT_NAME: String = Opt::new(SECTION, "project_name", Kind::Text,
        "Project, together with its domain. The user needs Nova's administrator rights in it to see hosts.")
        .deprecated(&[(SECTION, "tenant_name")]);
    PROJECT_ID: String = Opt::new(SECTION, "project_id", Kind::Text,
        "Project by id, in place of project_name.")
        .deprecated(&[(SECTION, "tenant_id")]);
    PROJECT_DOMAIN_NAME: String =
        Opt::new(SECTION, "project_domain_name", Kind::Text, "Domain of the project.");
    PROJECT_DOMAIN_ID: String = Opt::new(SECTION, "project_domain_id", Kind::Text,
        "Domain of the project by id; comes before project_domain_name.");
    REGION_NAME: String = Opt::new(SECTION, "region_name", Kind::Text,
        "Region whose Nova is asked. Default: the first in Keystone's catalogue.");
    INTERFACE: String = Opt::new(SECTION, "interface", Kind::Choice(&["public", "admin", "internal"]),
        "Endpoint of Nova to use.")
        .default("public");
    CAFILE: PathBuf = Opt::new(SECTION, "cafile", Kind::Path,
        "PEM file with the certificates to trust, for Keystone and Nova. Default: those that the machine trusts.");
    INSECURE: bool = Opt::new(SECTION, "insecure", Kind::Flag,
        "Take any certificate of Keystone's and Nova's.")
        .default("false");
}
