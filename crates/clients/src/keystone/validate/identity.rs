//! What Keystone says of a token.

use ashlar_types::Timestamp;
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::HashMap;

use super::super::malformed;
use super::TokenError;
use super::rules::{self, Rule};

/// Whose a token is, and for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// User.
    pub user_id: String,
    /// Domain of the user.
    pub user_domain_id: Option<String>,
    /// Project of a project's token.
    pub project_id: Option<String>,
    /// Domain of that project.
    pub project_domain_id: Option<String>,
    /// Domain of a domain's token.
    pub domain_id: Option<String>,
    /// A token of the whole system.
    pub system: bool,
    /// Names of the roles.
    pub roles: Vec<String>,
    /// The project is the administrators' one; true where Keystone does not name one.
    pub is_admin_project: bool,
    /// When the token ends.
    pub expires: Timestamp,
    /// What the token may be used for, when its application credential bounds that.
    pub(super) access_rules: Option<Vec<Rule>>,
}

impl Identity {
    /// Reads Keystone's answer.
    ///
    /// # Errors
    /// `Unanswered` when there is no user or no end in it, `Invalid` for a token that is bound to Kerberos, which
    /// nobody checks here.
    pub(super) fn read(answer: Answer) -> Result<Self, TokenError> {
        let token = answer.token;
        if token.bind.is_some_and(|bind| bind.contains_key("kerberos")) {
            return Err(TokenError::Invalid);
        }
        let expires = Timestamp::parse(&token.expires_at)
            .ok_or_else(|| malformed("a token without a time at which it ends"))?;
        if token.user.id.is_empty() {
            return Err(malformed("a token without a user").into());
        }
        let (project_id, project_domain_id) = token
            .project
            .map_or((None, None), |project| (Some(project.id), domain(project.domain)));
        Ok(Self {
            user_id: token.user.id,
            user_domain_id: domain(token.user.domain),
            project_id: project_id.filter(|id| !id.is_empty()),
            project_domain_id,
            domain_id: domain(token.domain),
            system: token.system.is_some_and(|system| system.all),
            roles: token.roles.into_iter().map(|role| role.name).collect(),
            is_admin_project: token.is_admin_project.unwrap_or(true),
            expires,
            access_rules: token
                .application_credential
                .and_then(|credential| credential.access_rules),
        })
    }

    /// Whether the token's application credential bounds what it may be used for.
    #[must_use]
    pub fn is_restricted(&self) -> bool {
        self.access_rules.is_some()
    }

    /// Whether it may be used for this request to a service of this type; always, when it is not restricted. `path`
    /// starts with a slash and has no query.
    #[must_use]
    pub fn may_request(&self, service_type: &str, method: &str, path: &str) -> bool {
        self.access_rules
            .as_ref()
            .is_none_or(|rules| rules::admit(rules, service_type, method, path))
    }
}

fn domain(domain: Option<Domain>) -> Option<String> {
    domain.map(|domain| domain.id).filter(|id| !id.is_empty())
}

/// The answer to `GET /v3/auth/tokens`.
#[derive(Deserialize)]
pub(super) struct Answer {
    token: Token,
}

#[derive(Deserialize)]
struct Token {
    expires_at: String,
    user: User,
    project: Option<Project>,
    domain: Option<Domain>,
    system: Option<System>,
    #[serde(default)]
    roles: Vec<Role>,
    is_admin_project: Option<bool>,
    application_credential: Option<Credential>,
    /// Old Keystones bound tokens to a ticket.
    bind: Option<HashMap<String, IgnoredAny>>,
}

#[derive(Deserialize)]
struct User {
    id: String,
    domain: Option<Domain>,
}

#[derive(Deserialize)]
struct Project {
    id: String,
    domain: Option<Domain>,
}

#[derive(Deserialize)]
struct Domain {
    #[serde(default)]
    id: String,
}

#[derive(Deserialize)]
struct System {
    #[serde(default)]
    all: bool,
}

#[derive(Deserialize)]
struct Role {
    name: String,
}

#[derive(Deserialize)]
struct Credential {
    access_rules: Option<Vec<Rule>>,
}
