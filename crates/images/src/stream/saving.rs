//! Writes a stream into a file while its digest is computed beside, and checks what was promised of it.

use std::error::Error;
use std::fs::File;
use std::io;
use std::mem;
use std::pin::{Pin, pin};
use std::sync::Arc;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::digest::{Digest, Hasher};
use super::sparse;
use crate::inspect::{HEAD, inspect_head};
use crate::{Format, Refused};

/// How many bytes go to the workers at once. More than [`HEAD`], so that the first batch has all that is looked at.
const BATCH: usize = 512 << 10;

/// How many batches may wait for each worker.
const WAITING: usize = 8;

/// What is known of a stream before it comes.
#[derive(Debug, Clone)]
pub struct Incoming {
    /// What the bytes are declared to be. Plain ones are looked at before the first of them is written; others are for
    /// a file that is inspected as a whole afterwards.
    pub declared: Format,
    /// How many bytes were promised, where that was done.
    pub length: Option<u64>,
    /// How many there is room for.
    pub longest: u64,
    /// The digest they are to have, where one was promised.
    pub digest: Option<Digest>,
}

/// A stream was not saved, or not as promised: what is in the file is of no use.
#[derive(Debug, thiserror::Error)]
pub enum SaveError<E: Error + 'static> {
    /// The stream itself failed.
    #[error("the image could not be read to its end")]
    Source(#[source] E),
    /// The bytes are not what they were declared to be.
    #[error("the image is refused: {0}")]
    Refused(Refused),
    /// It ended before the promised length.
    #[error("the image ended after {got} of {promised} bytes")]
    Short {
        /// Bytes that came.
        got: u64,
        /// Bytes that were promised.
        promised: u64,
    },
    /// More bytes came than were promised, or than there is room for.
    #[error("the image has more than {allowed} bytes")]
    Long {
        /// How many may come.
        allowed: u64,
        /// Whether that is what was promised; otherwise there is no room for more.
        promised: bool,
    },
    /// The digest is another one.
    #[error("the image does not have its {algorithm} digest")]
    Digest {
        /// The algorithm.
        algorithm: String,
    },
    /// The promised digest is of an algorithm that is not known here.
    #[error("the digest of the image is of an unknown algorithm")]
    UnknownAlgorithm,
    /// The file system is full.
    #[error("no space is left for the image")]
    NoSpace,
    /// Writing failed otherwise.
    #[error("the image could not be written")]
    Write(#[source] io::Error),
}

/// Writes `stream` into `file`, from its beginning, and answers how many bytes came. The file must read as zeros: what
/// is zero is not written. A file that is shorter afterwards than the stream was grows to its length. Nothing is flushed.
///
/// `progress` is told the number of bytes that came so far, for each piece.
///
/// # Errors
/// [`SaveError`]; the file then holds a part of the bytes.
pub async fn save<E: Error + Send + 'static>(
    stream: impl Stream<Item = Result<Bytes, E>> + Send,
    file: Arc<File>,
    incoming: &Incoming,
    progress: impl Fn(u64) + Send + Sync,
) -> Result<u64, SaveError<E>> {
    let promised = incoming.length.filter(|length| *length <= incoming.longest);
    let allowed = promised.unwrap_or(incoming.longest);
    if incoming.length.is_some() && promised.is_none() {
        return Err(SaveError::Long { allowed, promised: false });
    }
    let mut workers = Workers::start(file, incoming.digest.as_ref())?;
    let sent = send(pin!(stream), incoming, allowed, &workers, progress).await;
    // Awaited in any case: when this returns, nothing is being written any more.
    let ended = workers.end().await;
    let got = match sent {
        Ok(got) => got,
        // A worker that stopped early says itself why.
        Err(Stop::Worker) => allowed,
        Err(Stop::Save(error)) => return Err(error),
    };
    let value = ended.map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => SaveError::NoSpace,
        _ => SaveError::Write(error),
    })?;
    if let Some(promised) = promised.filter(|promised| got < *promised) {
        return Err(SaveError::Short { got, promised });
    }
    match &incoming.digest {
        Some(digest) if !value.is_some_and(|value| value.eq_ignore_ascii_case(&digest.value)) => {
            Err(SaveError::Digest { algorithm: digest.algorithm.clone() })
        }
        _ => Ok(got),
    }
}

/// Why no more is sent to the workers.
enum Stop<E: Error + 'static> {
    /// One of them is gone.
    Worker,
    /// The stream is at fault.
    Save(SaveError<E>),
}

/// Sends the stream to the workers in batches, the first of them when its bytes were looked at.
async fn send<E: Error + 'static>(
    mut stream: Pin<&mut (impl Stream<Item = Result<Bytes, E>> + Send)>,
    incoming: &Incoming,
    allowed: u64,
    workers: &Workers,
    progress: impl Fn(u64) + Send + Sync,
) -> Result<u64, Stop<E>> {
    let mut batch = Batch::default();
    let mut got = 0;
    let mut looked_at = false;
    while let Some(piece) = stream.next().await {
        let piece = piece.map_err(|error| Stop::Save(SaveError::Source(error)))?;
        got += piece.len() as u64;
        if got > allowed {
            let promised = incoming.length.is_some();
            return Err(Stop::Save(SaveError::Long { allowed, promised }));
        }
        progress(got);
        batch.push(piece);
        if batch.size >= BATCH {
            if !looked_at {
                batch.look_at(incoming.declared)?;
                looked_at = true;
            }
            workers.take(mem::take(&mut batch)).await.ok_or(Stop::Worker)?;
        }
    }
    if !looked_at {
        batch.look_at(incoming.declared)?;
    }
    workers.take(batch).await.ok_or(Stop::Worker)?;
    Ok(got)
}

/// Pieces that go to the workers at once: the network's own pieces are small.
#[derive(Default, Clone)]
struct Batch {
    pieces: Vec<Bytes>,
    size: usize,
}

impl Batch {
    fn push(&mut self, piece: Bytes) {
        self.size += piece.len();
        self.pieces.push(piece);
    }

    /// Refuses when this, the beginning of the stream, is not what it was declared to be.
    fn look_at<E: Error + 'static>(&self, declared: Format) -> Result<(), Stop<E>> {
        let head: Vec<u8> = self.pieces.iter().flatten().copied().take(HEAD).collect();
        inspect_head(&head, declared).map_err(|refused| Stop::Save(SaveError::Refused(refused)))
    }
}

/// The threads that write and compute the digest.
struct Workers {
    to_writer: Option<mpsc::Sender<Batch>>,
    to_hasher: Option<mpsc::Sender<Batch>>,
    writer: JoinHandle<io::Result<()>>,
    hasher: Option<JoinHandle<String>>,
}

impl Workers {
    fn start<E: Error + 'static>(
        file: Arc<File>,
        digest: Option<&Digest>,
    ) -> Result<Self, SaveError<E>> {
        let context = match digest {
            Some(digest) => {
                Some(Hasher::new(&digest.algorithm).ok_or(SaveError::UnknownAlgorithm)?)
            }
            None => None,
        };
        let (to_writer, batches) = mpsc::channel(WAITING);
        let writer = tokio::task::spawn_blocking(move || write(&file, batches));
        let (to_hasher, hasher) = match context {
            Some(context) => {
                let (to_hasher, batches) = mpsc::channel(WAITING);
                let hasher = tokio::task::spawn_blocking(move || hash(context, batches));
                (Some(to_hasher), Some(hasher))
            }
            None => (None, None),
        };
        Ok(Self { to_writer: Some(to_writer), to_hasher, writer, hasher })
    }

    /// Hands on a batch; `None` when a worker is gone.
    async fn take(&self, batch: Batch) -> Option<()> {
        if let Some(to_hasher) = &self.to_hasher {
            to_hasher.send(batch.clone()).await.ok()?;
        }
        self.to_writer.as_ref()?.send(batch).await.ok()
    }

    /// Waits until everything is written; the digest.
    async fn end(&mut self) -> io::Result<Option<String>> {
        self.to_writer = None;
        self.to_hasher = None;
        let value = match &mut self.hasher {
            Some(hasher) => Some(hasher.await),
            None => None,
        };
        (&mut self.writer).await??;
        Ok(value.transpose()?)
    }
}

fn write(file: &File, mut batches: mpsc::Receiver<Batch>) -> io::Result<()> {
    let mut at = 0;
    while let Some(batch) = batches.blocking_recv() {
        for piece in &batch.pieces {
            sparse::write(file, at, piece)?;
            at += piece.len() as u64;
        }
    }
    let now = file.metadata()?;
    if now.is_file() && now.len() < at { file.set_len(at) } else { Ok(()) }
}

fn hash(mut context: Hasher, mut batches: mpsc::Receiver<Batch>) -> String {
    while let Some(batch) = batches.blocking_recv() {
        for piece in &batch.pieces {
            context.update(piece);
        }
    }
    context.finish()
}

#[cfg(test)]
mod tests;
