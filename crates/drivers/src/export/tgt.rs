//! `target_helper = tgtadm`: volumes are exported over iSCSI by tgt, the target in user space; one target a volume.
//!
//! With CHAP each volume has its own account, made with the export, and every address may try it. Without CHAP the
//! initiators that were connected are admitted by their names, which whoever knows them can borrow.

use std::path::Path;
use std::sync::Arc;

use ashlar_types::{ConnectionInfo, Connector, Export};
use serde_json::Value;

use super::chap::Chap;
use super::location::{Location, is_initiator_name};
use crate::error::{DriverError, FailureKind};

mod daemon;
mod hosts;
mod listing;
mod plan;
mod settings;
mod wire;

pub use settings::TgtSettings;

use daemon::{Daemon, Turn, failure};
use hosts::{admit, cut_off, data, end};
use listing::Found;
use plan::{InUse, Wanted, choose_tid, plan, reached};
use wire::{Request, WireError, code};

/// The volume's logical unit; 0 is tgt's own.
const UNIT: u64 = 1;

/// Exports by one tgtd.
#[derive(Debug)]
pub(crate) struct Tgt {
    settings: TgtSettings,
    daemon: Arc<Daemon>,
}

/// A volume's file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Backing<'a> {
    /// The volume's name.
    pub(super) name: &'a str,
    /// Where it is.
    pub(super) path: &'a Path,
}

impl Tgt {
    pub(super) fn new(settings: TgtSettings) -> Self {
        let daemon = Daemon::at(settings.socket());
        Self { settings, daemon }
    }

    /// Whether tgtd answers.
    pub(super) async fn check(&self) -> Result<(), DriverError> {
        let answer = self.daemon.turn().await.ask(&Request::Ping).await;
        answer.map(drop).map_err(|error| failure("export volumes", error))
    }

    /// Makes the target as it should be, changing only what is not.
    pub(super) async fn ensure(
        &self,
        backing: Backing<'_>,
        length: u64,
        kept: Option<&Export>,
    ) -> Result<Export, DriverError> {
        let name = backing.name;
        let (location, chap) = self.agreed(name, kept)?;
        let what = format!("export {name}");
        let mut turn = self.daemon.turn().await;
        let wanted = Wanted {
            path: plain(backing.path)?,
            length,
            id: identity(name).to_owned(),
            write_cache: self.settings.write_cache,
            flags: self.settings.flags.clone(),
            initiators: turn.granted(&location.iqn),
            iqn: location.iqn.clone(),
            chap,
        };
        for last in [false, false, true] {
            match ensure_once(&mut turn, &wanted, name).await {
                // Somebody else has taken the number or the name since the listing.
                Err(Failed::Wire(WireError::Refused(code::TARGET_EXIST))) if !last => {}
                Err(Failed::Wire(error)) => return Err(failure(&what, error)),
                Err(Failed::Driver(error)) => return Err(error),
                Ok(()) => break,
            }
        }
        let provider_auth = wanted.chap.as_ref().map(Chap::kept);
        Ok(Export { provider_location: location.to_string(), provider_auth })
    }

    /// Ends all targets of the volume. Without a tgtd there are none.
    pub(super) async fn destroy(&self, backing: Backing<'_>) -> Result<(), DriverError> {
        let what = format!("end the export of {}", backing.name);
        let mut turn = self.daemon.turn().await;
        let targets = match turn.targets().await {
            Err(WireError::NotThere(_)) => return Ok(()),
            targets => targets.map_err(|error| failure(&what, error))?,
        };
        let own = targets.iter().filter(|target| self.is_of(target, backing)).cloned();
        let own: Vec<_> = own.collect();
        drop(targets);
        for target in &own {
            turn.revoke(&target.iqn, None);
            end(&mut turn, target).await.map_err(|error| failure(&what, error))?;
        }
        Ok(())
    }

    /// What the host needs to know, after it was let in.
    pub(super) async fn connect(
        &self,
        backing: Backing<'_>,
        export: Option<&Export>,
        connector: &Connector,
    ) -> Result<ConnectionInfo, DriverError> {
        let Some(export) = export else {
            return Err(invalid(format!("{} is not exported", backing.name)));
        };
        let location = self.kept_location(backing.name, export).ok_or_else(|| {
            invalid(format!("{} is not exported by tgt; export it again", backing.name))
        })?;
        let chap = kept_account(backing.name, export)?;
        let Some(initiator) = connector.text("initiator").filter(|name| is_initiator_name(name))
        else {
            return Err(invalid(
                "the connector must have the name of the host's iSCSI initiator as 'initiator'"
                    .to_owned(),
            ));
        };
        if chap.is_none() {
            let what = format!("let {initiator} use {}", backing.name);
            let mut turn = self.daemon.turn().await;
            let done = admit(&mut turn, &location.iqn, initiator).await;
            done.map_err(|error| failure(&what, error))?;
            turn.grant(&location.iqn, initiator);
        }
        let multipath = connector.0.get("multipath").and_then(Value::as_bool).unwrap_or(false);
        Ok(ConnectionInfo {
            driver_volume_type: "iscsi".to_owned(),
            data: data(&location, chap.as_ref(), identity(backing.name), multipath),
        })
    }

    /// Excludes the host, or all, and ends its sessions.
    pub(super) async fn disconnect(
        &self,
        backing: Backing<'_>,
        connector: Option<&Connector>,
    ) -> Result<(), DriverError> {
        let initiator = connector.map(|it| it.text("initiator").unwrap_or_default());
        let what = format!("cut hosts off {}", backing.name);
        let mut turn = self.daemon.turn().await;
        // As they are: hosts come and go by themselves, and one that logged in a moment ago is to be cut off too.
        let targets = match turn.targets_now().await {
            Err(WireError::NotThere(_)) => return Ok(()),
            targets => targets.map_err(|error| failure(&what, error))?,
        };
        for target in targets.iter().filter(|target| self.is_of(target, backing)) {
            turn.revoke(&target.iqn, initiator);
            cut_off(&mut turn, target, initiator).await.map_err(|error| failure(&what, error))?;
        }
        Ok(())
    }

    /// Where and with which account: as was kept, else chosen now.
    fn agreed(
        &self,
        name: &str,
        kept: Option<&Export>,
    ) -> Result<(Location, Option<Chap>), DriverError> {
        if let Some(kept) = kept
            && let Some(location) = self.kept_location(name, kept)
        {
            return Ok((location, kept_account(name, kept)?));
        }
        Ok((self.settings.location(name)?, self.settings.chap.then(Chap::fresh)))
    }

    /// The location that was kept, when it is one of this volume's and tgt can serve it. The column may also hold the
    /// path of the file, or what another kind of target once had.
    #[allow(clippy::unused_self, reason = "reads as a question to this exporter")]
    fn kept_location(&self, name: &str, kept: &Export) -> Option<Location> {
        Location::parse(&kept.provider_location)
            .filter(|location| location.lun == UNIT && location.iqn.ends_with(name))
    }

    fn is_of(&self, target: &Found, backing: Backing<'_>) -> bool {
        let named = target.iqn.strip_prefix(&self.settings.prefix) == Some(backing.name);
        let path = backing.path.to_str();
        named || target.unit.as_ref().is_some_and(|unit| Some(unit.path.as_str()) == path)
    }
}

enum Failed {
    Wire(WireError),
    Driver(DriverError),
}

impl From<WireError> for Failed {
    fn from(error: WireError) -> Self {
        Self::Wire(error)
    }
}

async fn ensure_once(turn: &mut Turn<'_>, wanted: &Wanted, name: &str) -> Result<(), Failed> {
    let targets = turn.targets().await?;
    let found = targets.iter().find(|target| target.iqn == wanted.iqn);
    let tid = found.map_or_else(
        || choose_tid(&wanted.iqn, &targets.iter().map(|target| target.tid).collect()),
        |found| found.tid,
    );
    let known = wanted.chap.as_ref().is_some_and(|chap| turn.knows(chap));
    if let Some(chap) = &wanted.chap
        && let Some(other) = targets
            .iter()
            .find(|target| target.iqn != wanted.iqn && target.accounts.contains(&chap.user))
    {
        // To set it anew would take it from the other one.
        let message = format!("cannot export {name}: its account is also that of {}", other.iqn);
        return Err(Failed::Driver(DriverError::new(FailureKind::Broken, message)));
    }
    let requests = plan(wanted, found, tid, known).map_err(|InUse| {
        let message = format!(
            "cannot export {name}: a host uses it as it was before its file or size changed; disconnect it first"
        );
        Failed::Driver(DriverError::new(FailureKind::Busy, message))
    })?;
    let reached = reached(wanted, found, tid);
    drop(targets);
    turn.carry_out(&requests, reached).await?;
    if let Some(chap) = &wanted.chap
        && requests.iter().any(|request| matches!(request, Request::NewAccount { .. }))
    {
        turn.made_account(chap);
    }
    Ok(())
}

fn kept_account(name: &str, kept: &Export) -> Result<Option<Chap>, DriverError> {
    let Some(auth) = kept.provider_auth.as_deref().filter(|auth| !auth.is_empty()) else {
        return Ok(None);
    };
    Chap::parse(auth).map(Some).ok_or_else(|| {
        invalid(format!(
            "what is kept as the account of {name} is not of the form CHAP, user, password"
        ))
    })
}

/// The identity in a volume's name.
fn identity(name: &str) -> &str {
    name.strip_prefix("volume-").unwrap_or(name)
}

/// A path that tgtd understands: it takes commas for the end.
fn plain(path: &Path) -> Result<String, DriverError> {
    match path.to_str() {
        Some(path) if !path.contains([',', '\n', '\0']) => Ok(path.to_owned()),
        _ => Err(invalid(
            "tgt takes no directory whose path has a comma or a line break, or is not text"
                .to_owned(),
        )),
    }
}

fn invalid(message: String) -> DriverError {
    DriverError::new(FailureKind::Invalid, message)
}

#[cfg(test)]
mod tests;
