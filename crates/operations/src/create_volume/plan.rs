//! From a request and what was found for it to a complete plan. Pure: no database, no clock.

use std::collections::BTreeSet;

use ashlar_clients::glance::Image;
use ashlar_types::request_spec::Pinned;
use ashlar_types::{
    Caller, Gib, GroupId, Metadata, PoolName, RequestSpec, Snapshot, SnapshotId, SnapshotStatus,
    Source, Volume, VolumeId, VolumeStatus, VolumeType,
};

use crate::{Refusal, Settings, encrypted_types, images};

/// The key by which a type names its zones.
const TYPE_ZONES: &str = "RESKEY:availability_zones";

/// What a client asks for, with sources still as identities.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Size; a source's own when absent.
    pub size: Option<Gib>,
    /// Snapshot to make it from.
    pub snapshot_id: Option<SnapshotId>,
    /// Volume to clone.
    pub source_volid: Option<VolumeId>,
    /// Image to fill it with.
    pub image: Option<ImageWish>,
    /// Only for the house itself: a volume of the image cache.
    pub for_cache: Option<ForCache>,
    /// Type by name or identity.
    pub volume_type: Option<String>,
    /// Zone.
    pub availability_zone: Option<String>,
    /// Group to put it into.
    pub group: Option<GroupId>,
    /// User metadata.
    pub metadata: Metadata,
    /// Scheduler hints.
    pub hints: serde_json::Map<String, serde_json::Value>,
    /// The caller may have volumes that several servers share (`volume:multiattach`).
    pub may_be_shared: bool,
}

/// An image as a client names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageWish {
    /// Identity, URL that ends in one, or name.
    pub reference: String,
    /// An image that is Nova's record of a server's volumes stands for the snapshot that the server boots from: so from
    /// microversion 3.46 on.
    pub follows_snapshots: bool,
}

/// A volume of the image cache, as the house asks for it.
#[derive(Debug, Clone)]
pub struct ForCache {
    /// Its identity.
    pub volume: VolumeId,
    /// The image that it is to hold.
    pub image: Box<Image>,
    /// Where it is to live.
    pub pool: PoolName,
}

/// The source, as found.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one lives for the length of a request")]
pub(crate) enum Found {
    /// None asked for.
    Blank,
    /// A snapshot and its volume.
    Snapshot(Snapshot, Volume),
    /// A volume.
    Volume(Volume),
    /// An image.
    Image(Box<Image>),
}

impl Found {
    /// The type that the new volume takes from its source.
    pub(super) fn volume_type(&self) -> Option<ashlar_types::VolumeTypeId> {
        match self {
            Self::Blank | Self::Image(_) => None,
            Self::Snapshot(snapshot, volume) => snapshot.volume_type_id.or(volume.volume_type_id),
            Self::Volume(volume) => volume.volume_type_id,
        }
    }

    fn size(&self) -> Option<Gib> {
        match self {
            Self::Blank | Self::Image(_) => None,
            Self::Snapshot(snapshot, _) => Some(snapshot.volume_size),
            Self::Volume(volume) => Some(volume.size),
        }
    }

    /// The volume whose place and zone count.
    pub(super) fn home(&self) -> Option<&Volume> {
        match self {
            Self::Blank | Self::Image(_) => None,
            Self::Snapshot(_, volume) | Self::Volume(volume) => Some(volume),
        }
    }

    /// The source has no key of its own, which a copy would need, too.
    pub(super) fn check_key(&self) -> Result<(), Refusal> {
        match self {
            Self::Snapshot(snapshot, _) => {
                let key = snapshot.encryption_key_id.as_deref();
                encrypted_types::refuse_key("snapshot", snapshot.id, key)
            }
            Self::Volume(volume) => {
                let key = volume.encryption_key_id.as_deref();
                encrypted_types::refuse_key("volume", volume.id, key)
            }
            Self::Blank | Self::Image(_) => Ok(()),
        }
    }

    /// The source is in a status that allows making a volume from it.
    pub(super) fn check_status(&self) -> Result<(), Refusal> {
        match self {
            Self::Snapshot(snapshot, _) if snapshot.status != SnapshotStatus::Available => {
                Err(Refusal::invalid_snapshot(
                    "Originating snapshot status must be one of 'available' values",
                ))
            }
            Self::Volume(volume) if !VolumeStatus::CLONEABLE.contains(&volume.status) => {
                Err(Refusal::invalid_volume(
                    "Originating volume status must be one of 'available, in-use' values",
                ))
            }
            _ => Ok(()),
        }
    }
}

/// The size asked for, checked against the source's and the type's bounds.
pub(super) fn size(
    request: &Request,
    found: &Found,
    volume_type: &VolumeType,
) -> Result<Gib, Refusal> {
    let size =
        request.size.or_else(|| found.size()).filter(|size| size.0 > 0).ok_or_else(|| {
            Refusal::invalid_input("Volume size must be an integer greater than 0")
        })?;
    match found {
        Found::Snapshot(snapshot, _) if size < snapshot.volume_size => {
            return Err(Refusal::invalid_input(format!(
                "Volume size {}GB cannot be smaller than the snapshot size {}GB. They must be >= \
                 original snapshot size.",
                size.0, snapshot.volume_size.0
            )));
        }
        Found::Volume(volume) if size < volume.size => {
            return Err(Refusal::invalid_input(format!(
                "Volume size {}GB cannot be smaller than original volume size {}GB. They must be \
                 >= original volume size.",
                size.0, volume.size.0
            )));
        }
        Found::Image(image) => images::check(image, size)?,
        _ => {}
    }
    check_type_bounds(volume_type, size)?;
    Ok(size)
}

/// A type may bound the sizes of its volumes. Cinder answers 400 beyond them.
pub(crate) fn check_type_bounds(volume_type: &VolumeType, size: Gib) -> Result<(), Refusal> {
    let bound = |key| volume_type.spec(key).and_then(|text| text.trim().parse::<u64>().ok());
    if let Some(least) = bound("provisioning:min_vol_size").filter(|least| size.0 < *least) {
        return Err(Refusal::invalid_input(format!(
            "Specified volume size of '{}' is less than the minimum required size of '{least}' for \
             volume type '{}'.",
            size.0, volume_type.name
        )));
    }
    if let Some(most) = bound("provisioning:max_vol_size").filter(|most| size.0 > *most) {
        return Err(Refusal::invalid_input(format!(
            "Specified volume size of '{}' is greater than the maximum allowed size of '{most}' for \
             volume type '{}'.",
            size.0, volume_type.name
        )));
    }
    Ok(())
}

/// A type other than the source's is taken only where the data could be of either: same backend name,
/// neither encrypted. Cinder answers 400.
pub(super) fn check_type(
    found: &Found,
    own: Option<&VolumeType>,
    asked: &VolumeType,
) -> Result<(), Refusal> {
    let Some(own) = own.filter(|own| own.id != asked.id) else { return Ok(()) };
    if own.spec("volume_backend_name") == asked.spec("volume_backend_name") {
        return Ok(());
    }
    let what = match found {
        Found::Snapshot(..) => "snapshot",
        Found::Blank | Found::Volume(_) | Found::Image(_) => "source volume",
    };
    Err(Refusal::invalid_input(format!(
        "Invalid volume_type provided: {} (requested type is not compatible; either match {what}, or \
         omit type argument).",
        asked.name
    )))
}

/// The host that an administrator names by `zone:host`, and the zone before it. Havana's simple scheduler had this
/// form; it looks neither at the zone nor at the room on the host. To everyone else, and with any other scheduler,
/// `zone:host` is the name of a zone, as is a zone that really has such a name.
fn forced_host<'a>(
    request: &'a Request,
    caller: &Caller,
    known: &BTreeSet<String>,
    settings: &Settings,
) -> Option<(&'a str, &'a str)> {
    let zone = request.availability_zone.as_deref()?;
    let honoured = settings.forced_host_zones && caller.is_admin && !known.contains(zone);
    zone.split_once(':').filter(|(_, host)| honoured && !host.is_empty())
}

/// The zones in which the volume may be placed. `known` are those that have a volume service.
fn zones(
    request: &Request,
    found: &Found,
    volume_type: &VolumeType,
    known: &BTreeSet<String>,
    settings: &Settings,
) -> Result<Vec<String>, Refusal> {
    let exists = |zone: &str| known.contains(zone) || zone == settings.storage_availability_zone;
    let of_type = type_zones(volume_type, exists)?;
    let from_source = found.home().and_then(|volume| volume.availability_zone.as_deref());
    let zone = match request.availability_zone.as_deref().or(from_source) {
        Some(zone) => zone.to_owned(),
        None if of_type.is_empty() => settings.default_zone().to_owned(),
        None => return Ok(of_type),
    };
    let zone = if exists(&zone) {
        zone
    } else if settings.allow_availability_zone_fallback {
        settings.default_zone().to_owned()
    } else {
        return Err(Refusal::Invalid(format!("Availability zone '{zone}' is invalid.")));
    };
    if !of_type.is_empty() && !of_type.contains(&zone) {
        return Err(Refusal::Invalid(format!("Availability zone '{zone}' is invalid.")));
    }
    if settings.cloned_volume_same_az && from_source.is_some_and(|source| source != zone) {
        let reason = "Volume must be in the same availability zone as the source";
        return Err(match found {
            Found::Snapshot(..) => Refusal::invalid_input(format!("{reason} snapshot's volume")),
            _ => Refusal::invalid_input(format!("{reason} volume")),
        });
    }
    Ok(vec![zone])
}

fn type_zones(
    volume_type: &VolumeType,
    exists: impl Fn(&str) -> bool,
) -> Result<Vec<String>, Refusal> {
    let Some(text) = volume_type.spec(TYPE_ZONES) else { return Ok(Vec::new()) };
    let zones: Vec<String> =
        text.split(',').map(str::trim).filter(|zone| exists(zone)).map(str::to_owned).collect();
    if zones.is_empty() {
        return Err(Refusal::Invalid(format!(
            "Availability zone '{text}' is invalid: none of volume type {} has a service.",
            volume_type.name
        )));
    }
    Ok(zones)
}

/// The zones that will do, and the host that an administrator named.
pub(super) type Place = (Vec<String>, Option<String>);

/// Where the volume may be placed: on the host that an administrator names, else in the zones that will do.
pub(super) fn place(
    request: &Request,
    found: &Found,
    caller: &Caller,
    volume_type: &VolumeType,
    (known, settings): (&BTreeSet<String>, &Settings),
) -> Result<Place, Refusal> {
    if let Some((zone, host)) = forced_host(request, caller, known, settings) {
        let zone = if zone.is_empty() { settings.default_zone() } else { zone };
        return Ok((vec![zone.to_owned()], Some(host.to_owned())));
    }
    Ok((zones(request, found, volume_type, known, settings)?, None))
}

/// The complete description of what to make.
pub(super) fn request_spec(
    request: &Request,
    found: &Found,
    caller: &Caller,
    (id, size, (zones, forced), volume_type): (VolumeId, Gib, Place, VolumeType),
    settings: &Settings,
) -> RequestSpec {
    let source = match found {
        Found::Blank => Source::Blank,
        Found::Snapshot(snapshot, _) => Source::Snapshot(snapshot.id),
        Found::Volume(volume) => Source::Volume(volume.id),
        Found::Image(image) => Source::Image(image.id),
    };
    let pinned = match found {
        Found::Blank | Found::Image(_) => None,
        Found::Snapshot(_, volume) if settings.snapshot_same_host => volume.host.clone(),
        Found::Snapshot(..) => None,
        Found::Volume(volume) => volume.host.clone(),
    };
    let pinned = request.for_cache.as_ref().map(|wish| wish.pool.clone()).or(pinned);
    RequestSpec {
        volume_id: id,
        project_id: caller.project_id.clone(),
        user_id: caller.user_id.clone(),
        request_id: caller.request_id.clone(),
        size,
        source,
        availability_zones: zones,
        volume_type,
        pinned: pinned.map(Pinned::Pool),
        forced,
        metadata: request.metadata.clone(),
        hints: request.hints.clone(),
    }
}

#[cfg(test)]
mod tests;
