//! `[nova]`: the account with which Nova is asked, by keystoneauth's names.

use super::account::account;
use super::options;
use crate::config::option::{Kind, Opt};

const SECTION: &str = "nova";

account!("nova",
    auth_type: "How to log in at Keystone. Without it the account is not used, as in Cinder, and requests with the \
        hint local_to_instance find no backend when InstanceLocalityFilter is on. Other ways are not built.",
    project_name: "Project, together with its domain. The user needs Nova's administrator rights in it to see hosts."
);

options! {
    REGION_NAME: String = Opt::new(SECTION, "region_name", Kind::Text,
        "Region whose Nova is asked. Default: the first in Keystone's catalogue.");
    INTERFACE: String = Opt::new(SECTION, "interface", Kind::Choice(&["public", "admin", "internal"]),
        "Endpoint of Nova to use.")
        .default("public");
}
