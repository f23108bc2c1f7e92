//! The options of an account at Keystone, by keystoneauth's names: the same in every section that has one.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::config::option::Opt;

/// The options of one section's account.
#[derive(Debug)]
pub(crate) struct Account {
    /// How to log in; without it there is no account.
    pub(crate) auth_type: Opt<String>,
    /// Where Keystone is.
    pub(crate) auth_url: Opt<String>,
    /// User by name.
    pub(crate) username: Opt<String>,
    /// User by id.
    pub(crate) user_id: Opt<String>,
    /// The user's domain by name.
    pub(crate) user_domain_name: Opt<String>,
    /// The user's domain by id.
    pub(crate) user_domain_id: Opt<String>,
    /// The user's password.
    pub(crate) password: Opt<SecretString>,
    /// Project by name.
    pub(crate) project_name: Opt<String>,
    /// Project by id.
    pub(crate) project_id: Opt<String>,
    /// The project's domain by name.
    pub(crate) project_domain_name: Opt<String>,
    /// The project's domain by id.
    pub(crate) project_domain_id: Opt<String>,
    /// The domain of both by name.
    pub(crate) default_domain_name: Opt<String>,
    /// The domain of both by id.
    pub(crate) default_domain_id: Opt<String>,
    /// Whom to trust.
    pub(crate) cafile: Opt<PathBuf>,
    /// Trust everybody.
    pub(crate) insecure: Opt<bool>,
}

/// Declares `ACCOUNT` and `ACCOUNT_ENTRIES` of a section; the two texts say what the account is for and what
/// its project must allow.
macro_rules! account {
    ($section:literal, auth_type: $auth_type:literal, project_name: $project_name:literal) => {
        /// The account.
        pub(crate) static ACCOUNT: $crate::config::options::account::Account = {
            use $crate::config::option::{Kind, Opt};
            $crate::config::options::account::Account {
                auth_type: Opt::new($section, "auth_type", Kind::Choice(&["password", "v3password"]), $auth_type),
                auth_url: Opt::new($section, "auth_url", Kind::Own("an http or https URL"),
                    "Where Keystone is, with or without /v3 at its end."),
                username: Opt::new($section, "username", Kind::Text, "User, together with its domain.")
                    .deprecated(&[($section, "user_name")]),
                user_id: Opt::new($section, "user_id", Kind::Text, "User by id, in place of username."),
                user_domain_name: Opt::new($section, "user_domain_name", Kind::Text, "Domain of the user."),
                user_domain_id: Opt::new($section, "user_domain_id", Kind::Text,
                    "Domain of the user by id; comes before user_domain_name."),
                password: Opt::new($section, "password", Kind::Text,
                    "Password of the user. A dollar sign is written twice.")
                    .secret(),
                project_name: Opt::new($section, "project_name", Kind::Text, $project_name)
                    .deprecated(&[($section, "tenant_name")]),
                project_id: Opt::new($section, "project_id", Kind::Text, "Project by id, in place of project_name.")
                    .deprecated(&[($section, "tenant_id")]),
                project_domain_name: Opt::new($section, "project_domain_name", Kind::Text, "Domain of the project."),
                project_domain_id: Opt::new($section, "project_domain_id", Kind::Text,
                    "Domain of the project by id; comes before project_domain_name."),
                default_domain_name: Opt::new($section, "default_domain_name", Kind::Text,
                    "Domain of the user and of the project where no other option says it."),
                default_domain_id: Opt::new($section, "default_domain_id", Kind::Text,
                    "The same by id; comes before default_domain_name."),
                cafile: Opt::new($section, "cafile", Kind::Path,
                    "PEM file with the certificates to trust, for Keystone and whoever is asked with this account. \
                     Default: those that the machine trusts."),
                insecure: Opt::new($section, "insecure", Kind::Flag, "Take any certificate of theirs.")
                    .default("false"),
            }
        };

        /// Its options, in the order of the reference.
        pub(crate) static ACCOUNT_ENTRIES: &[&$crate::config::option::Entry] = &[
            &ACCOUNT.auth_type.entry,
            &ACCOUNT.auth_url.entry,
            &ACCOUNT.username.entry,
            &ACCOUNT.user_id.entry,
            &ACCOUNT.user_domain_name.entry,
            &ACCOUNT.user_domain_id.entry,
            &ACCOUNT.password.entry,
            &ACCOUNT.project_name.entry,
            &ACCOUNT.project_id.entry,
            &ACCOUNT.project_domain_name.entry,
            &ACCOUNT.project_domain_id.entry,
            &ACCOUNT.default_domain_name.entry,
            &ACCOUNT.default_domain_id.entry,
            &ACCOUNT.cafile.entry,
            &ACCOUNT.insecure.entry,
        ];
    };
}
pub(crate) use account;
