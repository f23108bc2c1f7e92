//! `keystone`: what keystonemiddleware does in front of Cinder.
//!
//! A request needs a token that holds (`X-Auth-Token`). A service that passes a request on adds its own
//! (`X-Service-Token`): that one must hold too, with one of `service_token_roles`, and then the user's may have ended
//! meanwhile. A token of an application credential with access rules is good for the requests that they name.

use ashlar_clients::ClientError;
use ashlar_clients::keystone::{Accept, Identity, TokenError, Tokens};
use ashlar_types::caller::Scope;
use ashlar_types::{Caller, Token};
use http::HeaderMap;

use super::Asking;
use crate::fault::{Fault, FaultKind};

/// Seconds until a client may try again when Keystone did not answer.
const RETRY_AFTER: u32 = 5;

/// Who is let in: part of `[keystone_authtoken]`.
#[derive(Debug, Clone)]
pub struct Rules {
    /// `www_authenticate_uri`: where clients without a token are sent.
    pub www_authenticate_uri: String,
    /// `service_token_roles`.
    pub service_token_roles: Vec<String>,
    /// `service_token_roles_required`: a service token without such a role is worth nothing.
    pub service_token_roles_required: bool,
    /// `service_type`: what we are in access rules.
    pub service_type: Option<String>,
}

/// Lets in who has a token that holds.
#[derive(Debug)]
pub struct Gate {
    tokens: Tokens,
    rules: Rules,
}

impl Gate {
    /// A gate.
    #[must_use]
    pub fn new(tokens: Tokens, rules: Rules) -> Self {
        Self { tokens, rules }
    }

    /// Whose token the request has. The caller's request id is empty and its rights are not looked at.
    ///
    /// # Errors
    /// 401 in keystonemiddleware's form, or 503.
    pub(super) async fn admit(&self, asking: Asking<'_>) -> Result<Caller, Fault> {
        let service = match header(asking.headers, &["x-service-token"]) {
            Sent::Nothing => None,
            Sent::One(token) => Some(self.service(token).await?),
            Sent::Several => return Err(self.refuse("several service tokens")),
        };
        let token = match header(asking.headers, &["x-auth-token", "x-storage-token"]) {
            Sent::One(token) => token,
            Sent::Nothing => return Err(self.refuse("no token")),
            Sent::Several => return Err(self.refuse("several tokens")),
        };
        let accept = match &service {
            Some(service) if self.is_service(service) => Accept::Expired,
            _ => Accept::Current,
        };
        let user = self.validate(token, accept).await?;
        if user.is_restricted() && service.is_none() {
            self.ensure_may_request(&user, asking)?;
        }
        Ok(caller(&user, service.as_deref(), token))
    }

    /// Whether Keystone knows the project, asked in the caller's name.
    ///
    /// # Errors
    /// 403 when Keystone does not tell the caller, 503 when it does not say.
    pub(super) async fn knows_project(
        &self,
        caller: &Caller,
        project: &str,
    ) -> Result<bool, Fault> {
        // What a URL takes for a way is no identity, and would ask about something else.
        if matches!(project, "." | "..") {
            return Ok(false);
        }
        let known = self.tokens.keystone().knows_project(&caller.token, project).await;
        known.map_err(|error| match error {
            ClientError::Refused { status: 401 | 403, .. } => {
                let message = "You are not authorized to perform this operation.";
                Fault::new(FaultKind::Forbidden, message).caused_by(error)
            }
            error => Fault::unavailable("The Keystone service is temporarily unavailable.")
                .retry_in(RETRY_AFTER)
                .caused_by(error),
        })
    }

    /// The service that passes the request on. One whose token is refused spoils the request, whatever the user's.
    async fn service(&self, token: &str) -> Result<std::sync::Arc<Identity>, Fault> {
        let service = self.validate(token, Accept::Current).await?;
        if self.rules.service_token_roles_required && !self.is_service(&service) {
            return Err(self.refuse("the service token has none of service_token_roles"));
        }
        Ok(service)
    }

    fn is_service(&self, service: &Identity) -> bool {
        service.roles.iter().any(|role| self.rules.service_token_roles.contains(role))
    }

    /// The access rules admit the request. A service that passes a request on may ask for others than the user may.
    fn ensure_may_request(&self, user: &Identity, asking: Asking<'_>) -> Result<(), Fault> {
        let Some(service_type) = &self.rules.service_type else {
            return Err(self.refuse(
                "the token has access rules, which need [keystone_authtoken] service_type",
            ));
        };
        if user.may_request(service_type, asking.method.as_str(), asking.path) {
            Ok(())
        } else {
            Err(self.refuse("the token's access rules do not name this request"))
        }
    }

    async fn validate(
        &self,
        token: &str,
        accept: Accept,
    ) -> Result<std::sync::Arc<Identity>, Fault> {
        self.tokens.validate(token, accept).await.map_err(|error| match error {
            TokenError::Invalid => self.refuse("a token does not hold"),
            TokenError::Busy | TokenError::Unanswered(_) => {
                Fault::unavailable("The Keystone service is temporarily unavailable.")
                    .retry_in(RETRY_AFTER)
                    .caused_by(error)
            }
        })
    }

    /// 401; the client is not told why, the log is.
    fn refuse(&self, cause: &'static str) -> Fault {
        let challenge = format!("Keystone uri=\"{}\"", self.rules.www_authenticate_uri);
        Fault::unauthorized(challenge).caused_by(cause)
    }
}

fn caller(user: &Identity, service: Option<&Identity>, token: &str) -> Caller {
    Caller {
        user_id: user.user_id.clone(),
        project_id: user.project_id.clone().unwrap_or_default(),
        roles: user.roles.clone(),
        is_admin: false,
        request_id: String::new(),
        scope: Scope {
            system: user.system.then(|| "all".to_owned()),
            domain_id: user.domain_id.clone(),
            user_domain_id: user.user_domain_id.clone(),
            project_domain_id: user.project_domain_id.clone(),
            service_roles: service.map(|service| service.roles.clone()).unwrap_or_default(),
            is_admin_project: user.is_admin_project,
        },
        token: Token::new(token.trim()),
    }
}

/// What there is under a header's name.
enum Sent<'h> {
    /// No such header, or an empty one.
    Nothing,
    /// One text.
    One(&'h str),
    /// More than one, of which a proxy may have judged another than we would.
    Several,
}

/// The first of these headers that is there.
fn header<'h>(headers: &'h HeaderMap, names: &[&str]) -> Sent<'h> {
    for name in names {
        let mut values = headers.get_all(*name).iter();
        match (values.next(), values.next()) {
            (None, _) => {}
            (Some(_), Some(_)) => return Sent::Several,
            // What is no text is no token: it goes on as one that cannot hold.
            (Some(value), None) => match value.to_str().unwrap_or("\u{fffd}").trim() {
                "" => return Sent::Nothing,
                text => return Sent::One(text),
            },
        }
    }
    Sent::Nothing
}

#[cfg(test)]
mod tests;
