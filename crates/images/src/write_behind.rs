//! Has a file's bytes go to disk while more of them are still being written, so that the flush at the end has little to do.
//!
//! Left alone, the kernel keeps some gigabytes in memory first, and whoever flushes then waits for all of them.

use std::fs::File;
use std::time::Duration;

use rustix::fs::{Advice, fadvise};
use tokio::task::JoinHandle;

/// How often what was written since is sent on its way.
const PERIOD: Duration = Duration::from_millis(100);

/// Sends what is written into a file on its way to the disk, as long as this lives.
#[derive(Debug)]
pub struct WriteBehind(JoinHandle<()>);

impl WriteBehind {
    /// For `file`, by whichever process it is written. Its pages also leave the cache, as nobody reads them soon. `None`
    /// when no more files can be opened: the flush at the end then does all the work.
    #[must_use]
    pub fn start(file: &File) -> Option<Self> {
        let file = file.try_clone().ok()?;
        Some(Self(tokio::spawn(run(file))))
    }
}

impl Drop for WriteBehind {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn run(mut file: File) {
    loop {
        tokio::time::sleep(PERIOD).await;
        let advised = tokio::task::spawn_blocking(move || {
            // Only a hint, which some file systems do not take.
            fadvise(&file, 0, None, Advice::DontNeed).ok().map(|()| file)
        });
        match advised.await {
            Ok(Some(same)) => file = same,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[tokio::test]
    async fn the_file_keeps_its_bytes_while_and_after_they_are_sent_on_their_way() {
        let mut file = tempfile::tempfile().expect("a file");
        let behind = WriteBehind::start(&file).expect("started");
        for byte in 0..4_u8 {
            file.write_all(&vec![byte; 1 << 20]).expect("written");
            tokio::time::sleep(PERIOD).await;
        }
        drop(behind);
        let mut read = vec![0; 4 << 20];
        std::os::unix::fs::FileExt::read_exact_at(&file, &mut read, 0).expect("read");
        assert!(read.chunks(1 << 20).zip(0..).all(|(part, byte)| part.iter().all(|b| *b == byte)));
    }
}
