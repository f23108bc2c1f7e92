//! The HTTP client below all neighbours: who is trusted, where redirects may lead, how much is read.

use std::path::PathBuf;
use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::redirect::{Attempt, Policy};
use reqwest::{Certificate, Client, ClientBuilder, RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;

use crate::{ClientError, Neighbour};

/// Most bytes of an answer that are read. A catalogue of hundreds of endpoints has some 100 KiB.
const MAX_BYTES: usize = 1 << 20;
/// Longest wait for a connection; whoever asks bounds the whole.
const CONNECT: Duration = Duration::from_secs(5);
/// Longest silence within an answer.
const SILENCE: Duration = Duration::from_secs(30);
/// Most redirects that are followed.
const MAX_REDIRECTS: usize = 3;

/// Whose certificates are believed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Roots {
    /// Those that the machine trusts.
    #[default]
    System,
    /// Those in this PEM file and no others (`cafile`).
    File(PathBuf),
}

/// How to speak TLS with a neighbour.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// `cafile`.
    pub roots: Roots,
    /// `insecure`: any certificate will do.
    pub insecure: bool,
}

/// A client that cannot be made, for one of the configuration's options; the texts follow the option's name.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// `cafile` cannot be read.
    #[error("{} cannot be read: {cause}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        cause: std::io::Error,
    },
    /// `cafile` holds no certificates.
    #[error("{} is no PEM file with certificates", path.display())]
    NoCertificates {
        /// The file.
        path: PathBuf,
    },
    /// `auth_url` is no http or https URL.
    #[error("must be a URL that starts with http:// or https://")]
    BadUrl,
    /// TLS cannot be set up, such as on a machine that trusts nobody.
    #[error("TLS cannot be set up: {0}")]
    Tls(reqwest::Error),
}

/// A client that speaks with one neighbour's hosts. Proxies of the environment are not used.
pub(crate) fn client(tls: &Tls) -> Result<Client, SetupError> {
    build(Client::builder().read_timeout(SILENCE), tls)
}

/// The same for long transfers: whoever uses it bounds every wait, as the longest silence of [`client`] would
/// also end an upload that is still on its way.
pub(crate) fn patient_client(tls: &Tls) -> Result<Client, SetupError> {
    build(Client::builder(), tls)
}

fn build(builder: ClientBuilder, tls: &Tls) -> Result<Client, SetupError> {
    let mut builder = builder
        .no_proxy()
        .redirect(Policy::custom(redirect))
        .connect_timeout(CONNECT)
        .user_agent(concat!("ashlar/", env!("CARGO_PKG_VERSION")));
    if let Roots::File(path) = &tls.roots {
        builder = builder.tls_certs_only(certificates(path)?);
    }
    if tls.insecure {
        builder = builder.tls_danger_accept_invalid_certs(true);
    }
    builder.build().map_err(SetupError::Tls)
}

fn certificates(path: &PathBuf) -> Result<Vec<Certificate>, SetupError> {
    let pem = std::fs::read(path)
        .map_err(|cause| SetupError::Unreadable { path: path.clone(), cause })?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        _ => Err(SetupError::NoCertificates { path: path.clone() }),
    }
}

/// Follows what stays on the host, since the token goes along; from http to https is allowed, back is not.
fn redirect(attempt: Attempt<'_>) -> reqwest::redirect::Action {
    let Some(first) = attempt.previous().first() else { return attempt.stop() };
    let next = attempt.url();
    let same = next.origin() == first.origin();
    let upgrade =
        (first.scheme(), next.scheme()) == ("http", "https") && first.host_str() == next.host_str();
    if (same || upgrade) && attempt.previous().len() <= MAX_REDIRECTS {
        attempt.follow()
    } else {
        attempt.stop()
    }
}

/// Sends `request` and answers what came back, its body unread.
pub(crate) async fn send(
    neighbour: Neighbour,
    request: RequestBuilder,
) -> Result<Response, ClientError> {
    request.send().await.map_err(|error| unreachable(neighbour, error))
}

/// What a status that is no success means.
pub(crate) fn refusal(neighbour: Neighbour, answer: &Response) -> ClientError {
    let status = answer.status();
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return ClientError::Unreachable { neighbour, cause: format!("it answers {status}") };
    }
    if status.is_redirection() {
        let host = answer.headers().get(LOCATION).and_then(|place| place.to_str().ok());
        let host = host.and_then(|place| reqwest::Url::parse(place).ok());
        let host = host.and_then(|place| place.host_str().map(str::to_owned));
        let place = host.unwrap_or_else(|| "elsewhere".to_owned());
        let cause = format!("a redirect to {place}, which is not followed");
        return ClientError::Malformed { neighbour, cause };
    }
    ClientError::Refused { neighbour, status: status.as_u16() }
}

/// Reads the JSON body of an answer.
pub(crate) async fn body<T: DeserializeOwned>(
    neighbour: Neighbour,
    mut answer: Response,
) -> Result<T, ClientError> {
    let mut bytes = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(|error| unreachable(neighbour, error))? {
        if bytes.len() + piece.len() > MAX_BYTES {
            let cause = format!("an answer of more than {MAX_BYTES} bytes");
            return Err(ClientError::Malformed { neighbour, cause });
        }
        bytes.extend_from_slice(&piece);
    }
    // serde_json's own words may quote the answer, which may hold a secret: only the place is told.
    serde_json::from_slice(&bytes).map_err(|error| ClientError::Malformed {
        neighbour,
        cause: format!(
            "no such JSON as expected, at byte {} of line {}",
            error.column(),
            error.line()
        ),
    })
}

/// The innermost cause says what happened ("connection refused"); the outer ones repeat the URL.
pub(crate) fn unreachable(neighbour: Neighbour, error: reqwest::Error) -> ClientError {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    ClientError::Unreachable { neighbour, cause: cause.to_string() }
}
