//! One image in three forms: raw, qcow2, compressed qcow2. Half of it is data, in stretches; the data is random and
//! compresses to about a half, as programs and texts do.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::run_tool;

/// Data and holes take turns in stretches of this many bytes.
const STRETCH: usize = 32 << 20;

/// A file that Glance offers.
pub(super) struct Picture {
    /// What it is, for the reader.
    pub(super) name: &'static str,
    /// The first part of its identities in Glance.
    pub(super) mark: &'static str,
    /// `raw` or `qcow2`.
    pub(super) format: &'static str,
    /// The file.
    pub(super) path: PathBuf,
    /// SHA-512 of the file, as Glance keeps it.
    pub(super) digest: String,
    /// Bytes of the file.
    pub(super) length: u64,
}

impl Picture {
    /// Its identity for one round: another image to the server, which is to keep nothing from the round before.
    pub(super) fn id(&self, round: usize) -> String {
        format!("{}-0000-4000-8000-{round:012x}", self.mark)
    }
}

/// The three forms.
pub(super) struct Pictures([Picture; 3]);

impl Pictures {
    /// Makes them in `directory`, which is made too.
    pub(super) fn make(directory: &Path, gib: u64) -> Result<Self> {
        fs::create_dir_all(directory)?;
        let raw = directory.join("image.raw");
        write_raw(&raw, gib << 30)?;
        let (plain, packed) = (directory.join("image.qcow2"), directory.join("packed.qcow2"));
        let convert = |more: &[&str], to: &Path| {
            let mut arguments = vec!["convert".as_ref(), "-f".as_ref(), "raw".as_ref()];
            arguments.extend(["-O", "qcow2"].map(std::ffi::OsStr::new));
            arguments.extend(more.iter().map(std::ffi::OsStr::new));
            arguments.extend([raw.as_os_str(), to.as_os_str()]);
            run_tool("qemu-img", &arguments)
        };
        convert(&[], &plain)?;
        convert(&["-c"], &packed)?;
        Ok(Self([
            picture("raw", "00000001", "raw", raw)?,
            picture("qcow2", "00000002", "qcow2", plain)?,
            picture("qcow2, compressed", "00000003", "qcow2", packed)?,
        ]))
    }

    /// All three.
    pub(super) fn all(&self) -> &[Picture] {
        &self.0
    }

    /// The plain qcow2.
    pub(super) fn qcow2(&self) -> &Picture {
        &self.0[1]
    }
}

/// The number, for dividing.
pub(super) fn gibibytes(gib: u64) -> f64 {
    f64::from(u32::try_from(gib).unwrap_or(u32::MAX))
}

fn picture(
    name: &'static str,
    mark: &'static str,
    format: &'static str,
    path: PathBuf,
) -> Result<Picture> {
    let output = Command::new("sha512sum").arg("--binary").arg(&path).output();
    let output = output.context("cannot run sha512sum")?;
    let digest = String::from_utf8_lossy(&output.stdout);
    let digest = digest.split([' ', '*']).next().unwrap_or_default().to_owned();
    let length = fs::metadata(&path)?.len();
    Ok(Picture { name, mark, format, path, digest, length })
}

fn write_raw(path: &Path, length: u64) -> Result<()> {
    let mut file = File::create(path)?;
    file.set_len(length)?;
    let mut noise = Noise(0x2545_f491_4f6c_dd1d);
    let mut stretch = vec![0; STRETCH];
    let mut at = 0;
    while at < length {
        noise.fill(&mut stretch);
        file.write_all_at(&stretch, at)?;
        at += 2 * STRETCH as u64;
    }
    file.flush()?;
    file.sync_all().context("the image cannot be written")
}

/// Xorshift: bytes of four random bits each.
struct Noise(u64);

impl Noise {
    fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            let word = (self.0 & 0x0f0f_0f0f_0f0f_0f0f).to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}
