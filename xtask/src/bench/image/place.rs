//! Where it is measured: a file system whose files can share blocks, when one can be had.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::run_tool;

/// Room that is asked for beside what the images take.
const ROOM_GIB: u64 = 4;

/// A directory, and what must be undone after it.
pub(super) struct Place {
    path: PathBuf,
    mounted: bool,
    // Removed last.
    _home: Option<TempDir>,
}

impl Place {
    /// `given`, else an XFS in a file when this program may mount, else a directory under `target`.
    pub(super) fn prepare(root: &Path, given: Option<PathBuf>, gib: u64) -> Result<Self> {
        if let Some(path) = given {
            return Ok(Self { path: std::path::absolute(path)?, mounted: false, _home: None });
        }
        let parent = root.join("target/bench");
        fs::create_dir_all(&parent)?;
        let home = tempfile::Builder::new().prefix("image-").tempdir_in(&parent)?;
        let path = home.path().join("place");
        fs::create_dir(&path)?;
        let mounted = match mount(home.path(), &path, gib * 8 + ROOM_GIB) {
            Ok(()) => true,
            Err(error) => {
                println!("no XFS can be mounted here ({error:#}): files will not share blocks");
                false
            }
        };
        Ok(Self { path, mounted, _home: Some(home) })
    }

    /// The directory.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What it is, for the reader.
    pub(super) fn kind(&self) -> String {
        let what = if self.mounted { "XFS with shared blocks" } else { "the file system" };
        format!("{what} at {}", self.path.display())
    }
}

/// Makes a sparse file, an XFS in it, and mounts that.
fn mount(home: &Path, at: &Path, gib: u64) -> Result<()> {
    let image = home.join("xfs.img");
    File::create(&image)?.set_len(gib << 30)?;
    run_tool("mkfs.xfs", &["-q".as_ref(), "-m".as_ref(), "reflink=1".as_ref(), image.as_ref()])?;
    run_tool("mount", &["-o".as_ref(), "loop,discard".as_ref(), image.as_ref(), at.as_ref()])
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.mounted {
            // Also when something still uses it: it goes with the last user.
            let unmounted = Command::new("umount").arg("--lazy").arg(&self.path).status();
            if let Err(error) = unmounted.context("cannot run umount") {
                println!("{} stays mounted: {error:#}", self.path.display());
            }
        }
    }
}
