//! Who asks: the identity behind a request.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The project, user and rights with which a request came in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// User.
    pub user_id: String,
    /// Project whose resources the caller sees; empty for a token of a domain or of the system.
    pub project_id: String,
    /// Roles in that project.
    pub roles: Vec<String>,
    /// Holds the administrator's role (Cinder's `context_is_admin`).
    pub is_admin: bool,
    /// `req-<uuid>`, in every log line and answer.
    pub request_id: String,
    /// What else the token says, for policy.
    #[serde(default)]
    pub scope: Scope,
    /// The token, for asking neighbours in the caller's name while the request lasts. Never stored.
    #[serde(skip)]
    pub token: Token,
}

/// What a token says beside user, project and roles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Scope {
    /// `all` for a token of the system.
    pub system: Option<String>,
    /// The domain of a token of a domain.
    pub domain_id: Option<String>,
    /// Domain of the user.
    pub user_domain_id: Option<String>,
    /// Domain of the project.
    pub project_domain_id: Option<String>,
    /// Roles of the service that passes the request on (`X-Service-Token`), empty without one.
    pub service_roles: Vec<String>,
    /// The project is the administrators' one; true wherever Keystone names none.
    pub is_admin_project: bool,
}

impl Default for Scope {
    fn default() -> Self {
        Self {
            system: None,
            domain_id: None,
            user_domain_id: None,
            project_domain_id: None,
            service_roles: Vec::new(),
            is_admin_project: true,
        }
    }
}

/// A token as it came, shown to nobody. Two callers are equal whatever their tokens are.
#[derive(Clone, Default)]
pub struct Token(Option<Arc<str>>);

impl Token {
    /// A token.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(Some(text.into()))
    }

    /// The text, to be sent to a neighbour and nowhere else.
    #[must_use]
    pub fn expose(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Token(…)" } else { "Token(none)" })
    }
}

impl PartialEq for Token {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Token {}

impl Caller {
    /// The house itself, for work that no request started.
    #[must_use]
    pub fn internal() -> Self {
        Self { roles: vec!["admin".to_owned()], is_admin: true, ..Self::default() }
    }

    /// May see things of `project_id`. Who has no project sees nothing by it, not even what belongs to none.
    #[must_use]
    pub fn may_see(&self, project_id: &str) -> bool {
        self.is_admin || (!self.project_id.is_empty() && self.project_id == project_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_project_sees_nothing_by_it() {
        let caller = Caller { project_id: "p".to_owned(), ..Caller::default() };
        assert!(caller.may_see("p") && !caller.may_see("q") && !caller.may_see(""));
        assert!(!Caller::default().may_see(""));
        assert!(Caller::internal().may_see(""));
    }

    #[test]
    fn a_token_is_shown_and_stored_nowhere() {
        let caller = Caller { token: Token::new("s3cret"), ..Caller::internal() };
        assert!(!format!("{caller:?}").contains("s3cret"));
        let stored = serde_json::to_string(&caller).expect("a caller is JSON");
        assert!(!stored.contains("s3cret"), "{stored}");
        assert_eq!(caller.token.expose(), Some("s3cret"));
    }
}
