//! Accepting a volume to manage, in the API's process.

use ashlar_db::volume_details::VolumeDetail;
use ashlar_db::{Tx, quotas, transact, type_encryption, volume_types, volumes};
use ashlar_drivers::Reference;
use ashlar_flow::NewFlow;
use ashlar_types::quota::volume_deltas;
use ashlar_types::request_spec::Pinned;
use ashlar_types::{
    AttachStatus, BackendName, Caller, FlowId, Gib, Metadata, RequestSpec, Service, Source,
    Timestamp, Volume, VolumeId, VolumeStatus, VolumeType,
};
use serde_json::{Map, Value};

use super::{MANAGE_VOLUME, State};
use crate::create_volume::{Made, default_type, visible_type};
use crate::manage::{self, At};
use crate::submit::{Place, to_the_end};
use crate::{ApiContext, Refusal, subjects};

/// What a client asks for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where it lies.
    pub at: At,
    /// What names it there.
    pub reference: Value,
    /// Name.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Name or identity of the type; the project's or the configured one when none is given.
    pub volume_type: Option<String>,
    /// User metadata.
    pub metadata: Metadata,
    /// Zone; the service's when none is given.
    pub availability_zone: Option<String>,
    /// A server may boot from it.
    pub bootable: bool,
}

/// Accepts the volume, or says why not. The answer is the volume as it then stands: without a size.
///
/// # Errors
/// [`Refusal`]; nothing is written.
pub async fn accept(
    cx: &ApiContext,
    caller: &Caller,
    request: Request,
) -> Result<VolumeDetail, Refusal> {
    Refusal::without_project(caller)?;
    manage::check_length(&request.reference)?;
    let mut tx = cx.db.read().await?;
    let backend = BackendName(request.at.backend());
    if let Ok(reference) = Reference::read(&request.reference)
        && manage::owner(&mut tx, &backend, reference.source_name()).await?.is_some()
    {
        return Err(Refusal::invalid_volume(
            "Unable to manage existing volume. The volume is already managed",
        ));
    }
    let volume_type = find_type(cx, &mut tx, caller, request.volume_type.as_deref()).await?;
    let service = manage::service(cx, &mut tx, &request.at).await?;
    let service = service.ok_or_else(|| request.at.unknown())?;
    drop(tx);
    let now = cx.db.engine().storable(cx.clock.now());
    let spec = spec(caller, &request, &service, volume_type);
    let volume = row(&spec, &request, now);
    let state = State {
        flow: FlowId::fresh(),
        backend: service.host.clone(),
        asked_pool: request.at.pool(),
        reference: request.reference.clone(),
        pool: None,
        size: Gib(0),
        mark: None,
        made: Made::default(),
        spec,
    };
    let subject = subjects::volume(volume.id, &volume.project_id, caller);
    let new = MANAGE_VOLUME.new_row(state.flow, &state, subject, cx.clock.now());
    let cx = cx.clone();
    to_the_end(async move {
        let place = cx.place_at(&BackendName(service.host));
        transact!(cx.db, tx => store(&cx, tx, (&volume, &state, &request), &new, &place).await)?;
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

/// The one transaction.
async fn store(
    cx: &ApiContext,
    tx: &mut Tx,
    (volume, state, request): (&Volume, &State, &Request),
    new: &NewFlow,
    place: &Place,
) -> Result<(), Refusal> {
    // It may have been renamed since it was looked up, or be gone.
    let asked = &state.spec.volume_type;
    let name = volume_types::keep_name(tx, asked.id).await?;
    let name = name.ok_or_else(|| no_type(&asked.name))?;
    if type_encryption::is_encrypted(tx, asked.id).await? {
        return Err(invalid_type("Managing to an encrypted volume type is not supported."));
    }
    let deltas = volume_deltas(1, 0, Some(&name));
    let limits = &cx.settings.limits;
    quotas::take(tx, &volume.project_id, &deltas, limits, volume.created_at).await??;
    volumes::insert(tx, volume, &request.metadata).await?;
    cx.store_flow(tx, new, place).await?;
    Ok(())
}

/// The type: as asked, else the project's default, else the configured one.
async fn find_type(
    cx: &ApiContext,
    tx: &mut Tx,
    caller: &Caller,
    asked: Option<&str>,
) -> Result<VolumeType, Refusal> {
    match asked {
        Some(asked) => visible_type(tx, caller, asked).await?.ok_or_else(|| no_type(asked)),
        None => default_type(tx, caller, &cx.settings.default_volume_type).await,
    }
}

fn no_type(asked: &str) -> Refusal {
    invalid_type(&format!("Cannot find requested '{asked}' volume type"))
}

fn invalid_type(reason: &str) -> Refusal {
    Refusal::Invalid(format!("Invalid volume type: {reason}"))
}

fn spec(
    caller: &Caller,
    request: &Request,
    service: &Service,
    volume_type: VolumeType,
) -> RequestSpec {
    let backend = BackendName(service.host.clone());
    let zone = request.availability_zone.clone();
    RequestSpec {
        volume_id: VolumeId::random(),
        project_id: caller.project_id.clone(),
        user_id: caller.user_id.clone(),
        request_id: caller.request_id.clone(),
        size: Gib(0),
        source: Source::Blank,
        availability_zones: vec![zone.unwrap_or_else(|| service.availability_zone.clone())],
        volume_type,
        pinned: Some(match request.at.pool() {
            Some(pool) => Pinned::Pool(backend.pool(&pool)),
            None => Pinned::Backend(backend),
        }),
        forced: None,
        metadata: request.metadata.clone(),
        hints: Map::new(),
    }
}

fn row(spec: &RequestSpec, request: &Request, now: Timestamp) -> Volume {
    Volume {
        id: spec.volume_id,
        name_id: None,
        project_id: spec.project_id.clone(),
        user_id: spec.user_id.clone(),
        host: None,
        cluster_name: None,
        size: Gib(0),
        availability_zone: spec.availability_zones.first().cloned(),
        status: VolumeStatus::Managing,
        previous_status: None,
        attach_status: AttachStatus::Detached,
        migration_status: None,
        snapshot_id: None,
        source_volid: None,
        volume_type_id: Some(spec.volume_type.id),
        name: request.name.clone(),
        description: request.description.clone(),
        bootable: request.bootable,
        multiattach: spec.volume_type.spec_is_true("multiattach"),
        use_quota: true,
        encryption_key_id: None,
        consistencygroup_id: None,
        group_id: None,
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
