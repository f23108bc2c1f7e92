//! Requests as bytes on a socket, so that also what no client would send can be sent.

use std::net::SocketAddr;
use std::time::Duration;

use ashlar_api::fault::FaultKind;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The project that all requests are for.
pub(super) const PROJECT: &str = "0123456789abcdef0123456789abcdef";
/// How long an answer may take before a test gives up; no assertion is about time.
const PATIENCE: Duration = Duration::from_secs(60);

/// A request, put together from its parts without looking at them.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    /// A request of an administrator to `/v3/<project><path>`, without a body.
    pub(super) fn new(method: &str, path: &str) -> Self {
        Self::to(method, &format!("/v3/{PROJECT}{path}"))
    }

    /// A request of an administrator to this very target.
    pub(super) fn to(method: &str, target: &str) -> Self {
        let headers = vec![
            ("Host".to_owned(), "localhost".to_owned()),
            ("Connection".to_owned(), "close".to_owned()),
            ("X-Auth-Token".to_owned(), format!("tester:{PROJECT}")),
        ];
        Self { method: method.to_owned(), target: target.to_owned(), headers, body: Vec::new() }
    }

    /// With a header more.
    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// At microversion 3.`minor`.
    pub(super) fn at(self, minor: u32) -> Self {
        self.header("OpenStack-API-Version", &format!("volume 3.{minor}"))
    }

    /// With a body of this type; its length is told.
    pub(super) fn body(self, content_type: Option<&str>, body: impl AsRef<[u8]>) -> Self {
        let mut typed = match content_type {
            Some(content_type) => self.header("Content-Type", content_type),
            None => self,
        };
        typed.body = body.as_ref().to_vec();
        let length = typed.body.len().to_string();
        typed.header("Content-Length", &length)
    }

    /// With a body that says of itself to be JSON.
    pub(super) fn json(self, body: impl AsRef<[u8]>) -> Self {
        self.body(Some("application/json"), body)
    }

    /// As it goes over the wire.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend_from_slice(&self.body);
        bytes
    }

    /// Sends it on a connection of its own.
    pub(super) async fn send(&self, address: SocketAddr) -> Answer {
        let received = exchange(address, &[&self.bytes()], Then::Wait).await;
        Answer::read(&received).unwrap_or_else(|| panic!("no answer to {self:?}"))
    }
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Answer {
    /// The first answer in what was received; none when there is no whole head.
    pub(super) fn read(received: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(received);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut lines = head.split("\r\n");
        let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Some(Self { status, headers: lines.filter_map(header).collect(), body: body.to_owned() })
    }

    /// A header, or an empty text.
    pub(super) fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value)
    }

    /// The message of the fault, if this is one in the usual envelope, whose name and code fit the status.
    pub(super) fn fault(&self) -> Option<String> {
        if self.header("content-type") != "application/json" {
            return None;
        }
        let body: Value = serde_json::from_str(&self.body).ok()?;
        let (name, fault) = body.as_object().filter(|body| body.len() == 1)?.iter().next()?;
        let fits = FaultKind::ALL.iter().any(|kind| {
            let (status, wanted) = kind.http();
            status.as_u16() == self.status && wanted == name
        });
        let message = fault["message"].as_str().filter(|message| !message.is_empty())?;
        (fits && fault["code"] == self.status).then(|| message.to_owned())
    }
}

/// What a client does with its side of the connection once it has sent everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    /// It waits.
    Wait,
    /// It closes its half and listens on.
    HalfClose,
}

/// Sends the pieces one after the other and reads until the server closes. A server that closes early is no
/// failure here: what it said before is what counts.
pub(super) async fn exchange(address: SocketAddr, pieces: &[&[u8]], then: Then) -> Vec<u8> {
    let work = async {
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        let (mut reader, mut writer) = stream.split();
        let mut received = Vec::new();
        let sending = async {
            for piece in pieces {
                if writer.write_all(piece).await.is_err() || writer.flush().await.is_err() {
                    return;
                }
                tokio::task::yield_now().await;
            }
            if then == Then::HalfClose {
                drop(writer.shutdown().await);
            }
        };
        let receiving = async { drop(reader.read_to_end(&mut received).await) };
        tokio::join!(sending, receiving);
        received
    };
    tokio::time::timeout(PATIENCE, work).await.expect("the server answers or closes")
}
