//! The language of tgtd's management socket, which `tgtadm` speaks too: one request and one answer a connection.
//!
//! It is spoken here rather than running `tgtadm`, since that takes passwords on its command line, where every user of
//! the machine can read them, and costs a process for each request. A request is a structure of 120 bytes in the
//! machine's own byte order and then a text; the answer is a code and a length, and then a text. Unchanged in tgt since 2012.

use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::UnixStream;

/// How long one request may take; tgtd answers within a millisecond unless its disk hangs.
const PATIENCE: Duration = Duration::from_secs(10);

/// Longest answer read; a target takes about 1.5 kB of the listing.
const LONGEST_ANSWER: u32 = 256 << 20;

/// Length of the structure before the text of a request, and before that of an answer.
const REQUEST_HEADER: u32 = 120;
const ANSWER_HEADER: u32 = 8;

/// tgtd's own directory for its socket.
pub(super) const DEFAULT_SOCKET: &str = "/var/run/tgtd/socket";

/// A request to tgtd. Target numbers are above 0.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Request {
    /// Whether it is there.
    Ping,
    /// Everything about all targets, as text.
    Show,
    /// A new target, to which nobody is admitted.
    NewTarget { tid: i32, iqn: String },
    /// Removes a target; with force also one that hosts use.
    DropTarget { tid: i32, force: bool },
    /// The volume's logical unit, number 1.
    NewUnit { tid: i32, params: String },
    /// Sets what the unit says of itself.
    SetUnit { tid: i32, params: String },
    /// Takes the unit away.
    DropUnit { tid: i32 },
    /// Lets nobody in and answers no command, or does again.
    SetReady { tid: i32, ready: bool },
    /// A new account.
    NewAccount { user: String, password: String },
    /// Removes an account, from all targets too.
    DropAccount { user: String },
    /// Asks for this account at the target.
    BindAccount { tid: i32, user: String },
    /// Asks for it no more.
    UnbindAccount { tid: i32, user: String },
    /// Admits hosts.
    Admit { tid: i32, who: Who },
    /// Admits them no more; does not touch those that are in.
    Exclude { tid: i32, who: Who },
    /// Ends a connection of a session.
    Close { tid: i32, session: u64, connection: u32 },
}

/// Who is admitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Who {
    /// Every address, or the one that is written so: `ALL` is tgt's own word.
    Address(String),
    /// The initiator of that name.
    Initiator(String),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum WireError {
    /// Nobody listens: tgtd does not run, or elsewhere.
    #[error("nothing listens at {0}")]
    NotThere(PathBuf),
    /// tgtd ends the connection of other users without a word.
    #[error("tgtd closed the connection")]
    Closed,
    /// No answer in time.
    #[error("tgtd gave no answer within {} seconds", PATIENCE.as_secs())]
    Late,
    /// The socket cannot be used.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// tgtd refused, with its code.
    #[error("tgtd refused with code {0}")]
    Refused(u32),
    /// What came is no answer.
    #[error("tgtd's answer makes no sense")]
    Nonsense,
}

/// tgtd's codes that mean something to us.
pub(super) mod code {
    pub(in super::super) const NO_TARGET: u32 = 4;
    pub(in super::super) const NO_LUN: u32 = 5;
    pub(in super::super) const NO_SESSION: u32 = 6;
    pub(in super::super) const NO_CONNECTION: u32 = 7;
    pub(in super::super) const TARGET_EXIST: u32 = 9;
    pub(in super::super) const ACL_EXIST: u32 = 12;
    pub(in super::super) const ACL_NOEXIST: u32 = 13;
    pub(in super::super) const NO_USER: u32 = 15;
    pub(in super::super) const TARGET_ACTIVE: u32 = 19;
    pub(in super::super) const LUN_ACTIVE: u32 = 20;
}

/// The file that `TGT_IPC_SOCKET=<socket>` stands for: tgtd adds the number of its control port.
pub(super) fn socket_file(socket: &Path) -> PathBuf {
    let mut file = socket.as_os_str().to_owned();
    file.push(".0");
    PathBuf::from(file)
}

/// Asks tgtd at the socket `file`.
pub(super) async fn ask(file: &Path, request: &Request) -> Result<String, WireError> {
    match tokio::time::timeout(PATIENCE, exchange(file, request)).await {
        Ok(answer) => answer,
        Err(_) => Err(WireError::Late),
    }
}

async fn exchange(file: &Path, request: &Request) -> Result<String, WireError> {
    use std::io::ErrorKind as Io;
    let mut stream = UnixStream::connect(file).await.map_err(|error| match error.kind() {
        Io::NotFound | Io::ConnectionRefused => WireError::NotThere(file.to_owned()),
        _ => WireError::Io(error),
    })?;
    let closed = |error: std::io::Error| match error.kind() {
        Io::UnexpectedEof | Io::BrokenPipe | Io::ConnectionReset => WireError::Closed,
        _ => WireError::Io(error),
    };
    stream.write_all(&request.encoded()).await.map_err(closed)?;
    let mut header = [0; ANSWER_HEADER as usize];
    stream.read_exact(&mut header).await.map_err(closed)?;
    let [a, b, c, d, e, f, g, h] = header;
    let (refused, length) = (u32::from_ne_bytes([a, b, c, d]), u32::from_ne_bytes([e, f, g, h]));
    if refused != 0 {
        return Err(WireError::Refused(refused));
    }
    let Some(length) = length.checked_sub(ANSWER_HEADER).filter(|l| *l <= LONGEST_ANSWER) else {
        return Err(WireError::Nonsense);
    };
    let mut text = Vec::new();
    stream.take(u64::from(length)).read_to_end(&mut text).await.map_err(closed)?;
    if text.len() as u64 != u64::from(length) {
        return Err(WireError::Closed);
    }
    // A text in C ends with a zero.
    text.truncate(text.iter().position(|byte| *byte == 0).unwrap_or(text.len()));
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// The numbers of a request's structure that differ from 0.
#[derive(Default)]
struct Numbers {
    mode: u32,
    op: u32,
    tid: i32,
    sid: u64,
    lun: u64,
    cid: u32,
    force: bool,
}

const SYSTEM: u32 = 0;
const TARGET: u32 = 1;
const DEVICE: u32 = 2;
const CONNECTION: u32 = 6;
const ACCOUNT: u32 = 7;

const NEW: u32 = 0;
const DELETE: u32 = 1;
const SHOW: u32 = 2;
const BIND: u32 = 3;
const UNBIND: u32 = 4;
const UPDATE: u32 = 5;

impl Request {
    fn numbers(&self) -> Numbers {
        let of = |mode, op, tid| Numbers { mode, op, tid, ..Numbers::default() };
        match *self {
            Self::Ping => of(SYSTEM, SHOW, 0),
            Self::Show => of(TARGET, SHOW, -1),
            Self::NewTarget { tid, .. } => of(TARGET, NEW, tid),
            Self::DropTarget { tid, force } => Numbers { force, ..of(TARGET, DELETE, tid) },
            Self::NewUnit { tid, .. } => Numbers { lun: 1, ..of(DEVICE, NEW, tid) },
            Self::SetUnit { tid, .. } => Numbers { lun: 1, ..of(DEVICE, UPDATE, tid) },
            Self::DropUnit { tid } => Numbers { lun: 1, ..of(DEVICE, DELETE, tid) },
            Self::SetReady { tid, .. } => of(TARGET, UPDATE, tid),
            Self::NewAccount { .. } => of(ACCOUNT, NEW, 0),
            Self::DropAccount { .. } => of(ACCOUNT, DELETE, 0),
            Self::BindAccount { tid, .. } => of(ACCOUNT, BIND, tid),
            Self::UnbindAccount { tid, .. } => of(ACCOUNT, UNBIND, tid),
            Self::Admit { tid, .. } => of(TARGET, BIND, tid),
            Self::Exclude { tid, .. } => of(TARGET, UNBIND, tid),
            Self::Close { tid, session, connection } => {
                Numbers { sid: session, cid: connection, ..of(CONNECTION, DELETE, tid) }
            }
        }
    }

    /// The text of a request. Everything in it was checked to have no comma.
    fn text(&self) -> Option<String> {
        Some(match self {
            Self::NewTarget { iqn, .. } => format!("targetname={iqn}"),
            Self::NewUnit { params, .. } | Self::SetUnit { params, .. } => params.clone(),
            Self::SetReady { ready: true, .. } => "state=ready".to_owned(),
            Self::SetReady { ready: false, .. } => "state=offline".to_owned(),
            Self::NewAccount { user, password } => format!("user={user},password={password}"),
            Self::DropAccount { user }
            | Self::BindAccount { user, .. }
            | Self::UnbindAccount { user, .. } => format!("user={user}"),
            Self::Admit { who, .. } | Self::Exclude { who, .. } => match who {
                Who::Address(address) => format!("initiator-address={address}"),
                Who::Initiator(name) => format!("initiator-name={name}"),
            },
            Self::Ping
            | Self::Show
            | Self::DropTarget { .. }
            | Self::DropUnit { .. }
            | Self::Close { .. } => return None,
        })
    }

    fn encoded(&self) -> Vec<u8> {
        let numbers = self.numbers();
        let text = self.text().map(|text| [text.as_bytes(), &[0]].concat()).unwrap_or_default();
        let length = REQUEST_HEADER.saturating_add(u32::try_from(text.len()).unwrap_or(u32::MAX));
        let mut out = Vec::with_capacity(REQUEST_HEADER as usize + text.len());
        out.extend(numbers.mode.to_ne_bytes());
        out.extend(numbers.op.to_ne_bytes());
        let mut driver = [0_u8; 64];
        driver[..5].copy_from_slice(b"iscsi");
        out.extend(driver);
        out.extend(length.to_ne_bytes());
        out.extend(numbers.tid.to_ne_bytes());
        out.extend(numbers.sid.to_ne_bytes());
        out.extend(numbers.lun.to_ne_bytes());
        // host number, device type (0: disk), direction of the account (0: incoming), pack
        for number in [numbers.cid, 0, 0, 0, 0, u32::from(numbers.force)] {
            out.extend(number.to_ne_bytes());
        }
        out.extend(text);
        out
    }
}

/// Without the texts, which may hold a password.
impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let numbers = self.numbers();
        write!(
            f,
            "Request(mode {}, operation {}, target {})",
            numbers.mode, numbers.op, numbers.tid
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_laid_out_as_tgtadms_structure() {
        let request = Request::Close { tid: 7, session: 1 << 40, connection: 3 };
        let bytes = request.encoded();
        assert_eq!(bytes.len(), 120);
        assert_eq!(bytes[0..4], 6_u32.to_ne_bytes());
        assert_eq!(bytes[4..8], 1_u32.to_ne_bytes());
        assert_eq!(&bytes[8..14], b"iscsi\0");
        assert_eq!(bytes[72..76], 120_u32.to_ne_bytes());
        assert_eq!(bytes[76..80], 7_i32.to_ne_bytes());
        assert_eq!(bytes[80..88], (1_u64 << 40).to_ne_bytes());
        assert_eq!(bytes[96..100], 3_u32.to_ne_bytes());
        let bytes = Request::DropTarget { tid: 1, force: true }.encoded();
        assert_eq!(bytes[116..120], 1_u32.to_ne_bytes());
    }

    #[test]
    fn a_text_follows_with_a_zero_at_its_end_and_is_never_shown() {
        let request =
            Request::NewAccount { user: "user".to_owned(), password: "s3cret".to_owned() };
        let bytes = request.encoded();
        assert_eq!(&bytes[120..], b"user=user,password=s3cret\0");
        assert_eq!(bytes[72..76], u32::try_from(bytes.len()).expect("small").to_ne_bytes());
        assert!(!format!("{request:?}").contains("s3cret"));
    }
}
