//! A small HTTP/1.1 client that keeps its connection: on two cores a full one would measure itself.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::target::Target;

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(120);
/// Most bytes in the head of an answer.
const LONGEST_HEAD: usize = 64 * 1024;

/// One connection, opened when first needed and again after the server closed it.
pub(super) struct Connection {
    target: Arc<Target>,
    stream: Option<TcpStream>,
    received: Vec<u8>,
}

/// An answer; the body has arrived as a whole.
#[derive(Debug)]
pub(super) struct Answer {
    /// The status code.
    pub(super) status: u16,
    /// The body, without chunks.
    pub(super) body: Vec<u8>,
}

impl Connection {
    /// A connection that is not open yet.
    pub(super) fn new(target: &Arc<Target>) -> Self {
        Self { target: Arc::clone(target), stream: None, received: Vec::with_capacity(16 * 1024) }
    }

    /// Sends a request and waits for its answer. After an error the next request opens a new connection.
    pub(super) async fn send(&mut self, request: &[u8]) -> Result<Answer> {
        match tokio::time::timeout(PATIENCE, self.exchange(request)).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                self.stream = None;
                Err(error)
            }
            Err(_) => {
                self.stream = None;
                bail!("no answer within {} s", PATIENCE.as_secs());
            }
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Answer> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => {
                let stream = TcpStream::connect(&self.target.authority).await?;
                stream.set_nodelay(true)?;
                stream
            }
        };
        stream.write_all(request).await?;
        self.received.clear();
        let head = loop {
            if let Some(end) = find(&self.received, b"\r\n\r\n") {
                break Head::parse(&self.received[..end], end + 4)?;
            }
            if self.received.len() > LONGEST_HEAD {
                bail!("the head of the answer does not end");
            }
            receive(&mut stream, &mut self.received).await?;
        };
        let body = self.body(&mut stream, &head).await?;
        if head.keeps_alive {
            self.stream = Some(stream);
        }
        Ok(Answer { status: head.status, body })
    }

    async fn body(&mut self, stream: &mut TcpStream, head: &Head) -> Result<Vec<u8>> {
        match head.body {
            Body::Length(length) => {
                while self.received.len() < head.length + length {
                    receive(stream, &mut self.received).await?;
                }
                Ok(self.received[head.length..head.length + length].to_vec())
            }
            Body::Chunks => loop {
                if let Some(body) = unchunk(&self.received[head.length..])? {
                    break Ok(body);
                }
                receive(stream, &mut self.received).await?;
            },
            Body::UntilClose => {
                stream.read_to_end(&mut self.received).await?;
                Ok(self.received[head.length..].to_vec())
            }
        }
    }
}

async fn receive(stream: &mut TcpStream, received: &mut Vec<u8>) -> Result<()> {
    if stream.read_buf(received).await? == 0 {
        bail!("the server closed the connection in the middle of an answer");
    }
    Ok(())
}

/// How the end of a body is known.
#[derive(Debug, PartialEq, Eq)]
enum Body {
    Length(usize),
    Chunks,
    UntilClose,
}

/// What the head of an answer says.
#[derive(Debug, PartialEq, Eq)]
struct Head {
    status: u16,
    /// Bytes up to the body.
    length: usize,
    body: Body,
    keeps_alive: bool,
}

impl Head {
    fn parse(bytes: &[u8], length: usize) -> Result<Self> {
        let text = std::str::from_utf8(bytes).context("the head of the answer is not text")?;
        let mut lines = text.split("\r\n");
        let first = lines.next().unwrap_or_default();
        let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status: u16 = status.with_context(|| format!("not an answer: {first}"))?;
        let mut keeps_alive = !first.starts_with("HTTP/1.0");
        let mut body = Body::UntilClose;
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                body = Body::Length(value.parse().context("a content length that is no number")?);
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                body = Body::Chunks;
            } else if name.eq_ignore_ascii_case("connection") {
                keeps_alive = value.eq_ignore_ascii_case("keep-alive")
                    || (keeps_alive && !value.eq_ignore_ascii_case("close"));
            }
        }
        if matches!(status, 204 | 304) {
            body = Body::Length(0);
        }
        keeps_alive &= body != Body::UntilClose;
        Ok(Self { status, length, body, keeps_alive })
    }
}

/// Joins chunks; nothing while the last one has not arrived. Trailers are not expected.
fn unchunk(mut bytes: &[u8]) -> Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    loop {
        let Some(end) = find(bytes, b"\r\n") else { return Ok(None) };
        let line = std::str::from_utf8(&bytes[..end])?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).context("a chunk without a size")?;
        let start = end + 2;
        if bytes.len() < start + size + 2 {
            return Ok(None);
        }
        body.extend_from_slice(&bytes[start..start + size]);
        bytes = &bytes[start + size + 2..];
        if size == 0 {
            return Ok(Some(body));
        }
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests;
