//! What managing volumes and managing snapshots have in common: which service is asked, what belongs to somebody already,
//! and what the bytes may be.
//!
//! Every name under which a volume or a snapshot lives is refused, whatever lies there: the backend does not know which
//! of its things are ours, the tables do.

use std::io::Read as _;

use ashlar_db::volumes;
use ashlar_db::{DbError, Tx, services, snapshots};
use ashlar_drivers::{DriverError, Measured, Reference};
use ashlar_flow::TaskError;
use ashlar_images::Format;
use ashlar_images::inspect::{HEAD, inspect_head};
use ashlar_types::{BackendName, PoolName, Service, SnapshotId, UserMessage, VolumeId};
use serde_json::Value;

use crate::classify::{self, database};
use crate::submit::computed;
use crate::{ApiContext, Refusal, VolumeContext};

/// Longest reference that is taken, as JSON, in bytes.
const LONGEST_REFERENCE: usize = 2048;

/// Where something lies, as an administrator names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// `host@backend`, with or without a pool.
    Host(String),
    /// A cluster: any of its services that is up.
    Cluster(String),
}

impl At {
    fn word(&self) -> &'static str {
        match self {
            Self::Host(_) => "Host",
            Self::Cluster(_) => "Cluster",
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Host(name) | Self::Cluster(name) => name,
        }
    }

    /// The pool that it names.
    pub(crate) fn pool(&self) -> Option<String> {
        match self {
            Self::Host(name) => PoolName(name.clone()).pool().map(str::to_owned),
            Self::Cluster(_) => None,
        }
    }

    /// The backend, where a host is named; the cluster's name otherwise, which no backend has.
    pub(crate) fn backend(&self) -> String {
        PoolName(self.name().to_owned()).backend().0
    }

    /// 404 for a look.
    pub(crate) fn missing(&self) -> Refusal {
        let id = match self {
            Self::Host(name) => format!("cinder-volume on host {name}"),
            Self::Cluster(_) => "cinder-volume".to_owned(),
        };
        Refusal::NotFound { kind: "Service", id }
    }

    /// Cinder's words for a create: 400 `Host 'x' not found`.
    pub(crate) fn unknown(&self) -> Refusal {
        Refusal::Invalid(format!("{} '{}' not found", self.word(), self.name()))
    }
}

/// The volume service that is meant, when it can be given work now; none when there is no such service.
///
/// # Errors
/// 400 in Cinder's words when it is down or taken out.
pub(crate) async fn service(
    cx: &ApiContext,
    tx: &mut Tx,
    at: &At,
) -> Result<Option<Service>, Refusal> {
    let up = |it: &Service| it.is_up(cx.clock.now(), cx.settings.service_down_time);
    let found = match at {
        At::Host(name) => services::volume_service(tx, &PoolName(name.clone()).backend()).await?,
        At::Cluster(name) => {
            let cluster = PoolName(name.clone()).backend();
            let filter = services::ServiceFilter {
                binary: Some(services::VOLUME.to_owned()),
                ..Default::default()
            };
            let all = services::list(tx, &filter).await?;
            let mut members = all
                .into_iter()
                .filter(|it| it.cluster_name.as_deref() == Some(cluster.as_str()))
                .collect::<Vec<_>>();
            members.sort_by_key(|it| it.disabled || !up(it));
            members.into_iter().next()
        }
    };
    match found {
        Some(service) if service.disabled || !up(&service) => {
            Err(Refusal::Invalid("Service is unavailable at this time.".to_owned()))
        }
        found => Ok(found),
    }
}

/// A reference that is not too long to be kept. What it says is looked at by the backend's own node.
///
/// # Errors
/// 400.
pub(crate) fn check_length(reference: &Value) -> Result<(), Refusal> {
    if reference.to_string().len() > LONGEST_REFERENCE {
        let text = format!("the reference is longer than {LONGEST_REFERENCE} bytes");
        return Err(Refusal::invalid_input(text));
    }
    Ok(())
}

/// The identity in the name of a volume on a backend.
pub(crate) fn volume_in(name: &str) -> Option<VolumeId> {
    identity(name, "volume-")
}

/// The identity in the name of a snapshot on a backend.
pub(crate) fn snapshot_in(name: &str) -> Option<SnapshotId> {
    identity(name, "snapshot-")
}

fn identity<T: std::str::FromStr + ToString>(name: &str, prefix: &str) -> Option<T> {
    let text = name.strip_prefix(prefix)?;
    // Written otherwise it is another name.
    text.parse().ok().filter(|id: &T| id.to_string() == text)
}

/// Who has this name on the backend already: the volume or snapshot in words.
pub(crate) async fn owner(
    tx: &mut Tx,
    backend: &BackendName,
    name: &str,
) -> Result<Option<String>, DbError> {
    if let Some(id) = volume_in(name) {
        let living = volumes::named(tx, backend, &[id]).await?;
        return Ok(living.get(&id).map(|id| format!("volume {id}")));
    }
    if let Some(id) = snapshot_in(name) {
        let known = snapshots::known(tx, &[id]).await?;
        return Ok(known.get(&id).filter(|it| it.lives).map(|_| format!("snapshot {id}")));
    }
    Ok(None)
}

/// What a reference names on the backend of `cx`, when it may be taken over: nobody has it, and its bytes are plain.
///
/// # Errors
/// What is against it, with `message` for the user.
pub(crate) async fn measured(
    cx: &VolumeContext,
    reference: &Value,
    pool: Option<&str>,
    message: UserMessage,
) -> Result<(Reference, Measured), TaskError> {
    let rejected = |error: DriverError| classify::driver(error, message);
    let reference = Reference::read(reference).map_err(rejected)?;
    let mut tx = cx.db.read().await.map_err(database)?;
    let name = reference.source_name();
    if let Some(owner) = owner(&mut tx, &cx.backend, name).await.map_err(database)? {
        let cause = format!("{name} cannot be taken over: it is {owner} already");
        return Err(TaskError::Reject(message, cause.into()));
    }
    drop(tx);
    let measured = cx.driver.measure(&reference, pool).await.map_err(rejected)?;
    judge(&measured, name, message).await?;
    Ok((reference, measured))
}

/// Looks once more at what was taken over under `name`: between the look and the deed anybody may have written to it.
///
/// # Errors
/// As [`measured`].
pub(crate) async fn judge_taken(
    cx: &VolumeContext,
    name: &str,
    reference: &Reference,
    message: UserMessage,
) -> Result<(), TaskError> {
    let rejected = |error: DriverError| classify::driver(error, message);
    let ours = Reference::named(name).map_err(rejected)?;
    let measured = cx.driver.measure(&ours, None).await.map_err(rejected)?;
    judge(&measured, reference.source_name(), message).await
}

/// The bytes must be plain.
async fn judge(measured: &Measured, name: &str, message: UserMessage) -> Result<(), TaskError> {
    let file = measured.reading.file.try_clone();
    let head = computed(move || {
        let mut head = Vec::with_capacity(HEAD);
        file.and_then(|file| file.take(HEAD as u64).read_to_end(&mut head)).map(|_| head)
    });
    let head = head.await.map_err(|error| TaskError::Retry(error.into()))?;
    // Whoever reads the volume later would take it for plain bytes, and find an image's own structure.
    inspect_head(&head, Format::Raw).map_err(|refused| {
        let cause = format!("{name} cannot be taken over: {refused}");
        TaskError::Reject(message, cause.into())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_as_we_write_it_is_one_of_ours() {
        let id = VolumeId::random();
        assert_eq!(volume_in(&format!("volume-{id}")), Some(id));
        for name in [
            format!("volume-{}", id.to_string().to_uppercase()),
            format!("volume-{}", id.0.simple()),
            format!("volume-{id}.part"),
            format!("snapshot-{id}"),
            id.to_string(),
        ] {
            assert_eq!(volume_in(&name), None, "{name}");
        }
    }
}
