//! One tgtd as this process sees it: one user at a time, what it was last seen to have, and what it was told.

use std::collections::{BTreeSet, HashMap};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use super::listing::{self, Found};
use super::wire::{self, Request, WireError, code};
use crate::error::{DriverError, FailureKind};
use crate::export::chap::Chap;

/// For how long a listing is believed. Every attached volume is looked at in one go at each report; nobody else changes
/// our targets.
const FRESH: Duration = Duration::from_secs(1);

/// After it did not answer in time, for how long nobody asks it again: all of its users wait in one queue.
const REST: Duration = Duration::from_secs(5);

/// All that are in use, by their sockets: two backends may share one, and its numbers for targets with it.
static ALL: LazyLock<Mutex<HashMap<PathBuf, Weak<Daemon>>>> = LazyLock::new(Mutex::default);

/// A tgtd.
#[derive(Debug)]
pub(super) struct Daemon {
    file: PathBuf,
    state: tokio::sync::Mutex<State>,
}

/// What is known of it.
#[derive(Debug, Default)]
struct State {
    /// Which life of tgtd this is about.
    life: Option<Life>,
    seen: Option<Seen>,
    /// When it did not answer in time.
    late: Option<Instant>,
    /// Accounts that we made, by user.
    accounts: HashMap<String, Chap>,
    /// Initiators that were let in, by target; kept over its restarts.
    granted: HashMap<String, BTreeSet<String>>,
}

/// A listing, and when it was asked for.
pub(super) type Seen = (Instant, Arc<Vec<Found>>);

/// Tells lives apart: each makes its socket anew.
type Life = (u64, u64, i64, i64);

/// The only one that talks to it at present.
pub(super) struct Turn<'a> {
    file: &'a Path,
    state: tokio::sync::MutexGuard<'a, State>,
}

impl Daemon {
    /// The one at that socket.
    pub(super) fn at(socket: &Path) -> Arc<Self> {
        let file = wire::socket_file(socket);
        let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(daemon) = all.get(&file).and_then(Weak::upgrade) {
            return daemon;
        }
        all.retain(|_, daemon| daemon.strong_count() > 0);
        let daemon = Arc::new(Self { file: file.clone(), state: tokio::sync::Mutex::default() });
        all.insert(file, Arc::downgrade(&daemon));
        daemon
    }

    /// Waits until nobody else talks to it.
    pub(super) async fn turn(&self) -> Turn<'_> {
        let mut turn = Turn { file: &self.file, state: self.state.lock().await };
        let life = life(&self.file).await;
        if life != turn.state.life {
            turn.state.life = life;
            turn.state.seen = None;
            turn.state.late = None;
            turn.state.accounts.clear();
        }
        turn
    }
}

async fn life(file: &Path) -> Option<Life> {
    let it = tokio::fs::metadata(file).await.ok()?;
    Some((it.dev(), it.ino(), it.ctime(), it.ctime_nsec()))
}

impl Turn<'_> {
    /// Asks for one thing.
    ///
    /// # Errors
    /// What the socket or tgtd says; that a thing is gone already, or there already, is no error where that is all
    /// that was wanted.
    pub(super) async fn ask(&mut self, request: &Request) -> Result<String, WireError> {
        if !matches!(request, Request::Ping | Request::Show) {
            self.state.seen = None;
        }
        if self.state.late.is_some_and(|late| late.elapsed() < REST) {
            return Err(WireError::Late);
        }
        let answer = wire::ask(self.file, request).await;
        self.state.late = matches!(answer, Err(WireError::Late)).then(Instant::now);
        match answer {
            Err(WireError::Refused(code)) if is_done(request, code) => Ok(String::new()),
            answer => answer,
        }
    }

    /// Its targets, as they were at most a moment ago.
    pub(super) async fn targets(&mut self) -> Result<Arc<Vec<Found>>, WireError> {
        if let Some((at, targets)) = &self.state.seen
            && at.elapsed() < FRESH
        {
            return Ok(Arc::clone(targets));
        }
        self.targets_now().await
    }

    /// Asks for all of these, after which one target is as given: what was seen of the others still counts, so that
    /// many targets can be made in a row without as many listings.
    pub(super) async fn carry_out(
        &mut self,
        requests: &[Request],
        reached: Found,
    ) -> Result<(), WireError> {
        if requests.is_empty() {
            return Ok(());
        }
        let seen = self.take_seen();
        for request in requests {
            self.ask(request).await?;
        }
        self.still_seen(seen, |all| match all.iter_mut().find(|it| it.iqn == reached.iqn) {
            Some(target) => *target = reached,
            None => all.push(reached),
        });
        Ok(())
    }

    /// What was seen last, to be given back when it still counts: whatever is asked for makes it old.
    pub(super) fn take_seen(&mut self) -> Option<Seen> {
        self.state.seen.take()
    }

    /// What was seen still counts, but for this change.
    pub(super) fn still_seen(&mut self, seen: Option<Seen>, change: impl FnOnce(&mut Vec<Found>)) {
        self.state.seen = seen.map(|(at, mut targets)| {
            change(Arc::make_mut(&mut targets));
            (at, targets)
        });
    }

    /// Its targets as they are.
    pub(super) async fn targets_now(&mut self) -> Result<Arc<Vec<Found>>, WireError> {
        let at = Instant::now();
        let targets = listing::parse(&self.ask(&Request::Show).await?);
        if !listing::is_plausible(&targets) {
            return Err(WireError::Nonsense);
        }
        let targets = Arc::new(targets);
        self.state.seen = Some((at, Arc::clone(&targets)));
        Ok(targets)
    }

    /// Whether the account was made by us with this password.
    pub(super) fn knows(&self, chap: &Chap) -> bool {
        self.state.accounts.get(&chap.user) == Some(chap)
    }

    /// The account was made.
    pub(super) fn made_account(&mut self, chap: &Chap) {
        self.state.accounts.insert(chap.user.clone(), chap.clone());
    }

    /// The account is gone.
    pub(super) fn dropped_account(&mut self, user: &str) {
        self.state.accounts.remove(user);
    }

    /// Initiators that were let in to the target.
    pub(super) fn granted(&self, iqn: &str) -> BTreeSet<String> {
        self.state.granted.get(iqn).cloned().unwrap_or_default()
    }

    /// The initiator may use the target.
    pub(super) fn grant(&mut self, iqn: &str, initiator: &str) {
        self.state.granted.entry(iqn.to_owned()).or_default().insert(initiator.to_owned());
    }

    /// The initiator may use the target no more; without one, nobody may.
    pub(super) fn revoke(&mut self, iqn: &str, initiator: Option<&str>) {
        if let (Some(initiator), Some(names)) = (initiator, self.state.granted.get_mut(iqn)) {
            names.remove(initiator);
            if !names.is_empty() {
                return;
            }
        }
        self.state.granted.remove(iqn);
    }
}

fn is_done(request: &Request, refused: u32) -> bool {
    match request {
        Request::DropAccount { .. } | Request::UnbindAccount { .. } => refused == code::NO_USER,
        Request::Admit { .. } => refused == code::ACL_EXIST,
        Request::Exclude { .. } => refused == code::ACL_NOEXIST || refused == code::NO_TARGET,
        Request::DropUnit { .. } => refused == code::NO_LUN,
        Request::DropTarget { .. } => refused == code::NO_TARGET,
        Request::Close { .. } => {
            [code::NO_TARGET, code::NO_SESSION, code::NO_CONNECTION].contains(&refused)
        }
        _ => false,
    }
}

/// A failure of doing `what` ("export volume-…"), with what the operator can do about it.
pub(super) fn failure(what: &str, error: WireError) -> DriverError {
    let (kind, why) = match &error {
        WireError::NotThere(file) => (
            FailureKind::Unavailable,
            format!(
                "tgtd does not listen at {}; start it, or set tgt_ipc_socket to what its TGT_IPC_SOCKET is",
                file.display()
            ),
        ),
        WireError::Closed => (
            FailureKind::Unavailable,
            "tgtd closed the connection; it answers none but its own user and group, and ashlar must run as these"
                .to_owned(),
        ),
        WireError::Io(_) => (FailureKind::Unavailable, "its socket cannot be used".to_owned()),
        WireError::Late => (FailureKind::Unavailable, error.to_string()),
        WireError::Refused(code::TARGET_ACTIVE | code::LUN_ACTIVE) => {
            (FailureKind::Busy, "a host is using it".to_owned())
        }
        WireError::Refused(code::NO_TARGET) => {
            (FailureKind::Unavailable, "tgtd has no such target at present".to_owned())
        }
        WireError::Refused(_) | WireError::Nonsense => {
            (FailureKind::Broken, format!("{error}; its log may say why"))
        }
    };
    DriverError::caused(kind, format!("cannot {what}: {why}"), error)
}
