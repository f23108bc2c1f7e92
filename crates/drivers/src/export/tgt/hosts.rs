//! The hosts of a target: letting them in, telling them where it is, cutting them off.

use std::time::Duration;

use serde_json::{Map, Value, json};

use super::daemon::Turn;
use super::listing::Found;
use super::wire::{Request, Who, WireError, code};
use crate::export::chap::Chap;
use crate::export::location::{Location, is_initiator_name};

/// How often the end of a target is tried, and the pause between: hosts' last commands end meanwhile.
const ATTEMPTS: u32 = 60;
const PAUSE: Duration = Duration::from_millis(50);

/// After so many attempts the hosts' sessions are ended the hard way.
const PATIENT_ATTEMPTS: u32 = 30;

/// The connection in the words of os-brick's iSCSI connector, as Cinder's targets write it.
pub(super) fn data(
    location: &Location,
    chap: Option<&Chap>,
    volume_id: &str,
    multipath: bool,
) -> Map<String, Value> {
    let portals = &location.portals;
    let mut data = json!({
        "target_discovered": false,
        "target_portal": portals.first(),
        "target_iqn": location.iqn,
        "target_lun": location.lun,
        "volume_id": volume_id,
        "encrypted": false,
        "discard": true,
    });
    if portals.len() > 1 || multipath {
        data["target_portals"] = json!(portals);
        data["target_iqns"] = json!(vec![&location.iqn; portals.len()]);
        data["target_luns"] = json!(vec![location.lun; portals.len()]);
    }
    if let Some(chap) = chap {
        data["auth_method"] = "CHAP".into();
        data["auth_username"] = chap.user.as_str().into();
        data["auth_password"] = chap.password.as_str().into();
    }
    if let Value::Object(data) = data { data } else { Map::new() }
}

/// Ends a target: nobody gets in any more, sessions end, the target goes, and its accounts with it.
pub(super) async fn end(turn: &mut Turn<'_>, target: &Found) -> Result<(), WireError> {
    let tid = target.tid;
    let targets = turn.targets().await?;
    let others = targets.iter().filter(|other| other.iqn != target.iqn);
    let shared: Vec<String> = others
        .flat_map(|other| &other.accounts)
        .filter(|user| target.accounts.contains(user))
        .cloned()
        .collect();
    drop(targets);
    let seen = turn.take_seen();
    match turn.ask(&Request::SetReady { tid, ready: false }).await {
        Ok(_) | Err(WireError::Refused(code::NO_TARGET)) => {}
        Err(error) => return Err(error),
    }
    for attempt in 1..=ATTEMPTS {
        // At first as it was seen: hosts are the exception.
        let now = if attempt == 1 { Some(target.clone()) } else { again(turn, target).await? };
        let Some(now) = now else { break };
        close(turn, &now, None).await?;
        let force = attempt > PATIENT_ATTEMPTS;
        match turn.ask(&Request::DropTarget { tid, force }).await {
            Ok(_) => break,
            Err(WireError::Refused(code::TARGET_ACTIVE | code::LUN_ACTIVE))
                if attempt < ATTEMPTS =>
            {
                tokio::time::sleep(PAUSE).await;
            }
            Err(error) => return Err(error),
        }
    }
    for user in target.accounts.iter().filter(|user| !shared.contains(user)) {
        turn.ask(&Request::DropAccount { user: user.clone() }).await?;
        turn.dropped_account(user);
    }
    turn.still_seen(seen, |all| all.retain(|other| other.iqn != target.iqn));
    Ok(())
}

/// The target as it is now, if it is.
async fn again(turn: &mut Turn<'_>, target: &Found) -> Result<Option<Found>, WireError> {
    let targets = turn.targets_now().await?;
    // Numbers are used again; names are not, as long as we have the turn.
    Ok(targets.iter().find(|now| now.tid == target.tid && now.iqn == target.iqn).cloned())
}

async fn close(
    turn: &mut Turn<'_>,
    target: &Found,
    initiator: Option<&str>,
) -> Result<(), WireError> {
    let tid = target.tid;
    let sessions = target
        .sessions
        .iter()
        .filter(|session| initiator.is_none_or(|initiator| session.initiator == initiator));
    for session in sessions {
        for connection in &session.connections {
            let (session, connection) = (session.id, *connection);
            turn.ask(&Request::Close { tid, session, connection }).await?;
        }
    }
    Ok(())
}

/// Admits the initiator, unless it is already.
pub(super) async fn admit(
    turn: &mut Turn<'_>,
    iqn: &str,
    initiator: &str,
) -> Result<(), WireError> {
    let targets = turn.targets().await?;
    let target = targets.iter().find(|target| target.iqn == iqn);
    let target = target.ok_or(WireError::Refused(code::NO_TARGET))?;
    if !target.admitted.contains(initiator) {
        let who = Who::Initiator(initiator.to_owned());
        turn.ask(&Request::Admit { tid: target.tid, who }).await?;
    }
    Ok(())
}

/// Admits an initiator, or all that have names, no more and ends the sessions.
pub(super) async fn cut_off(
    turn: &mut Turn<'_>,
    target: &Found,
    initiator: Option<&str>,
) -> Result<(), WireError> {
    // Those with an account are admitted by address.
    let named = target.admitted.iter().filter(|entry| is_initiator_name(entry));
    for name in named.filter(|name| initiator.is_none_or(|initiator| initiator == *name)) {
        let who = Who::Initiator(name.clone());
        turn.ask(&Request::Exclude { tid: target.tid, who }).await?;
    }
    close(turn, target, initiator).await
}
