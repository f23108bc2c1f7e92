//! Who asks: reading credentials from a request, by the configured strategy.
//!
//! `noauth` is Cinder's: the token is `user:project` and makes an administrator of that project. Two things
//! are ours. A token `user:project:role1,role2` has just these roles and is an administrator only with
//! `admin` among them, so that every persona can be tried without Keystone. And a missing token is admitted,
//! since clients with authentication type `none` send none: Cinder answers 204 and a token there, which no
//! client of today understands. keystoneauth puts the constant `notused` in its place, which counts as none, so
//! that `openstack` and plain `curl` are the same caller.

use ashlar_types::Caller;
use http::HeaderMap;

/// The user and project of a request that names neither, as in Cinder.
const NOBODY: &str = "admin";

/// What keystoneauth's authentication type `none` sends because it has no token.
const NO_TOKEN: &str = "notused";

/// How callers are told apart (`auth_strategy`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum AuthStrategy {
    /// Whoever can reach the port is believed.
    #[default]
    NoAuth,
}

/// What a request says about its sender, before the URL is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    user: String,
    project: Option<String>,
    roles: Option<Vec<String>>,
}

impl Credentials {
    /// Reads the headers.
    #[must_use]
    pub fn read(strategy: AuthStrategy, headers: &HeaderMap) -> Self {
        let AuthStrategy::NoAuth = strategy;
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let is_one = |token: &&str| !token.is_empty() && *token != NO_TOKEN;
        let Some(token) = text("x-auth-token").filter(is_one) else {
            return Self {
                user: text("x-auth-user").unwrap_or(NOBODY).to_owned(),
                project: text("x-auth-project-id").map(str::to_owned),
                roles: None,
            };
        };
        let mut parts = token.splitn(3, ':');
        let user = parts.next().unwrap_or_default();
        let project = parts.next().filter(|project| !project.is_empty());
        let roles = parts.next().map(|list| {
            list.split(',').map(str::trim).filter(|role| !role.is_empty()).map(str::to_owned)
        });
        Self {
            user: user.to_owned(),
            project: project.map(str::to_owned),
            roles: roles.map(Iterator::collect),
        }
    }

    /// The project that the sender names, or the one of whoever names none: called as the user.
    #[must_use]
    pub fn project(&self) -> &str {
        self.project.as_deref().unwrap_or(&self.user)
    }

    /// The caller; a sender without a project takes the URL's.
    #[must_use]
    pub fn into_caller(self, project_in_url: Option<&str>, request_id: &str) -> Caller {
        let roles = self.roles.unwrap_or_else(|| vec!["admin".to_owned()]);
        let project = self.project.as_deref().or(project_in_url).unwrap_or(&self.user);
        Caller {
            project_id: project.to_owned(),
            user_id: self.user,
            is_admin: roles.iter().any(|role| role.eq_ignore_ascii_case("admin")),
            roles,
            request_id: request_id.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(token: Option<&'static str>, url: Option<&str>) -> Caller {
        let mut headers = HeaderMap::new();
        if let Some(token) = token {
            headers.insert("x-auth-token", http::HeaderValue::from_static(token));
        }
        Credentials::read(AuthStrategy::NoAuth, &headers).into_caller(url, "req-1")
    }

    #[test]
    fn a_plain_token_is_an_administrator_of_its_project() {
        let caller = caller(Some("me:abc"), None);
        assert_eq!((caller.user_id.as_str(), caller.project_id.as_str()), ("me", "abc"));
        assert!(caller.is_admin);
    }

    #[test]
    fn a_token_without_a_project_takes_the_urls_or_its_users_name() {
        assert_eq!(caller(Some("me"), None).project_id, "me");
        assert_eq!(caller(Some("me:"), None).project_id, "me");
        assert_eq!(caller(Some("me"), Some("abc")).project_id, "abc", "the URL names it");
    }

    #[test]
    fn the_token_of_authentication_type_none_is_no_token() {
        for url in [None, Some("abc")] {
            assert_eq!(caller(Some("notused"), url), caller(None, url));
        }
    }

    #[test]
    fn roles_in_the_token_are_all_there_is() {
        let member = caller(Some("me:abc:member, reader"), None);
        assert!(!member.is_admin);
        assert_eq!(member.roles, ["member", "reader"]);
        assert!(caller(Some("me:abc:"), None).roles.is_empty());
        assert!(caller(Some("me:abc:admin"), None).is_admin);
    }

    #[test]
    fn without_a_token_the_project_comes_from_the_url() {
        assert_eq!(caller(None, Some("abc")).project_id, "abc");
        assert_eq!(caller(None, None).project_id, "admin");
        assert!(caller(None, None).is_admin);
    }
}
