//! `os-volume_upload_image`: send a volume to Glance as an image.

use ashlar_operations::upload_volume::{self, Accepted};
use ashlar_types::VolumeType;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::types::view::USER_VISIBLE_SPECS;
use crate::v3::volumes::load;
use crate::version::v3;

const KEY: &str = "os-volume_upload_image";
/// Who may make an image that everybody sees.
const PUBLIC: &str = "volume_extension:volume_actions:upload_public";
/// Who sees all extra specs of a type.
const READ_SENSITIVE: &str = "volume_extension:types_extra_specs:read_sensitive";

/// `visibility` and `protected` from 3.1 on.
pub(super) static BODY: Body = Body::new(&[(0, || body(0)), (1, || body(1))]);

fn body(minor: u16) -> Value {
    let mut properties = json!({
        "image_name": pieces::short_string(),
        "force": pieces::boolean(),
        "disk_format": {
            "type": "string",
            "enum": ["raw", "vmdk", "vdi", "qcow2", "vhd", "vhdx", "ploop"],
        },
        "container_format": pieces::description(),
    });
    if minor >= 1 {
        properties["visibility"] = json!({
            "type": "string",
            "enum": ["community", "public", "private", "shared"],
        });
        properties["protected"] = pieces::boolean();
    }
    pieces::wrapped(KEY, pieces::object(properties, &["image_name"]))
}

/// Accepts the upload.
pub(super) async fn upload(request: &Request) -> Outcome {
    let volume = load::row(request, &mut request.app.db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    let asked = request.object(KEY);
    let text = |key: &str, otherwise: &str| {
        asked.get(key).and_then(Value::as_str).unwrap_or(otherwise).to_owned()
    };
    let truth = |key: &str| asked.get(key).and_then(pieces::truth).unwrap_or_default();
    if !asked.contains_key("image_name") {
        return Err(Fault::malformed_body());
    }
    let visibility = (request.version >= v3(1)).then(|| text("visibility", "private"));
    if visibility.as_deref() == Some("public") {
        request.require_on(PUBLIC, &load::target(&volume))?;
    }
    let wish = upload_volume::Request {
        volume_id: volume.id,
        image_name: text("image_name", ""),
        disk_format: text("disk_format", "raw"),
        container_format: text("container_format", "bare"),
        visibility,
        protected: truth("protected"),
        force: truth("force"),
    };
    let accepted = upload_volume::accept(&request.app.operations, &request.caller, wish).await?;
    Ok(Answer::accepted(&json!({ KEY: view(request, &accepted) })))
}

/// What Cinder answers: some of the volume, its whole type, some of the image.
fn view(request: &Request, accepted: &Accepted) -> Value {
    let Accepted { volume, volume_type, image } = accepted;
    let mut view = json!({
        "id": volume.id,
        "updated_at": volume.updated_at.map(|moment| moment.to_string()),
        "status": volume.status,
        "display_description": volume.description,
        "size": volume.size,
        "volume_type": volume_type.as_ref().map(|of| type_view(request, of)),
        "image_id": image.id,
        "container_format": image.container_format,
        "disk_format": image.disk_format,
        "image_name": image.name,
    });
    if request.version >= v3(1) {
        view["protected"] = image.protected.into();
        view["visibility"] = image.visibility.clone().into();
    }
    view
}

/// The type's row. Extra specs are shown to whom they may be; Cinder shows them all.
fn type_view(request: &Request, of: &VolumeType) -> Value {
    let sees_all = request.allows(READ_SENSITIVE);
    let shown = |key: &str| sees_all || USER_VISIBLE_SPECS.contains(&key);
    let specs: serde_json::Map<String, Value> = of
        .extra_specs
        .iter()
        .filter(|(key, _)| shown(key))
        .map(|(key, value)| (key.clone(), json!(value)))
        .collect();
    let moment = |at: Option<ashlar_types::Timestamp>| at.map(|at| at.to_string());
    json!({
        "id": of.id,
        "name": of.name,
        "description": of.description,
        "is_public": of.is_public,
        "qos_specs_id": of.qos_specs_id,
        "extra_specs": specs,
        "projects": [],
        "created_at": moment(of.created_at),
        "updated_at": moment(of.updated_at),
        "deleted": false,
        "deleted_at": null,
    })
}
