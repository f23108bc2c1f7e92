//! Runs one `qemu-img` within its limits and says what its end means.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{ExitStatus, Stdio};

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::error::{ConvertError, Kind};
use super::{Limits, arguments, offspring, progress};

/// How much is kept of what the program says, in bytes. The rest is read and thrown away.
const SAID: u64 = 16 << 10;
/// How long an answer may be, in bytes.
const ANSWER: u64 = 1 << 20;

/// What `prlimit` exits with when it cannot run the program.
const NOT_EXECUTABLE: i32 = 126;
const NOT_FOUND: i32 = 127;

/// What a run reads and where it writes.
pub(super) struct Run<'a> {
    /// The file on standard input.
    pub(super) input: &'a File,
    /// The file on standard output; without one the output is the answer.
    pub(super) output: Option<&'a File>,
    /// What follows the program's name.
    pub(super) words: Vec<String>,
    /// How many bytes it reads, more or less: the measure of progress.
    pub(super) to_read: u64,
}

impl Run<'_> {
    /// Runs it to its end; its answer, where that is not in a file.
    pub(super) async fn run(
        self,
        limits: &Limits,
        progress: impl Fn(f32),
    ) -> Result<Vec<u8>, ConvertError> {
        let output = match self.output {
            Some(file) => reopened(file, true)?,
            None => Stdio::piped(),
        };
        let input = reopened(self.input, false)?;
        let command = {
            let (bounds, words) = (arguments::bounds(limits), self.words);
            move || command(bounds, words, input, output)
        };
        let (mut child, _life) = offspring::spawn(command).await.map_err(|error| {
            let missing = error.kind() == io::ErrorKind::NotFound;
            ConvertError::caused(if missing { Kind::Missing } else { Kind::Failed }, error)
        })?;
        // When the time is over the child is killed below; a dropped future kills it too.
        let ended = timeout(limits.wall, end(&mut child, self.to_read, progress)).await;
        let Ok(ended) = ended else {
            child.kill().await.map_err(failed)?;
            return Err(ConvertError::new(Kind::TimedOut));
        };
        let (status, answer, said) = ended.map_err(failed)?;
        let said = String::from_utf8_lossy(&said);
        if status.success() {
            return Ok(answer);
        }
        let kind = meaning(status, &said);
        tracing::warn!(%status, ?kind, said = said.trim(), "qemu-img failed");
        Err(ConvertError::new(kind))
    }
}

/// The program with these bounds, words and files, and nothing else of ours.
fn command(bounds: Vec<String>, words: Vec<String>, input: Stdio, output: Stdio) -> Command {
    let mut command = offspring::command("prlimit");
    command
        .args(bounds)
        .args(words)
        .env_clear()
        .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
        .envs(arguments::ENVIRONMENT)
        .current_dir("/")
        .stdin(input)
        .stdout(output)
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    command
}

/// Waits for the end of the child and reads what it says meanwhile.
async fn end(
    child: &mut Child,
    to_read: u64,
    progress: impl Fn(f32),
) -> io::Result<(ExitStatus, Vec<u8>, Vec<u8>)> {
    let (process, stdout, stderr) = (child.id(), child.stdout.take(), child.stderr.take());
    let done = async { tokio::try_join!(child.wait(), drain(stdout, ANSWER), drain(stderr, SAID)) };
    tokio::select! {
        done = done => done,
        never = progress::tell(process, to_read, progress) => match never {},
    }
}

/// Reads all of it and keeps the first `most` bytes.
async fn drain(source: Option<impl AsyncRead + Unpin>, most: u64) -> io::Result<Vec<u8>> {
    let mut kept = Vec::new();
    if let Some(mut source) = source {
        (&mut source).take(most).read_to_end(&mut kept).await?;
        tokio::io::copy(&mut source, &mut tokio::io::sink()).await?;
    }
    Ok(kept)
}

/// What it means that the program ended like this, and said that.
fn meaning(status: ExitStatus, said: &str) -> Kind {
    const SIGTRAP: i32 = 5;
    const SIGABRT: i32 = 6;
    const SIGSEGV: i32 = 11;
    const SIGXCPU: i32 = 24;
    const SIGXFSZ: i32 = 25;
    /// In the words of the C library, GLib, the loader and QEMU.
    const OUT_OF_MEMORY: [&str; 5] = [
        "annot allocate memory",
        "ailed to allocate",
        "Out of memory",
        "failed to map segment",
        "qemu_thread_create",
    ];
    let says = |texts: &[&str]| texts.iter().any(|text| said.contains(text));
    if says(&OUT_OF_MEMORY) {
        return Kind::Memory;
    }
    match (status.code(), status.signal()) {
        (Some(NOT_FOUND | NOT_EXECUTABLE), _) => Kind::Missing,
        (_, Some(SIGXCPU)) => Kind::CpuTime,
        (_, Some(SIGXFSZ)) => Kind::TooBig,
        _ if says(&["File too large"]) => Kind::TooBig,
        _ if says(&["No space left on device", "Disk quota exceeded"]) => Kind::NoSpace,
        // It ends itself like this when it gets no memory, and does not always say so.
        (_, Some(SIGABRT | SIGTRAP | SIGSEGV)) => Kind::Memory,
        (_, Some(_)) => Kind::Failed,
        _ if says(&["error while writing"]) => Kind::Failed,
        _ => Kind::Malformed,
    }
}

/// The file for the child alone, opened once more. What it would inherit otherwise shares our locks (`flock`): should the
/// child outlive us, nobody could take them. Files without a name can be opened like this too.
fn reopened(file: &File, write: bool) -> Result<Stdio, ConvertError> {
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    let file = File::options().read(true).write(write).open(path);
    file.map(Stdio::from).map_err(failed)
}

fn failed(error: io::Error) -> ConvertError {
    ConvertError::caused(Kind::Failed, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_end_has_its_meaning() {
        let exit = |code: i32, said: &str| meaning(ExitStatus::from_raw(code << 8), said);
        let full = "qemu-img: error while writing at byte 2097152: No space left on device";
        assert_eq!(exit(1, full), Kind::NoSpace);
        assert_eq!(
            exit(1, "qemu-img: error while writing at byte 0: Input/output error"),
            Kind::Failed
        );
        assert_eq!(exit(1, "qemu-img: Could not open 'json:…': Image is corrupt"), Kind::Malformed);
        assert_eq!(exit(127, "prlimit: failed to execute qemu-img: No such file"), Kind::Missing);
        assert_eq!(exit(127, "libc.so.6: failed to map segment from shared object"), Kind::Memory);
        let signal = |number| meaning(ExitStatus::from_raw(number), "");
        assert_eq!(signal(24), Kind::CpuTime);
        assert_eq!(signal(25), Kind::TooBig);
        assert_eq!(signal(6), Kind::Memory);
        assert_eq!(signal(9), Kind::Failed);
    }
}
