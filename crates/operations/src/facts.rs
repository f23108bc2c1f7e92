//! What placement needs to know of a request besides the request itself. Placement looks nothing up, so this does, once,
//! before pools are judged, and only where a filter in force will ask.

use std::collections::BTreeMap;
use std::sync::Arc;

use ashlar_clients::nova::Nova;
use ashlar_db::{Db, DbError, qos_specs, volumes};
use ashlar_placement::{Facts, Rules, is_uuid_like};
use ashlar_types::{Clock, PoolName, RequestSpec, VolumeId};
use serde_json::Value;
use uuid::Uuid;

use crate::options_file::{self, OptionsFile};

/// Where facts come from.
#[derive(Clone)]
pub struct Sources {
    /// Where instances run.
    pub nova: Arc<Nova>,
    /// What stands in the file `scheduler_json_config_location`.
    pub options: Arc<OptionsFile>,
}

impl Sources {
    /// No neighbours and no file.
    #[must_use]
    pub fn none(clock: Clock) -> Self {
        Self {
            nova: Arc::new(Nova::unconfigured()),
            options: Arc::new(OptionsFile::new(None, options_file::INTERVAL, clock)),
        }
    }

    /// The facts that `rules` will ask of this request.
    ///
    /// An instance whose host cannot be learnt is a fact as well: the filter refuses every pool, with the cause.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn look_up(
        &self,
        db: &Db,
        spec: &RequestSpec,
        rules: &Rules,
    ) -> Result<Facts, DbError> {
        let qos_specs = match &spec.volume_type.qos_specs_id {
            Some(id) if rules.asks_functions() => {
                qos_specs::specs(&mut db.read().await?, id).await?
            }
            _ => BTreeMap::new(),
        };
        Ok(Facts {
            located: located(db, spec, rules).await?,
            instance: self.instance(spec, rules).await,
            qos_specs,
            options: self.options.value().await,
        })
    }

    async fn instance(&self, spec: &RequestSpec, rules: &Rules) -> Option<Result<String, String>> {
        if !rules.has_filter("InstanceLocalityFilter") {
            return None;
        }
        let id = spec.hints.get("local_to_instance")?.as_str().filter(|id| is_uuid_like(id))?;
        let Ok(server) = id.parse::<Uuid>() else {
            return Some(Err(format!("'{id}' is no identity of a server")));
        };
        let host = match self.nova.host_of(server, &spec.request_id).await {
            Ok(Some(host)) => Ok(host),
            Ok(None) => Err(format!("server {server} runs on no host")),
            Err(error) => Err(error.to_string()),
        };
        if let Err(cause) = &host {
            tracing::warn!(volume = %spec.volume_id, request = spec.request_id, %server, cause,
                "the host of an instance is not known");
        }
        Some(host)
    }
}

/// Where the volumes live that `same_host` and `different_host` name, as far as they are the project's own. All of them:
/// one that was passed over would be one that the new volume may end up beside. How many there can be is bounded by the
/// size of a request's body.
async fn located(
    db: &Db,
    spec: &RequestSpec,
    rules: &Rules,
) -> Result<BTreeMap<String, PoolName>, DbError> {
    let asked = [("same_host", "SameBackendFilter"), ("different_host", "DifferentBackendFilter")];
    let hints = asked.iter().filter(|(_, filter)| rules.has_filter(filter));
    let named = hints.filter_map(|(hint, _)| spec.hints.get(*hint)).flat_map(|hint| match hint {
        Value::Array(list) => list.iter().collect(),
        single => vec![single],
    });
    // Cinder compares the texts, so an identity written otherwise than in the table finds nothing.
    let ids: Vec<VolumeId> = named
        .filter_map(Value::as_str)
        .filter_map(|text| text.parse::<VolumeId>().ok().filter(|id| id.to_string() == text))
        .collect();
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = volumes::get_many(&mut db.read().await?, &ids).await?;
    let own = found.into_iter().filter(|volume| volume.project_id == spec.project_id);
    Ok(own.filter_map(|volume| Some((volume.id.to_string(), volume.host?))).collect())
}
