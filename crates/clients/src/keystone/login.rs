//! Who logs in, for which project, and the request that says so.

use std::fmt;

use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value, json};

/// A domain, by name or by identity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Domain {
    /// `…_domain_name`.
    Name(String),
    /// `…_domain_id`.
    Id(String),
}

impl Domain {
    fn json(&self) -> Value {
        match self {
            Self::Name(name) => json!({ "name": name }),
            Self::Id(id) => json!({ "id": id }),
        }
    }
}

/// What the token is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// A project by identity.
    ProjectId(String),
    /// A project by name, which is unique within its domain only.
    Project {
        /// `project_name`.
        name: String,
        /// `project_domain_name` or `project_domain_id`.
        domain: Domain,
    },
}

/// Who the user is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum User {
    /// By identity.
    Id(String),
    /// By name within a domain.
    Name {
        /// `username`.
        name: String,
        /// `user_domain_name` or `user_domain_id`.
        domain: Domain,
    },
}

/// An account: where, who, and for what.
#[derive(Clone)]
pub struct Login {
    /// `auth_url`, with or without `/v3` at its end.
    pub auth_url: String,
    /// Who.
    pub user: User,
    /// `password`.
    pub password: SecretString,
    /// For what.
    pub scope: Scope,
}

/// Leaves the password out, and the URL, which may hold one.
impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("user", &self.user)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl Login {
    /// Where tokens are made: `…/v3/auth/tokens`. The versions that Keystone lists at `auth_url` are not looked up,
    /// as there is no other that knows domains.
    pub(super) fn tokens_url(&self) -> Option<Url> {
        let mut url = Url::parse(&self.auth_url).ok()?;
        if !matches!(url.scheme(), "http" | "https") {
            return None;
        }
        url.set_query(None);
        url.set_fragment(None);
        let versioned = url.path().trim_end_matches('/').ends_with("/v3");
        let mut path = url.path_segments_mut().ok()?;
        path.pop_if_empty();
        if !versioned {
            path.push("v3");
        }
        path.extend(["auth", "tokens"]);
        drop(path);
        Some(url)
    }

    /// `auth_url` as it may be shown to others: without what may be a user and a password in it. Empty when it is no
    /// URL.
    #[must_use]
    pub fn shown_url(&self) -> String {
        let Ok(mut url) = Url::parse(&self.auth_url) else { return String::new() };
        url.set_query(None);
        url.set_fragment(None);
        if url.set_username("").and(url.set_password(None)).is_err() {
            return String::new();
        }
        url.to_string()
    }

    /// The body of `POST /v3/auth/tokens`. It holds the password: not to be shown.
    pub(super) fn body(&self) -> Value {
        let mut user = Map::new();
        match &self.user {
            User::Id(id) => {
                user.insert("id".to_owned(), json!(id));
            }
            User::Name { name, domain } => {
                user.insert("name".to_owned(), json!(name));
                user.insert("domain".to_owned(), domain.json());
            }
        }
        user.insert("password".to_owned(), json!(self.password.expose_secret()));
        let project = match &self.scope {
            Scope::ProjectId(id) => json!({ "id": id }),
            Scope::Project { name, domain } => json!({ "name": name, "domain": domain.json() }),
        };
        json!({ "auth": {
            "identity": { "methods": ["password"], "password": { "user": user } },
            "scope": { "project": project },
        }})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(auth_url: &str) -> Login {
        let domain = Domain::Name("Default".to_owned());
        Login {
            auth_url: auth_url.to_owned(),
            user: User::Name { name: "cinder".to_owned(), domain: domain.clone() },
            password: "s3cret".into(),
            scope: Scope::Project { name: "service".to_owned(), domain },
        }
    }

    #[test]
    fn the_version_is_added_where_it_is_missing() {
        for (given, made) in [
            ("http://keystone:5000", "http://keystone:5000/v3/auth/tokens"),
            ("http://keystone:5000/", "http://keystone:5000/v3/auth/tokens"),
            ("https://cloud/identity", "https://cloud/identity/v3/auth/tokens"),
            ("https://cloud/identity/v3/", "https://cloud/identity/v3/auth/tokens"),
        ] {
            assert_eq!(login(given).tokens_url().map(String::from).as_deref(), Some(made));
        }
        for wrong in ["keystone:5000", "file:///etc/passwd", "", "/v3"] {
            assert_eq!(login(wrong).tokens_url(), None, "{wrong}");
        }
    }

    #[test]
    fn the_password_is_sent_and_never_shown() {
        let login = login("http://u:s3cret@keystone/v3");
        assert_eq!(
            login.body(),
            json!({ "auth": {
                "identity": { "methods": ["password"], "password": { "user": {
                    "name": "cinder", "domain": { "name": "Default" }, "password": "s3cret",
                }}},
                "scope": { "project": { "name": "service", "domain": { "name": "Default" } } },
            }})
        );
        assert!(!format!("{login:?}").contains("s3cret"));
    }

    #[test]
    fn identities_need_no_domain() {
        let login = Login {
            user: User::Id("u1".to_owned()),
            scope: Scope::ProjectId("p1".to_owned()),
            ..login("http://keystone")
        };
        let body = login.body();
        assert_eq!(body["auth"]["identity"]["password"]["user"]["id"], "u1");
        assert_eq!(body["auth"]["scope"]["project"], json!({ "id": "p1" }));
    }
}
