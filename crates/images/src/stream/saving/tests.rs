//! Streams that keep their promises, and streams that do not.

use std::os::unix::fs::MetadataExt as _;

use futures::stream;

use super::*;
use crate::stream::read;

fn incoming(declared: Format) -> Incoming {
    Incoming { declared, length: None, longest: 1 << 30, digest: None }
}

/// Saves `bytes`, which come in pieces of `size`, into a new file.
async fn save_pieces(
    bytes: &[u8],
    size: usize,
    incoming: &Incoming,
) -> (Result<u64, SaveError<io::Error>>, File) {
    let file = tempfile::tempfile().expect("a file");
    let pieces: Vec<_> =
        bytes.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let target = Arc::new(file.try_clone().expect("the same file"));
    (save(stream::iter(pieces), target, incoming, |_| ()).await, file)
}

async fn content(file: File) -> Vec<u8> {
    let length = file.metadata().expect("a size").len();
    let pieces: Vec<_> = read(file, length).collect().await;
    pieces.into_iter().flat_map(|piece| piece.expect("bytes")).collect()
}

/// A disk with data here and there.
fn sparse_disk() -> Vec<u8> {
    let mut disk = vec![0; 12 << 20];
    for at in [0, 4095, 5000, 1 << 20, (8 << 20) + 1] {
        disk[at..at + 10].copy_from_slice(b"some bytes");
    }
    disk
}

#[tokio::test]
async fn what_is_zero_is_not_written_and_reads_as_zero() {
    let disk = sparse_disk();
    for size in [1000, 4096, 70_000, 3 << 20] {
        let (saved, file) = save_pieces(&disk, size, &incoming(Format::Raw)).await;
        assert_eq!(saved.expect("saved"), disk.len() as u64);
        let allocated = file.metadata().expect("metadata").blocks() * 512;
        assert!(allocated <= 64 << 10, "{allocated} bytes are allocated");
        assert!(content(file).await == disk, "pieces of {size}");
    }
}

#[tokio::test]
async fn the_digest_decides() {
    let disk = sparse_disk();
    for algorithm in ["sha512", "sha256", "md5"] {
        let mut hasher = Hasher::new(algorithm).expect("a known algorithm");
        hasher.update(&disk);
        let value = hasher.finish();
        let digest = Digest { algorithm: algorithm.to_owned(), value };
        let mut right = Incoming { digest: Some(digest), ..incoming(Format::Raw) };
        assert!(save_pieces(&disk, 100_000, &right).await.0.is_ok());
        right.digest.as_mut().expect("a digest").value.replace_range(..1, "x");
        let wrong = save_pieces(&disk, 100_000, &right).await.0;
        assert!(matches!(wrong, Err(SaveError::Digest { algorithm: of }) if of == algorithm));
    }
    let odd = Digest { algorithm: "crc32".to_owned(), value: String::new() };
    let odd = Incoming { digest: Some(odd), ..incoming(Format::Raw) };
    let refused = save_pieces(&disk, 100_000, &odd).await.0;
    assert!(matches!(refused, Err(SaveError::UnknownAlgorithm)));
}

#[tokio::test]
async fn a_stream_of_another_length_than_promised_is_refused() {
    let promised = |length| Incoming { length: Some(length), ..incoming(Format::Raw) };
    let refused = save_pieces(&[1; 5000], 100, &promised(5001)).await.0;
    assert!(matches!(refused, Err(SaveError::Short { got: 5000, promised: 5001 })), "{refused:?}");
    let refused = save_pieces(&[1; 5000], 100, &promised(4999)).await.0;
    assert!(
        matches!(refused, Err(SaveError::Long { allowed: 4999, promised: true })),
        "{refused:?}"
    );
    assert!(save_pieces(&[1; 5000], 100, &promised(5000)).await.0.is_ok());

    let narrow = Incoming { longest: 4096, ..incoming(Format::Raw) };
    let refused = save_pieces(&[1; 5000], 100, &narrow).await.0;
    assert!(
        matches!(refused, Err(SaveError::Long { allowed: 4096, promised: false })),
        "{refused:?}"
    );
    let narrow = Incoming { length: Some(1 << 40), ..narrow };
    let refused = save_pieces(&[1; 5000], 100, &narrow).await.0;
    assert!(
        matches!(refused, Err(SaveError::Long { allowed: 4096, promised: false })),
        "{refused:?}"
    );
}

#[tokio::test]
async fn nothing_is_written_of_raw_bytes_that_look_like_another_format() {
    let mut disk = vec![7; 1 << 20];
    disk[..4].copy_from_slice(b"QFI\xfb");
    for size in [1, 1000, 1 << 20] {
        let disk = if size == 1 { &disk[..2000] } else { &disk[..] };
        let (saved, file) = save_pieces(disk, size, &incoming(Format::Raw)).await;
        let seen = Refused::Unlike { declared: Format::Raw, seen: "qcow2" };
        match saved {
            Err(SaveError::Refused(refused)) => assert_eq!(refused.to_string(), seen.to_string()),
            other => panic!("{other:?}"),
        }
        assert_eq!(file.metadata().expect("metadata").len(), 0);
        assert!(save_pieces(disk, size, &incoming(Format::Qcow2)).await.0.is_ok());
    }
}

#[tokio::test]
async fn a_stream_that_breaks_hands_on_its_own_error() {
    let pieces = [Ok(Bytes::from_static(b"abc")), Err(io::Error::other("the line is dead"))];
    let target = Arc::new(tempfile::tempfile().expect("a file"));
    let broken = save(stream::iter(pieces), target, &incoming(Format::Raw), |_| ()).await;
    assert!(matches!(broken, Err(SaveError::Source(error)) if error.to_string().contains("dead")));
}

#[tokio::test]
async fn a_full_file_system_is_told_apart() {
    let full = File::options().write(true).open("/dev/full").expect("the device that is full");
    let pieces = (0..100).map(|_| Ok::<_, io::Error>(Bytes::from(vec![1; 1 << 20])));
    let done = save(stream::iter(pieces), Arc::new(full), &incoming(Format::Raw), |_| ()).await;
    assert!(matches!(done, Err(SaveError::NoSpace)), "{done:?}");
}

#[tokio::test]
async fn progress_counts_the_bytes_that_came() {
    let told = std::sync::Mutex::new(Vec::new());
    let pieces = (0..4).map(|_| Ok::<_, io::Error>(Bytes::from(vec![1; 1000])));
    let target = Arc::new(tempfile::tempfile().expect("a file"));
    let progress = |bytes| told.lock().expect("nobody panicked").push(bytes);
    save(stream::iter(pieces), target, &incoming(Format::Raw), progress).await.expect("saved");
    assert_eq!(told.into_inner().expect("nobody panicked"), [1000, 2000, 3000, 4000]);
}

#[tokio::test]
async fn a_file_shorter_than_said_ends_the_reading_with_an_error() {
    let file = tempfile::tempfile().expect("a file");
    file.set_len(3 << 20).expect("a hole");
    let pieces: Vec<_> = read(file, (3 << 20) + 1).collect().await;
    assert_eq!(pieces.len(), 4);
    assert_eq!(pieces[3].as_ref().expect_err("the end").kind(), io::ErrorKind::UnexpectedEof);
}
