//! What tgtd says of its targets, read from the text that it answers.

use std::collections::{BTreeSet, HashSet};

/// A target as tgtd describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) tid: i32,
    pub(super) iqn: String,
    /// Whether it answers.
    pub(super) ready: bool,
    /// Hosts that are logged in.
    pub(super) sessions: Vec<Session>,
    /// Logical unit 1.
    pub(super) unit: Option<Unit>,
    /// Users of accounts that it asks for.
    pub(super) accounts: Vec<String>,
    /// Who is admitted: addresses, `ALL`, and names of initiators.
    pub(super) admitted: BTreeSet<String>,
}

/// A host's session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) id: u64,
    pub(super) initiator: String,
    pub(super) connections: Vec<u32>,
}

/// A logical unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Unit {
    /// The file behind it.
    pub(super) path: String,
    /// The size, as tgtd prints it: see [`printed_size`].
    pub(super) size: String,
    pub(super) store: String,
    pub(super) flags: String,
    pub(super) id: String,
    pub(super) thin: bool,
    pub(super) online: bool,
    pub(super) read_only: bool,
}

/// The parts of a target's description.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    System,
    Sessions,
    Units,
    Accounts,
    Admitted,
}

/// How tgtd prints a size in bytes: in its own kind of megabytes, so that whole GiB are told apart.
pub(super) fn printed_size(bytes: u64) -> String {
    let sectors = bytes / 512;
    let megabytes = sectors.wrapping_sub((sectors / 625).wrapping_sub(974)) / 1950;
    format!("{megabytes} MB")
}

/// Reads the listing. Lines that mean nothing to us are passed over, so that other versions' additions do no harm.
pub(super) fn parse(text: &str) -> Vec<Found> {
    let mut targets: Vec<Found> = Vec::new();
    let mut part = Part::System;
    // The logical unit that the lines are about.
    let mut number = 0;
    for line in text.lines() {
        if let Some((tid, iqn)) = heading(line) {
            targets.push(Found { tid, iqn: iqn.to_owned(), ..Found::default() });
            part = Part::System;
            continue;
        }
        let Some(target) = targets.last_mut() else { continue };
        if let Some(begins) = part_heading(line) {
            part = begins;
            continue;
        }
        let (depth, line) =
            (line.len() - line.trim_start_matches(' ').len(), line.trim_start_matches(' '));
        match part {
            Part::System => {
                if depth == 8
                    && let Some(state) = line.strip_prefix("State: ")
                {
                    target.ready = state == "ready";
                }
            }
            Part::Sessions => session_line(target, line),
            Part::Units => {
                if depth == 8
                    && let Some(lun) = line.strip_prefix("LUN: ")
                {
                    number = lun.parse().unwrap_or(0);
                    if number == 1 {
                        target.unit = Some(Unit::default());
                    }
                } else if number == 1
                    && let Some(unit) = &mut target.unit
                {
                    unit_line(unit, line);
                }
            }
            Part::Accounts => {
                if depth == 8 && !line.ends_with(" (outgoing)") {
                    target.accounts.push(line.to_owned());
                }
            }
            Part::Admitted if depth == 8 => {
                target.admitted.insert(line.to_owned());
            }
            Part::Admitted => {}
        }
    }
    targets
}

/// Whether no number and no name comes twice.
///
/// tgtd prints a session's alias as the host gave it, line breaks included, so a host that was let in to one target can
/// forge lines from there on up to the true rest of that target. What it makes up about its own target, or about targets
/// that there are not, gains it nothing; about others it cannot lie, as they are listed truly as well.
pub(super) fn is_plausible(targets: &[Found]) -> bool {
    let (mut numbers, mut names) = (HashSet::new(), HashSet::new());
    targets.iter().all(|target| numbers.insert(target.tid) && names.insert(&target.iqn))
}

/// `Target 1: iqn.…` at the line's start.
fn heading(line: &str) -> Option<(i32, &str)> {
    let (tid, iqn) = line.strip_prefix("Target ")?.split_once(": ")?;
    Some((tid.parse().ok()?, iqn))
}

fn part_heading(line: &str) -> Option<Part> {
    Some(match line {
        "    System information:" => Part::System,
        "    I_T nexus information:" => Part::Sessions,
        "    LUN information:" => Part::Units,
        "    Account information:" => Part::Accounts,
        "    ACL information:" => Part::Admitted,
        _ => return None,
    })
}

fn session_line(target: &mut Found, line: &str) {
    if let Some(id) = line.strip_prefix("I_T nexus: ") {
        let id = id.parse().unwrap_or_default();
        target.sessions.push(Session { id, ..Session::default() });
    } else if let Some(session) = target.sessions.last_mut() {
        if let Some(initiator) = line.strip_prefix("Initiator: ") {
            let name = initiator.split_once(" alias: ").map_or(initiator, |(name, _)| name);
            session.initiator = name.to_owned();
        } else if let Some(number) = line.strip_prefix("Connection: ") {
            session.connections.extend(number.parse::<u32>().ok());
        }
    }
}

fn unit_line(unit: &mut Unit, line: &str) {
    let Some((what, is)) = line.split_once(": ") else { return };
    match what {
        "SCSI ID" => is.clone_into(&mut unit.id),
        "Size" => is.split(',').next().unwrap_or_default().clone_into(&mut unit.size),
        "Online" => unit.online = is == "Yes",
        "Readonly" => unit.read_only = is == "Yes",
        "Thin-provisioning" => unit.thin = is == "Yes",
        "Backing store type" => is.clone_into(&mut unit.store),
        "Backing store path" => is.clone_into(&mut unit.path),
        "Backing store flags" => is.trim().clone_into(&mut unit.flags),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
