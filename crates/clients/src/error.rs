//! What can go wrong between us and a neighbour. No text here holds a password or a token.

use std::fmt;

/// Whom we ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Neighbour {
    /// Identity.
    Keystone,
    /// Compute.
    Nova,
    /// Images.
    Glance,
}

impl fmt::Display for Neighbour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Keystone => "Keystone",
            Self::Nova => "Nova",
            Self::Glance => "Glance",
        })
    }
}

/// A question that a neighbour did not answer. The texts are for operators.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClientError {
    /// The configuration does not say how to reach it.
    #[error("{0} is not configured")]
    NotConfigured(Neighbour),
    /// It cannot be reached, is too slow, or says that it is at fault itself (a status from 500). Asking again
    /// later may help.
    #[error("{neighbour} cannot be asked: {cause}")]
    Unreachable {
        /// Who.
        neighbour: Neighbour,
        /// What happened, without the URL.
        cause: String,
    },
    /// It does not let us: wrong password, expired account, missing rights, or another status below 500.
    #[error("{neighbour} refuses our request with status {status}")]
    Refused {
        /// Who.
        neighbour: Neighbour,
        /// HTTP status.
        status: u16,
    },
    /// Keystone's catalogue has no such endpoint.
    #[error("Keystone's catalogue has no {interface} endpoint for {service} in {region}")]
    NoEndpoint {
        /// Type of service: `compute`, `image`.
        service: &'static str,
        /// `public`, `internal` or `admin`.
        interface: &'static str,
        /// `any region`, or `region` and its name.
        region: String,
    },
    /// What was asked about is not there.
    #[error("{neighbour} knows nothing of {what}")]
    NotFound {
        /// Who.
        neighbour: Neighbour,
        /// `server` or `image` and its identity.
        what: String,
    },
    /// The server is there, but we are not told where: Nova shows hosts to administrators only.
    #[error(
        "Nova did not return enough information: OS-EXT-SRV-ATTR:host is missing, so the account of section \
         [nova] needs Nova's administrator rights"
    )]
    NoHost,
    /// The answer is not what the API's description promises.
    #[error("{neighbour} answered something else than expected: {cause}")]
    Malformed {
        /// Who.
        neighbour: Neighbour,
        /// What is wrong with it.
        cause: String,
    },
}
