//! Accepting a request for a volume, in the API's process: everything is checked, then quota, row and
//! flow come to be in one transaction. After it the volume exists, in status `creating`.

use ashlar_db::volume_details::VolumeDetail;
use ashlar_db::volume_types::Visibility;
use ashlar_db::{Tx, quotas, snapshots, transact, volume_types, volumes};
use ashlar_flow::NewFlow;
use ashlar_types::quota::volume_deltas;
use ashlar_types::{
    AttachStatus, Caller, FlowId, Metadata, RequestSpec, SnapshotId, Source, Volume, VolumeId,
    VolumeStatus, VolumeType,
};

use super::plan::{self, Found, Request};
use super::{CREATE_VOLUME, CacheUse, Made, State, group};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, OverQuota, Refusal, encrypted_types, images, subjects};

/// Accepts the request, or says why not. The answer is the volume as it then stands.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    request: Request,
) -> Result<VolumeDetail, Refusal> {
    let (found, spec) = check(cx, caller, &request).await?;
    let now = cx.db.engine().storable(cx.clock.now());
    let volume = row(&spec, &request, &found, now);
    let flow = FlowId::fresh();
    let state = State {
        flow,
        source_pool: found.home().and_then(|volume| volume.host.clone()),
        source_size: match &found {
            Found::Blank | Found::Image(_) => None,
            Found::Snapshot(snapshot, _) => Some(snapshot.volume_size),
            Found::Volume(volume) => Some(volume.size),
        },
        source_volume: match &found {
            Found::Snapshot(snapshot, _) => Some(snapshot.volume_id),
            _ => None,
        },
        placed: None,
        tried: Vec::new(),
        made: Made::default(),
        cache: CacheUse { off: request.for_cache.is_some(), awaited: None },
        image: match found {
            Found::Image(image) => Some(image),
            _ => None,
        },
        group: request.group,
        spec,
    };
    let subject = subjects::volume(volume.id, &volume.project_id, caller);
    let new = CREATE_VOLUME.new_row(flow, &state, subject, cx.clock.now());
    let (cx, caller) = (cx.clone(), caller.clone());
    to_the_end(async move {
        let place = cx.place();
        let asked = (&volume, &state, &request);
        transact!(cx.db, tx => store(&cx, tx, &caller, asked, &new, &place).await)?;
        cx.start_flow(&new, place);
        Ok(VolumeDetail {
            type_name: Some(state.spec.volume_type.name),
            volume,
            metadata: request.metadata,
            admin_metadata: Metadata::new(),
            image_metadata: Metadata::new(),
            attachments: Vec::new(),
        })
    })
    .await
}

/// All that can be said of a request before anything is written: what it is made from, and the complete description of
/// the volume.
///
/// # Errors
/// [`Refusal`]: what `POST /volumes` answers for it, but for quota.
pub(crate) async fn check(
    cx: &ApiContext,
    caller: &Caller,
    request: &Request,
) -> Result<(Found, RequestSpec), Refusal> {
    Refusal::without_project(caller)?;
    let found = find_source(cx, caller, request).await?;
    found.check_status()?;
    found.check_key()?;
    let volume_type = find_type(cx, caller, request, &found).await?;
    let group = group::find(cx, caller, request, &volume_type).await?;
    let request = &*group::zoned(request, group.as_ref());
    if volume_type.spec_is_true("multiattach") && !request.may_be_shared {
        return Err(Refusal::Forbidden("volume:multiattach"));
    }
    let size = plan::size(request, &found, &volume_type)?;
    let mut known = cx.zones.all().await?;
    if request.availability_zone.as_ref().is_some_and(|zone| !known.contains(zone)) {
        cx.zones.has(request.availability_zone.as_deref().unwrap_or_default()).await?;
        known = cx.zones.all().await?;
    }
    let rules = (&*known, &*cx.settings);
    let place = plan::place(request, &found, caller, &volume_type, rules)?;
    let id = request.for_cache.as_ref().map_or_else(VolumeId::random, |wish| wish.volume);
    let parts = (id, size, place, volume_type);
    let mut spec = plan::request_spec(request, &found, caller, parts, &cx.settings);
    group::pin(&mut spec, group.as_ref())?;
    Ok((found, spec))
}

/// The one transaction.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    (volume, state, request): (&Volume, &State, &Request),
    new: &NewFlow,
    place: &Place,
) -> Result<(), Refusal> {
    let project = &volume.project_id;
    let size = volume.size.signed();
    let limits = &cx.settings.limits;
    let limit = quotas::limit_of(tx, project, "per_volume_gigabytes", limits).await?;
    if limit >= 0 && size > limit {
        return Err(OverQuota::PerVolume { size, limit }.into());
    }
    // It may have been renamed since it was looked up, or be gone.
    let asked = &state.spec.volume_type;
    let name = volume_types::keep_name(tx, asked.id).await?;
    let name = name.ok_or_else(|| missing_type(&asked.id.to_string()))?;
    // After the type is kept: from then on nobody makes it an encrypted one.
    encrypted_types::refuse(tx, asked.id, &name).await?;
    let deltas = volume_deltas(1, size, Some(&name));
    // Rows are locked in one order everywhere: groups, volumes and snapshots, then quota, then pools.
    group::recheck(tx, state).await?;
    recheck_source(tx, caller, state).await?;
    quotas::take(tx, project, &deltas, limits, volume.created_at).await??;
    volumes::insert(tx, volume, &request.metadata).await?;
    cx.store_flow(tx, new, place).await?;
    Ok(())
}

/// The source may have begun to go, have grown or have changed hands since it was looked up. Its row is locked until
/// the new volume's row is there, which whoever deletes the source, or accepts it, then sees.
async fn recheck_source(tx: &mut Tx, caller: &Caller, state: &State) -> Result<(), Refusal> {
    match state.spec.source {
        Source::Blank | Source::Image(_) => Ok(()),
        Source::Snapshot(id) => {
            let snapshot = snapshots::get_for_update(tx, id).await?;
            let snapshot = snapshot
                .filter(|snapshot| caller.may_see(&snapshot.project_id))
                .ok_or_else(|| Refusal::no_snapshot(id))?;
            let volume = volumes::get(tx, snapshot.volume_id).await?;
            let volume = volume.ok_or_else(|| Refusal::no_volume(snapshot.volume_id))?;
            Found::Snapshot(snapshot, volume).check_status()
        }
        Source::Volume(id) => {
            let volume = volumes::get_for_update(tx, id).await?;
            let volume = volume
                .filter(|volume| caller.may_see(&volume.project_id))
                .ok_or_else(|| Refusal::no_volume(id))?;
            if state.source_size != Some(volume.size) {
                return Err(Refusal::invalid_volume(format!("Volume {id} is changing its size.")));
            }
            Found::Volume(volume).check_status()
        }
    }
}

async fn find_source(
    cx: &ApiContext,
    caller: &Caller,
    request: &Request,
) -> Result<Found, Refusal> {
    if let Some(wish) = &request.for_cache {
        return Ok(Found::Image(wish.image.clone()));
    }
    match (request.snapshot_id, request.source_volid, &request.image) {
        (None, None, None) => Ok(Found::Blank),
        (Some(id), None, None) => find_snapshot(cx, caller, id).await,
        (None, None, Some(wish)) => {
            let image = images::require(cx.images.as_deref(), caller, &wish.reference).await?;
            match images::boot_snapshot(&image).filter(|_| wish.follows_snapshots) {
                Some(Ok(id)) => find_snapshot(cx, caller, id).await,
                Some(Err(text)) => Err(Refusal::no_snapshot(text)),
                None => {
                    let format = image.disk_format.as_deref().unwrap_or_default();
                    images::check_conversion(cx.images.as_deref(), format)?;
                    Ok(Found::Image(Box::new(image)))
                }
            }
        }
        (None, Some(id), None) => {
            let mut tx = cx.db.read().await?;
            let volume = volumes::get(&mut tx, id).await?;
            volume
                .filter(|volume| caller.may_see(&volume.project_id))
                .map(Found::Volume)
                .ok_or_else(|| Refusal::no_volume(id))
        }
        _ => Err(Refusal::invalid_input(
            "May specify only one of snapshot, imageRef or source volume",
        )),
    }
}

async fn find_snapshot(cx: &ApiContext, caller: &Caller, id: SnapshotId) -> Result<Found, Refusal> {
    let mut tx = cx.db.read().await?;
    let snapshot = snapshots::get(&mut tx, id).await?;
    let snapshot = snapshot
        .filter(|snapshot| caller.may_see(&snapshot.project_id))
        .ok_or_else(|| Refusal::no_snapshot(id))?;
    let volume = volumes::get(&mut tx, snapshot.volume_id).await?;
    let volume = volume.ok_or_else(|| Refusal::no_volume(snapshot.volume_id))?;
    Ok(Found::Snapshot(snapshot, volume))
}

/// The property by which an image names the type of the volumes that are made from it.
const TYPE_OF_IMAGE: &str = "cinder_img_volume_type";

/// The type: as asked, else the source's, else the project's default, else the configured one.
async fn find_type(
    cx: &ApiContext,
    caller: &Caller,
    request: &Request,
    found: &Found,
) -> Result<VolumeType, Refusal> {
    let mut tx = cx.db.read().await?;
    let own = match found.volume_type() {
        Some(id) => volume_types::get(&mut tx, id).await?,
        None => None,
    };
    let by_image = match found {
        Found::Image(image) => image.properties.get(TYPE_OF_IMAGE).filter(|name| !name.is_empty()),
        _ => None,
    };
    let Some(asked) = request.volume_type.as_ref().or(by_image) else {
        return match own {
            Some(own) => Ok(own),
            None => default_type(&mut tx, caller, &cx.settings.default_volume_type).await,
        };
    };
    let visible = visible_type(&mut tx, caller, asked).await?;
    let asked = visible.ok_or_else(|| missing_type(asked))?;
    plan::check_type(found, own.as_ref(), &asked)?;
    Ok(asked)
}

/// The type of this identity or name, if the caller may see one.
///
/// # Errors
/// [`Refusal::Database`].
pub(crate) async fn visible_type(
    tx: &mut Tx,
    caller: &Caller,
    asked: &str,
) -> Result<Option<VolumeType>, Refusal> {
    let visibility = if caller.is_admin {
        Visibility::All
    } else {
        Visibility::Project(caller.project_id.clone())
    };
    // By identity first; a type may also be named like one.
    let by_id = match asked.parse() {
        Ok(id) => volume_types::get_visible(tx, id, &visibility).await?,
        Err(_) => None,
    };
    match by_id {
        Some(found) => Ok(Some(found)),
        None => Ok(volume_types::get_by_name(tx, asked, &visibility).await?),
    }
}

pub(crate) fn missing_type(asked: &str) -> Refusal {
    match asked.parse::<ashlar_types::VolumeTypeId>() {
        Ok(_) => Refusal::NotFound { kind: "Volume type", id: asked.to_owned() },
        Err(_) => Refusal::NoSuchName { kind: "Volume type", name: asked.to_owned() },
    }
}

/// The project's default, else the configured one.
///
/// # Errors
/// 404 when the configured one is not there.
pub(crate) async fn default_type(
    tx: &mut Tx,
    caller: &Caller,
    configured: &str,
) -> Result<VolumeType, Refusal> {
    let of_project = volume_types::default_of_project(tx, &caller.project_id).await?;
    let found = match of_project {
        Some(id) => volume_types::get(tx, id).await?,
        None => volume_types::get_by_name(tx, configured, &Visibility::All).await?,
    };
    found.ok_or_else(|| missing_type(configured))
}

fn row(
    spec: &ashlar_types::RequestSpec,
    request: &Request,
    found: &Found,
    now: ashlar_types::Timestamp,
) -> Volume {
    Volume {
        id: spec.volume_id,
        name_id: None,
        project_id: spec.project_id.clone(),
        user_id: spec.user_id.clone(),
        host: None,
        cluster_name: None,
        size: spec.size,
        availability_zone: match spec.availability_zones.as_slice() {
            [zone] => Some(zone.clone()),
            _ => None,
        },
        status: VolumeStatus::Creating,
        previous_status: None,
        attach_status: AttachStatus::Detached,
        migration_status: None,
        snapshot_id: match spec.source {
            // An image may have stood for it.
            Source::Snapshot(id) => Some(id),
            _ => None,
        },
        source_volid: request.source_volid,
        volume_type_id: Some(spec.volume_type.id),
        name: request.name.clone(),
        description: request.description.clone(),
        bootable: found.home().is_some_and(|volume| volume.bootable),
        multiattach: spec.volume_type.spec_is_true("multiattach"),
        use_quota: true,
        encryption_key_id: None,
        consistencygroup_id: None,
        group_id: request.group,
        provider_location: None,
        provider_id: None,
        replication_status: None,
        service_uuid: None,
        shared_targets: Some(true),
        scheduled_at: None,
        launched_at: None,
        terminated_at: None,
        created_at: now,
        updated_at: None,
    }
}
