//! What to ask of tgtd so that a target is as it should be. Pure: no socket, no clock.

use std::collections::BTreeSet;

use super::listing::{Found, Unit, printed_size};
use super::wire::{Request, Who};
use crate::export::chap::Chap;

/// tgt's own word for every address.
const ALL: &str = "ALL";

/// A page that tells initiators that nothing is cached, so that each write is on disk when it is answered: the page
/// that tgt has without its bit for the write cache.
const NO_WRITE_CACHE: &str =
    "mode_page=8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0";

/// A target as it should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wanted {
    pub(super) iqn: String,
    /// The file behind logical unit 1; checked to be plain text without commas.
    pub(super) path: String,
    /// The file's length in bytes.
    pub(super) length: u64,
    /// The volume's identity.
    pub(super) id: String,
    pub(super) write_cache: bool,
    /// How tgtd opens the file besides: words with colons between them.
    pub(super) flags: String,
    /// The account to ask for. With it every address is admitted, without it the initiators that are named.
    pub(super) chap: Option<Chap>,
    /// Initiators to admit where no account is asked for; more may be admitted already.
    pub(super) initiators: BTreeSet<String>,
}

/// The target would have to change under a host that uses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct InUse;

/// Requests that make the target as it should be, in an order in which nobody is let in too early: an account is
/// bound before anybody is admitted. None when all is well. `tid` is for a new target; `known` says that an account
/// of this name is known to have this password.
pub(super) fn plan(
    wanted: &Wanted,
    found: Option<&Found>,
    tid: i32,
    known: bool,
) -> Result<Vec<Request>, InUse> {
    let mut requests = Vec::new();
    let fresh;
    let found = if let Some(found) = found {
        found
    } else {
        requests.push(Request::NewTarget { tid, iqn: wanted.iqn.clone() });
        fresh = Found { tid, ready: true, ..Found::default() };
        &fresh
    };
    requests.extend(unit(wanted, found)?);
    requests.extend(access(wanted, found, known));
    if !found.ready {
        requests.push(Request::SetReady { tid: found.tid, ready: true });
    }
    Ok(requests)
}

/// What the target is after the plan was carried out, as a listing would show it.
pub(super) fn reached(wanted: &Wanted, found: Option<&Found>, tid: i32) -> Found {
    let fresh = Found { tid, iqn: wanted.iqn.clone(), ..Found::default() };
    let mut found = found.unwrap_or(&fresh).clone();
    let kept = found.unit.take().filter(|_| !found.sessions.is_empty());
    found.unit = kept.or_else(|| {
        Some(Unit {
            path: wanted.path.clone(),
            size: printed_size(wanted.length),
            store: "rdwr".to_owned(),
            flags: wanted.flags.clone(),
            id: scsi_id(&wanted.id),
            thin: true,
            online: true,
            read_only: false,
        })
    });
    found.ready = true;
    if let Some(chap) = &wanted.chap {
        if found.accounts != [chap.user.as_str()] {
            found.accounts = vec![chap.user.clone()];
            found.admitted.clear();
        }
        found.admitted.insert(ALL.to_owned());
    } else {
        found.accounts.clear();
        found.admitted.remove(ALL);
        found.admitted.extend(wanted.initiators.iter().cloned());
    }
    found
}

fn unit(wanted: &Wanted, found: &Found) -> Result<Vec<Request>, InUse> {
    let tid = found.tid;
    let mut requests = Vec::new();
    let right = |unit: &Unit| {
        unit.path == wanted.path
            && unit.size == printed_size(wanted.length)
            && unit.store == "rdwr"
            && unit.online
            && !unit.read_only
            && words(&unit.flags) == words(&wanted.flags)
    };
    match &found.unit {
        Some(unit) if right(unit) => {
            // What it says of itself does not change under a host.
            if (unit.id != scsi_id(&wanted.id) || !unit.thin) && found.sessions.is_empty() {
                requests.push(describe(wanted, tid));
            }
            return Ok(requests);
        }
        Some(_) if !found.sessions.is_empty() => return Err(InUse),
        Some(_) => requests.push(Request::DropUnit { tid }),
        None => {}
    }
    let mut params = format!("path={},bstype=rdwr", wanted.path);
    if !wanted.flags.is_empty() {
        params.push_str(",bsoflags=");
        params.push_str(&wanted.flags);
    }
    requests.push(Request::NewUnit { tid, params });
    requests.push(describe(wanted, tid));
    Ok(requests)
}

fn access(wanted: &Wanted, found: &Found, known: bool) -> Vec<Request> {
    let tid = found.tid;
    let all = || Who::Address(ALL.to_owned());
    let mut requests = Vec::new();
    let Some(chap) = &wanted.chap else {
        if found.admitted.contains(ALL) {
            requests.push(Request::Exclude { tid, who: all() });
        }
        for user in &found.accounts {
            requests.push(Request::UnbindAccount { tid, user: user.clone() });
        }
        for name in wanted.initiators.difference(&found.admitted) {
            requests.push(Request::Admit { tid, who: Who::Initiator(name.clone()) });
        }
        return requests;
    };
    // tgtd does not tell passwords. One that we have not set ourselves is set anew, yet not under a host: nobody
    // could log in again meanwhile.
    let named = found.accounts == [chap.user.as_str()];
    if named && (known || !found.sessions.is_empty()) {
        if !found.admitted.contains(ALL) {
            requests.push(Request::Admit { tid, who: all() });
        }
        return requests;
    }
    // A target that asks for no account lets in whoever is admitted, and tgtd ends when it lists a target of whose two
    // accounts the first was removed. So: nobody is admitted, all accounts go, and then the new one comes.
    for entry in &found.admitted {
        let who = match entry.as_str() {
            ALL => all(),
            name => Who::Initiator(name.to_owned()),
        };
        requests.push(Request::Exclude { tid, who });
    }
    for user in found.accounts.iter().filter(|user| **user != chap.user) {
        requests.push(Request::UnbindAccount { tid, user: user.clone() });
    }
    requests.push(Request::DropAccount { user: chap.user.clone() });
    requests.push(Request::NewAccount { user: chap.user.clone(), password: chap.password.clone() });
    requests.push(Request::BindAccount { tid, user: chap.user.clone() });
    requests.push(Request::Admit { tid, who: all() });
    requests
}

/// What the unit says of itself. UNMAP punches holes in the file; the names follow the volume wherever it is exported,
/// since hosts tell devices apart by them.
fn describe(wanted: &Wanted, tid: i32) -> Request {
    let mut params = format!(
        "vendor_id=ASHLAR,product_id=VOLUME,scsi_sn={},scsi_id={},thin_provisioning=1",
        wanted.id.chars().take(36).collect::<String>(),
        scsi_id(&wanted.id)
    );
    if !wanted.write_cache {
        params.push(',');
        params.push_str(NO_WRITE_CACHE);
    }
    Request::SetUnit { tid, params }
}

/// 32 hexadecimal digits: those of the volume's identity, or else made of its letters.
fn scsi_id(id: &str) -> String {
    let digits: String = id.chars().filter(|c| *c != '-').collect();
    if digits.len() == 32 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return digits.to_ascii_lowercase();
    }
    let hash = |seed: u64| id.bytes().fold(seed, mixed);
    format!("{:016x}{:016x}", hash(SEED), hash(!SEED))
}

/// The number that a new target gets: made of its name, since hosts also see it, and none of those that are taken. 28
/// bits, as more do not reach the hosts.
pub(super) fn choose_tid(iqn: &str, taken: &BTreeSet<i32>) -> i32 {
    const MOST: i32 = (1 << 28) - 1;
    let hash = iqn.bytes().fold(SEED, mixed);
    let mut tid = i32::try_from(hash % u64::from(MOST.unsigned_abs())).unwrap_or(0) + 1;
    while taken.contains(&tid) {
        tid = tid % MOST + 1;
    }
    tid
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;

/// One round of FNV-1a.
fn mixed(hash: u64, byte: u8) -> u64 {
    (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
}

fn words(flags: &str) -> BTreeSet<&str> {
    flags.split([':', ',', ' ']).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests;
