//! `noauth`: believes what a request says of itself.
//!
//! It is Cinder's: the token is `user:project` and makes an administrator of that project. Two things
//! are ours. A token `user:project:role1,role2` has just these roles, with those that Keystone's own imply,
//! and is an administrator only with `admin` among them, so that every persona can be tried without Keystone. And a missing token is admitted,
//! since clients with authentication type `none` send none: Cinder answers 204 and a token there, which no
//! client of today understands. keystoneauth puts the constant `notused` in its place, which counts as none, so
//! that `openstack` and plain `curl` are the same caller.

use ashlar_types::Caller;
use http::HeaderMap;

/// The user and project of a request that names neither, as in Cinder.
const NOBODY: &str = "admin";

/// What keystoneauth's authentication type `none` sends because it has no token.
const NO_TOKEN: &str = "notused";

/// What a request says about its sender, before the URL is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    user: String,
    project: Option<String>,
    roles: Option<Vec<String>>,
}

impl Claim {
    /// Reads the headers.
    pub(super) fn read(headers: &HeaderMap) -> Self {
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
    pub(super) fn project(&self) -> &str {
        self.project.as_deref().unwrap_or(&self.user)
    }

    /// The caller, whose rights nobody has looked at; a sender without a project takes the URL's.
    pub(super) fn into_caller(self, project_in_url: Option<&str>, request_id: &str) -> Caller {
        let mut roles = self.roles.unwrap_or_else(|| vec!["admin".to_owned()]);
        imply(&mut roles);
        let project = self.project.as_deref().or(project_in_url).unwrap_or(&self.user);
        Caller {
            project_id: project.to_owned(),
            user_id: self.user,
            roles,
            request_id: request_id.to_owned(),
            ..Caller::default()
        }
    }
}

/// Adds the roles that Keystone's own imply: an administrator is a member, and a member a reader.
fn imply(roles: &mut Vec<String>) {
    for (role, implied) in [("admin", "member"), ("member", "reader")] {
        let has = |wanted: &str| roles.iter().any(|held| held.eq_ignore_ascii_case(wanted));
        if has(role) && !has(implied) {
            roles.push(implied.to_owned());
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
        Claim::read(&headers).into_caller(url, "req-1")
    }

    #[test]
    fn a_plain_token_is_an_administrator_of_its_project() {
        let caller = caller(Some("me:abc"), None);
        assert_eq!((caller.user_id.as_str(), caller.project_id.as_str()), ("me", "abc"));
        assert_eq!(caller.roles, ["admin", "member", "reader"]);
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
    fn a_token_has_its_roles_and_those_that_they_imply() {
        let member = caller(Some("me:abc:member, reader"), None);
        assert_eq!(member.roles, ["member", "reader"]);
        assert!(caller(Some("me:abc:"), None).roles.is_empty());
        assert_eq!(caller(Some("me:abc:Member"), None).roles, ["Member", "reader"]);
        assert_eq!(caller(Some("me:abc:x,reader"), None).roles, ["x", "reader"]);
    }

    #[test]
    fn without_a_token_the_project_comes_from_the_url() {
        assert_eq!(caller(None, Some("abc")).project_id, "abc");
        assert_eq!(caller(None, None).project_id, "admin");
        assert!(caller(None, None).roles.contains(&"admin".to_owned()));
    }
}
