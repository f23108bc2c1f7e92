//! Content from outside: it goes into a file in memory, of which the first bytes are kept.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use ashlar_types::Gib;
use rustix::fs::{MemfdFlags, ftruncate, memfd_create};

use super::Sim;
use crate::driver::{Content, Reading, Target, VolumeRef};
use crate::error::{DriverError, FailureKind, FillError};
use crate::filling::Join;
use crate::refusal;

/// How many of the first bytes are kept.
const HEAD: usize = 64 << 10;

impl Sim {
    /// The first bytes of the content, which is made unless somebody else is at it.
    pub(super) async fn filled(
        &self,
        volume: VolumeRef<'_>,
        content: Content,
    ) -> Result<Vec<u8>, FillError> {
        match self.0.fillings.join(&format!("{}-{}", content.key, volume.size.0)) {
            Join::Follow(mut follower) => Ok(follower.original().await?.to_vec()),
            Join::Lead(lead) => match head_of(&content, volume).await {
                Ok(head) => {
                    lead.share(head.clone()).await;
                    Ok(head)
                }
                Err(error) => {
                    lead.fail(error.clone());
                    Err(error)
                }
            },
        }
    }
}

async fn head_of(content: &Content, volume: VolumeRef<'_>) -> Result<Vec<u8>, FillError> {
    refusal::check_size(volume.name, volume.size)?;
    let file = in_memory(volume.size)?;
    let target = file.try_clone().map_err(no_memory)?;
    let target = Target { file: target, length: volume.size.bytes() };
    content.fill.fill(target).await.map_err(|error| FillError::Content(Arc::from(error)))?;
    let mut head = vec![0; HEAD];
    let read = file.read_at(&mut head, 0).map_err(no_memory)?;
    let used = head[..read].iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    head.truncate(used);
    Ok(head)
}

/// A volume's bytes: its head, and zeros.
pub(super) fn reading(head: &[u8], size: Gib) -> Result<Reading, DriverError> {
    let file = in_memory(size)?;
    file.write_all_at(head, 0).map_err(no_memory)?;
    Ok(Reading { file, length: size.bytes() })
}

fn in_memory(size: Gib) -> Result<File, DriverError> {
    let file = memfd_create("volume", MemfdFlags::CLOEXEC).map_err(|e| no_memory(e.into()))?;
    ftruncate(&file, size.bytes()).map_err(|errno| no_memory(errno.into()))?;
    Ok(File::from(file))
}

fn no_memory(error: std::io::Error) -> DriverError {
    DriverError::caused(FailureKind::Broken, "no file in memory", error)
}
