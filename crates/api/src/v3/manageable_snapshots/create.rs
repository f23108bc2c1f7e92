//! `POST /manageable_snapshots`: from the body to an accepted snapshot.

use ashlar_operations::manage_snapshot;
use serde_json::Value;

use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::request::Request;
use crate::v3::snapshots::create::volume;
use crate::v3::snapshots::view::Shown;
use crate::v3::volumes::body::metadata;
use crate::v3::volumes::load::target;

/// Accepts a snapshot that is to be taken over. The answer has what Cinder's oldest form has.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("snapshot");
    let volume = volume(request, wish.get("volume_id"), &mut request.app.db.read().await?).await?;
    request.authorize_on(&target(&volume))?;
    let owned = |key: &str| wish.get(key).and_then(Value::as_str).map(str::to_owned);
    let asked = manage_snapshot::Request {
        volume_id: volume.id,
        reference: wish.get("ref").cloned().unwrap_or_default(),
        name: owned("name"),
        description: owned("description"),
        metadata: metadata(wish, "metadata").unwrap_or_default(),
    };
    let made = manage_snapshot::accept(&request.app.operations, &request.caller, asked).await?;
    Ok(Answer::accepted(&Shown::brief(request).wrapped(&made)))
}
