//! An image's bytes, down and up, in streams: nothing is kept, and no silence lasts for ever.

use std::fmt;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, BoxStream, StreamExt as _};
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Body, RequestBuilder, Response, StatusCode};
use tokio::time::Instant;

use super::ask::{malformed, silent};
use crate::{ClientError, Neighbour, wire};

/// Longest wait for Glance's word after the last byte: its store may have to be told of the whole image first.
/// As long as Glance's own client waits.
const FINISH: Duration = Duration::from_secs(600);

/// An image on its way to us.
pub struct Download {
    /// Bytes that Glance promises; it does not always.
    pub length: Option<u64>,
    /// The bytes. After an error nothing comes any more.
    pub stream: BoxStream<'static, Result<Bytes, ClientError>>,
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Download").field("length", &self.length).finish_non_exhaustive()
    }
}

/// The bytes of `answer`; between two pieces at most `silence` passes.
pub(super) fn download(answer: Response, silence: Duration) -> Result<Download, ClientError> {
    if answer.status() == StatusCode::NO_CONTENT {
        return Err(malformed("an image without data"));
    }
    if answer.status() != StatusCode::OK {
        return Err(malformed("a part of an image where all of it was asked for"));
    }
    let length = answer.content_length();
    let reading = Reading { answer, got: 0, length, silence };
    let stream = stream::try_unfold(Some(reading), |reading| async move {
        let Some(reading) = reading else { return Ok(None) };
        reading.next().await
    });
    Ok(Download { length, stream: stream.boxed() })
}

struct Reading {
    answer: Response,
    got: u64,
    length: Option<u64>,
    silence: Duration,
}

impl Reading {
    async fn next(mut self) -> Result<Option<(Bytes, Option<Self>)>, ClientError> {
        let piece = tokio::time::timeout(self.silence, self.answer.chunk()).await;
        let piece = piece.map_err(|_| silent(self.silence))?;
        let piece = piece.map_err(|error| wire::unreachable(Neighbour::Glance, error))?;
        let Some(piece) = piece else { return self.end() };
        self.got += piece.len() as u64;
        Ok(Some((piece, Some(self))))
    }

    fn end(self) -> Result<Option<(Bytes, Option<Self>)>, ClientError> {
        match self.length {
            Some(length) if self.got < length => {
                let cause = format!("the image ended after {} of {length} bytes", self.got);
                Err(ClientError::Unreachable { neighbour: Neighbour::Glance, cause })
            }
            _ => Ok(None),
        }
    }
}

/// What is uploaded.
type Pieces = BoxStream<'static, io::Result<Bytes>>;

/// How an upload goes on, seen by the one who waits for its end.
struct Progress {
    since: Instant,
    phase: Phase,
    /// What ended the stream.
    broken: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Glance is to take a piece.
    Taking,
    /// The next piece is not there yet, which is not Glance's fault.
    Making,
    /// All has been handed over.
    Done,
}

/// Sends `stream` and answers what Glance says at the end.
pub(super) async fn upload(
    request: RequestBuilder,
    stream: Pieces,
    silence: Duration,
) -> Result<Response, ClientError> {
    let progress = Progress { since: Instant::now(), phase: Phase::Taking, broken: None };
    let progress = Arc::new(Mutex::new(progress));
    let body = Body::wrap_stream(watched(stream, Arc::clone(&progress)));
    let request = request
        .header(CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"))
        .body(body);
    let sent = tokio::select! {
        sent = wire::send(Neighbour::Glance, request) => sent,
        silence = silence_of(&progress, silence) => return Err(silence),
    };
    let broken = progress.lock().ok().and_then(|mut progress| progress.broken.take());
    match broken {
        Some(cause) => Err(malformed_source(&cause)),
        None => sent,
    }
}

fn malformed_source(cause: &str) -> ClientError {
    malformed(&format!("the stream to upload broke: {cause}"))
}

/// The stream, telling how it goes on.
fn watched(stream: Pieces, progress: Arc<Mutex<Progress>>) -> Pieces {
    let next = |(mut stream, progress): (Pieces, Arc<Mutex<Progress>>)| async move {
        set(&progress, Phase::Making, None);
        match stream.next().await {
            Some(Ok(piece)) => {
                set(&progress, Phase::Taking, None);
                Some((Ok(piece), (stream, progress)))
            }
            Some(Err(error)) => {
                set(&progress, Phase::Done, Some(error.to_string()));
                Some((Err(error), (stream::empty().boxed(), progress)))
            }
            None => {
                set(&progress, Phase::Done, None);
                None
            }
        }
    };
    stream::unfold((stream, progress), next).boxed()
}

fn set(progress: &Mutex<Progress>, phase: Phase, broken: Option<String>) {
    if let Ok(mut progress) = progress.lock() {
        progress.since = Instant::now();
        progress.phase = phase;
        progress.broken = progress.broken.take().or(broken);
    }
}

/// Ends when Glance took nothing, or said nothing after the last piece, for too long.
async fn silence_of(progress: &Mutex<Progress>, silence: Duration) -> ClientError {
    loop {
        let Some((since, phase)) = progress.lock().ok().map(|kept| (kept.since, kept.phase)) else {
            return malformed("an upload that broke");
        };
        let longest = match phase {
            Phase::Taking => silence,
            Phase::Making => Duration::MAX,
            Phase::Done => silence.max(FINISH),
        };
        let now = Instant::now();
        if now.duration_since(since) >= longest {
            return silent(longest);
        }
        let left = longest.saturating_sub(now.duration_since(since));
        tokio::time::sleep(left.min(silence)).await;
    }
}
