//! `POST /workers/cleanup`: what waits for the services that match, and nobody works on, is due at once.
//!
//! `cleaning` are the services for which somebody is there to do it: any scheduler for a scheduler, and a volume service
//! for itself, since nobody else has its backend. The others are `unavailable`.

use ashlar_db::flows::{self, Asleep};
use ashlar_db::services::{self, SCHEDULER, ServiceFilter, VOLUME};
use ashlar_db::{DbError, Tx, transact};
use ashlar_flow::Role;
use ashlar_types::{Service, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::pieces;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;

/// A service in the answer.
#[derive(Serialize)]
struct Named<'s> {
    id: i64,
    host: &'s str,
    binary: &'s str,
    cluster_name: Option<&'s str>,
}

/// What the body says of the resource.
struct Resource {
    /// As flows name it.
    kind: Option<&'static str>,
    id: Option<String>,
}

/// Wakes what waits.
pub(super) async fn cleanup(request: &Request) -> Outcome {
    let resource = resource(request)?;
    let filter = filter(request);
    let (db, now) = (&request.app.db, request.app.clock.now());
    let down_time = request.app.operations.settings.service_down_time;
    let is_up = wanted_state(request);
    let mut tx = db.read().await?;
    let waits_for = match &resource.id {
        Some(id) if !is_located(request) => Some(owners(&mut tx, id, resource.kind).await?),
        _ => None,
    };
    let mut found = services::list(&mut tx, &filter).await?;
    drop(tx);
    found.retain(|service| {
        is_up.is_none_or(|wanted| wanted == service.is_up(now, down_time))
            && (service.binary == SCHEDULER || service.binary == VOLUME)
            && waits_for.as_ref().is_none_or(|owners| is_among(service, owners))
    });
    let is_there = |service: &Service| service.binary == SCHEDULER || service.is_up(now, down_time);
    let (cleaning, unavailable): (Vec<_>, Vec<_>) = found.into_iter().partition(is_there);
    let woken: Result<u64, DbError> =
        transact!(db, tx => wake(tx, &cleaning, &resource, now).await);
    tracing::info!(operations = woken?, services = cleaning.len(), "cleaning up was asked for");
    request.app.operations.bus.ring();
    let body = json!({ "cleaning": named(&cleaning), "unavailable": named(&unavailable) });
    Ok(Answer::accepted(&body))
}

fn named(services: &[Service]) -> Vec<Named<'_>> {
    let named = |service| {
        let Service { id, host, binary, cluster_name, .. }: &Service = service;
        Named { id: *id, host, binary, cluster_name: cluster_name.as_deref() }
    };
    services.iter().map(named).collect()
}

fn text<'r>(request: &'r Request, key: &str) -> Option<&'r str> {
    request.body.get(key).and_then(Value::as_str).filter(|text| !text.is_empty())
}

fn resource(request: &Request) -> Result<Resource, Fault> {
    let kind = match text(request, "resource_type") {
        None => None,
        Some(word) if word.eq_ignore_ascii_case("volume") => Some("volume"),
        Some(word) if word.eq_ignore_ascii_case("snapshot") => Some("snapshot"),
        Some(word) => {
            let message = format!("Resource type {word} not valid, must be Volume or Snapshot");
            return Err(Fault::invalid_input(message));
        }
    };
    Ok(Resource { kind, id: text(request, "resource_id").map(pieces::canonical_uuid) })
}

/// Whether services are to be up: down unless said otherwise, either where null says so.
fn wanted_state(request: &Request) -> Option<bool> {
    match request.body.get("is_up") {
        None => Some(false),
        Some(value) => pieces::truth(value),
    }
}

fn filter(request: &Request) -> ServiceFilter {
    let number = match request.body.get("service_id") {
        // A number that no row can have finds nothing.
        Some(Value::String(digits)) if !digits.is_empty() => Some(digits.parse().unwrap_or(-1)),
        Some(Value::Number(number)) => Some(number.as_i64().unwrap_or(-1)),
        _ => None,
    };
    ServiceFilter {
        id: number,
        host: text(request, "host").map(str::to_owned),
        cluster: text(request, "cluster_name").map(str::to_owned),
        binary: text(request, "binary").map(str::to_owned),
        disabled: request.body.get("disabled").and_then(pieces::truth),
        frozen: None,
    }
}

/// The body says where to look; a key counts even when it says nothing, as in Cinder.
fn is_located(request: &Request) -> bool {
    ["service_id", "cluster_name", "host"].into_iter().any(|key| request.body.get(key).is_some())
}

/// Whom the operations on the resource wait for: role and backend.
async fn owners(
    tx: &mut Tx,
    id: &str,
    kind: Option<&str>,
) -> Result<Vec<(Role, Option<String>)>, Fault> {
    let filter = flows::Filter {
        unfinished: true,
        resource_id: Some(id.to_owned()),
        limit: 100,
        ..flows::Filter::default()
    };
    let found = flows::list(tx, &filter).await?.into_iter().map(|listed| listed.record);
    let owners: Vec<_> = found
        .filter(|record| kind.is_none_or(|kind| record.subject.kind == kind))
        .map(|record| (record.role, record.target))
        .collect();
    if owners.is_empty() {
        let message = format!("There is no resource with UUID {id} pending cleanup.");
        return Err(Fault::invalid_input(message));
    }
    Ok(owners)
}

fn is_among(service: &Service, owners: &[(Role, Option<String>)]) -> bool {
    owners.iter().any(|(role, target)| match role {
        Role::Scheduler => service.binary == SCHEDULER,
        Role::Volume => {
            service.binary == VOLUME && target.as_ref().is_none_or(|target| *target == service.host)
        }
    })
}

/// Wakes what waits for these services, and is about the resource.
async fn wake(
    tx: &mut Tx,
    services: &[Service],
    resource: &Resource,
    now: Timestamp,
) -> Result<u64, DbError> {
    let mut targets: Vec<(Role, Option<&str>)> = services
        .iter()
        .map(|service| match service.binary == SCHEDULER {
            true => (Role::Scheduler, None),
            false => (Role::Volume, Some(service.host.as_str())),
        })
        .collect();
    targets.sort_unstable_by_key(|(role, target)| (role.as_str(), *target));
    targets.dedup();
    let mut woken = 0;
    for (role, target) in targets {
        let (kind, resource_id) = (resource.kind, resource.id.as_deref());
        woken += flows::wake(tx, &Asleep { role, target, kind, resource_id }, now).await?;
    }
    Ok(woken)
}
