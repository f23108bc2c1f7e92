//! A file's bytes as a stream.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;
use futures::stream;

/// How much is read at a time.
const CHUNK: u64 = 1 << 20;

/// The first `length` bytes of `file` as a stream; holes are zeros. Ends with an error when the file has fewer.
pub fn read(file: File, length: u64) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
    let file = Arc::new(file);
    stream::try_unfold(0, move |at| {
        let file = Arc::clone(&file);
        async move {
            if at >= length {
                return Ok(None);
            }
            let size = CHUNK.min(length - at);
            let chunk = tokio::task::spawn_blocking(move || read_at(&file, at, size)).await;
            let chunk = chunk.map_err(io::Error::other)??;
            Ok(Some((chunk, at + size)))
        }
    })
}

fn read_at(file: &File, at: u64, size: u64) -> io::Result<Bytes> {
    let mut chunk = vec![0; size as usize];
    file.read_exact_at(&mut chunk, at)?;
    Ok(Bytes::from(chunk))
}
