//! A notification as oslo.messaging packs it: the message, the context of the request among it, and the 2.0 envelope
//! around them.

use ashlar_bus::rabbit::Message;
use ashlar_db::notifications::Notification;
use serde_json::{Map, Value, json};

/// The message alone, as drivers get it.
pub(super) fn bare(notification: &Notification) -> Value {
    json!({
        "message_id": notification.id,
        "publisher_id": notification.publisher_id,
        "event_type": notification.event_type,
        "priority": notification.priority,
        "payload": notification.payload,
        "timestamp": moment(notification).replace('T', " "),
    })
}

/// The message in its envelope, ready for the bus.
pub(super) fn packed(notification: &Notification) -> Message {
    let mut message = bare(notification);
    if let Value::Object(message) = &mut message {
        // Always the same for this notification, so that consumers know it when it comes twice.
        let unique = notification.id.to_string().replace('-', "");
        message.insert("_unique_id".to_owned(), unique.into());
        for (key, value) in context(notification) {
            message.insert(format!("_context_{key}"), value);
        }
    }
    let envelope = json!({ "oslo.version": "2.0", "oslo.message": message.to_string() });
    Message {
        priority: notification.priority.to_ascii_lowercase(),
        body: envelope.to_string().into_bytes(),
    }
}

/// The context under all of Cinder's names, without what is secret: no token, no catalogue.
fn context(notification: &Notification) -> Map<String, Value> {
    let known = |key: &str| notification.context.get(key).cloned().unwrap_or_default();
    let (user, project) = (known("user_id"), known("project_id"));
    let or = |value: Value, otherwise: Value| if value.is_null() { otherwise } else { value };
    let identity: Vec<String> =
        [&user, &project, &known("domain_id"), &known("user_domain"), &known("project_domain")]
            .map(|part| part.as_str().unwrap_or("-").to_owned())
            .into();
    let request = Some(notification.request_id.as_str()).filter(|request| !request.is_empty());
    let context = json!({
        "user": user,
        "user_id": user,
        "project": project,
        "project_id": project,
        "project_name": null,
        "domain": known("domain_id"),
        "domain_id": known("domain_id"),
        "user_domain": known("user_domain"),
        "project_domain": known("project_domain"),
        "system_scope": known("system_scope"),
        "is_admin": or(known("is_admin"), false.into()),
        "is_admin_project": or(known("is_admin_project"), true.into()),
        "roles": or(known("roles"), json!([])),
        "user_identity": identity.join(" "),
        "request_id": request,
        "global_request_id": null,
        "timestamp": moment(notification),
        "auth_token": null,
        "service_catalog": [],
        "remote_address": null,
        "quota_class": null,
        "read_only": false,
        "show_deleted": false,
        "read_deleted": "no",
        "resource_uuid": null,
        "message_resource_id": null,
        "message_resource_type": null,
        "message_action": null,
    });
    match context {
        Value::Object(context) => context,
        _ => Map::new(),
    }
}

/// As Python prints it: without a fraction that is zero.
fn moment(notification: &Notification) -> String {
    let text = notification.created_at.to_string();
    text.strip_suffix(".000000").map(str::to_owned).unwrap_or(text)
}
