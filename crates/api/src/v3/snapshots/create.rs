//! `POST /snapshots`.

use ashlar_db::{Tx, volumes};
use ashlar_operations::create_snapshot;
use ashlar_types::{Volume, VolumeId};
use serde_json::Value;

use super::view::Shown;
use crate::answer::Answer;
use crate::body::pieces::truth;
use crate::body::python::display;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::volumes::body::{metadata, text};
use crate::v3::volumes::load::target;
use crate::version::{Version, v3};

/// From here on a snapshot of a volume in use needs no `force`.
const IN_USE: Version = v3(66);

/// Accepts a snapshot of a volume.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("snapshot");
    let volume = volume(request, wish.get("volume_id"), &mut request.app.db.read().await?).await?;
    let in_use = may_be_in_use(request.version, wish.get("force"))?;
    request.authorize_on(&target(&volume))?;
    let owned = |names| text(wish, names).flatten().map(str::to_owned);
    let asked = create_snapshot::Request {
        volume_id: volume.id,
        name: owned(["name", "display_name"]),
        description: owned(["description", "display_description"]),
        metadata: metadata(wish, "metadata").unwrap_or_default(),
        in_use,
    };
    let snapshot = create_snapshot::accept(&request.app.operations, &request.caller, asked).await?;
    Ok(Answer::accepted(&Shown::plain(request).wrapped(&snapshot)))
}

/// The volume that the body names. Whoever lacks `volume:get` does not learn that there is one.
pub(crate) async fn volume(
    request: &Request,
    id: Option<&Value>,
    tx: &mut Tx,
) -> Result<Volume, Fault> {
    let text = id.map(display).unwrap_or_default();
    let not_found = || Fault::not_found("Volume", &text);
    let id: VolumeId = text.parse().map_err(|_| not_found())?;
    let found = volumes::get(tx, id).await?;
    let seen = |volume: &Volume| {
        request.caller.may_see(&volume.project_id)
            && request.allows_on("volume:get", &target(volume))
    };
    found.filter(seen).ok_or_else(not_found)
}

/// Whether the volume may be in use: below 3.66 when `force` says so, from then on always. A `force` that is
/// true still passes then, for older clients.
fn may_be_in_use(version: Version, force: Option<&Value>) -> Result<bool, Fault> {
    let force = force.and_then(truth);
    if version < IN_USE {
        return Ok(force == Some(true));
    }
    match force {
        Some(false) => Err(Fault::bad_request(
            "From microversion 3.66 on the 'force' flag is invalid for this request. Only a true \
             value is accepted, for older clients, and it changes nothing.",
        )),
        _ => Ok(true),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn below_3_66_a_volume_in_use_needs_force() {
        for (force, wanted) in [(None, false), (Some(json!("no")), false), (Some(json!("1")), true)]
        {
            assert_eq!(may_be_in_use(v3(65), force.as_ref()).expect("legal"), wanted);
        }
    }

    #[test]
    fn from_3_66_on_force_may_only_be_true_and_means_nothing() {
        assert!(may_be_in_use(v3(66), None).expect("legal"));
        assert!(may_be_in_use(v3(66), Some(&json!("True"))).expect("legal"));
        let refused = may_be_in_use(v3(66), Some(&json!(false))).expect_err("refused");
        assert_eq!(refused.status().as_u16(), 400);
    }
}
