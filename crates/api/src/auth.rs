//! Who asks: the sender of a request, by the configured strategy.
//!
//! Under `keystone` nothing counts but tokens: headers that say who somebody is (`X-User-Id`, `X-Roles`,
//! `X-Identity-Status`, …) are never read. Under `noauth` whoever reaches the port is believed.

pub mod keystone;
mod noauth;

use std::sync::Arc;

use ashlar_types::Caller;
use http::{HeaderMap, Method};

use crate::fault::Fault;

/// How callers are told apart (`auth_strategy`).
#[derive(Debug, Clone, Default)]
pub enum AuthStrategy {
    /// Whoever can reach the port is believed.
    #[default]
    NoAuth,
    /// Tokens are validated at Keystone.
    Keystone(Arc<keystone::Gate>),
}

/// A request as the strategies look at it.
#[derive(Clone, Copy)]
pub(crate) struct Asking<'a> {
    /// Method.
    pub(crate) method: &'a Method,
    /// Decoded path.
    pub(crate) path: &'a str,
    /// Headers.
    pub(crate) headers: &'a HeaderMap,
}

/// Who sent a request, before the URL is looked at.
#[derive(Debug)]
pub(crate) struct Credentials(Found);

#[derive(Debug)]
enum Found {
    Claimed(noauth::Claim),
    Proved(Box<Caller>),
}

/// Marks tokens so that nothing shows them, whoever prints a request.
pub(crate) fn conceal(headers: &mut HeaderMap) {
    for name in ["x-auth-token", "x-service-token", "x-storage-token", "x-subject-token"] {
        if let http::header::Entry::Occupied(mut values) = headers.entry(name) {
            values.iter_mut().for_each(|value| value.set_sensitive(true));
        }
    }
}

impl AuthStrategy {
    /// Whether Keystone knows the project, asked in the caller's name; without Keystone every project is there.
    ///
    /// # Errors
    /// 403 when Keystone does not tell the caller, 503 when it does not say.
    pub(crate) async fn knows_project(
        &self,
        caller: &Caller,
        project: &str,
    ) -> Result<bool, Fault> {
        match self {
            Self::NoAuth => Ok(true),
            Self::Keystone(gate) => gate.knows_project(caller, project).await,
        }
    }

    /// Who sent the request.
    ///
    /// # Errors
    /// 401 without a token that holds, 503 when Keystone does not say; never under `noauth`.
    pub(crate) async fn identify(&self, asking: Asking<'_>) -> Result<Credentials, Fault> {
        match self {
            Self::NoAuth => Ok(Credentials(Found::Claimed(noauth::Claim::read(asking.headers)))),
            Self::Keystone(gate) => {
                // In a box, so that the future of a request has no room for asking Keystone.
                let caller = Box::pin(gate.admit(asking)).await?;
                Ok(Credentials(Found::Proved(Box::new(caller))))
            }
        }
    }
}

impl Credentials {
    /// The sender's project; empty for a token of a domain or of the system.
    pub(crate) fn project(&self) -> &str {
        match &self.0 {
            Found::Claimed(claim) => claim.project(),
            Found::Proved(caller) => &caller.project_id,
        }
    }

    /// The caller, an administrator only when policy says so. The URL's project counts for those who claim none.
    pub(crate) fn into_caller(self, project_in_url: Option<&str>, request_id: &str) -> Caller {
        match self.0 {
            Found::Claimed(claim) => claim.into_caller(project_in_url, request_id),
            Found::Proved(caller) => Caller { request_id: request_id.to_owned(), ..*caller },
        }
    }
}
