//! `POST /manageable_volumes`: from the body to an accepted volume.

use ashlar_operations::manage_volume;
use serde_json::Value;

use crate::answer::Answer;
use crate::body::pieces::truth;
use crate::endpoint::Outcome;
use crate::fault::{Fault, GENERIC};
use crate::request::Request;
use crate::v3::manageable;
use crate::v3::volumes::body::metadata;
use crate::v3::volumes::view::Shown;
use crate::version::{Version, v3};

/// From here on the place may be a cluster.
const ON_CLUSTER: Version = v3(16);

/// Accepts a volume that is to be taken over. The answer has the form of the oldest microversion, as in Cinder.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = request.object("volume");
    let text = |key: &str| wish.get(key).and_then(Value::as_str);
    let at = manageable::place(request.version, ON_CLUSTER, text("host"), text("cluster"))?;
    // A name that is no text is refused without a word why, as in Cinder.
    if wish
        .get("ref")
        .and_then(|found| found.get("source-name"))
        .is_some_and(|name| !name.is_string())
    {
        return Err(Fault::bad_request(GENERIC));
    }
    let given = |key: &str| text(key).filter(|text| !text.is_empty()).map(str::to_owned);
    let trimmed = |key: &str| given(key).map(|text| text.trim().to_owned());
    let asked = manage_volume::Request {
        at,
        reference: wish.get("ref").cloned().unwrap_or_default(),
        name: trimmed("name"),
        description: trimmed("description"),
        volume_type: given("volume_type"),
        metadata: metadata(wish, "metadata").unwrap_or_default(),
        availability_zone: given("availability_zone"),
        bootable: wish.get("bootable").and_then(truth).unwrap_or_default(),
    };
    let made = manage_volume::accept(&request.app.operations, &request.caller, asked).await?;
    Ok(Answer::accepted(&Shown::oldest(request).wrapped(&made)))
}
