//! Bodies of volume requests, by microversion.

use serde_json::{Map, Value, json};

use crate::body::{Body, pieces};

/// `POST /volumes`: `group_id` from 3.13, `backup_id` from 3.47, no unknown properties from 3.53.
pub static CREATE: Body =
    Body::new(&[(0, || create(0)), (13, || create(13)), (47, || create(47)), (53, || create(53))]);

/// `PUT /volumes/{volume_id}`: from 3.53 at least one property.
pub static UPDATE: Body = Body::new(&[(0, || update(0)), (53, || update(53))]);

fn create(minor: u16) -> Value {
    let mut properties = json!({
        "name": pieces::trimmed_name(),
        "description": pieces::trimmed_description(),
        "display_name": pieces::trimmed_name(),
        "display_description": pieces::trimmed_description(),
        "volume_type": pieces::nullable_string(),
        "metadata": pieces::metadata_or_null(),
        "snapshot_id": pieces::optional_uuid(),
        "source_volid": pieces::optional_uuid(),
        "consistencygroup_id": pieces::optional_uuid(),
        "size": pieces::size_or_null(),
        "availability_zone": pieces::availability_zone(),
        "multiattach": pieces::optional_boolean(),
        "image_id": pieces::nullable_string(),
        "imageRef": pieces::nullable_string(),
    });
    if minor >= 13 {
        properties["group_id"] = pieces::nullable_string();
    }
    if minor >= 47 {
        properties["backup_id"] = pieces::optional_uuid();
    }
    let mut volume = pieces::object(properties, &[]);
    volume["additionalProperties"] = (minor < 53).into();
    pieces::object(
        json!({ "volume": volume, "OS-SCH-HNT:scheduler_hints": scheduler_hints() }),
        &["volume"],
    )
}

/// Hints for placement: four that Cinder's filters know, and anything else.
fn scheduler_hints() -> Value {
    let hosts = json!({ "oneOf": [
        pieces::uuid(),
        { "type": "array", "items": pieces::uuid(), "uniqueItems": true },
    ] });
    json!({
        "type": ["object", "null"],
        "properties": {
            "same_host": hosts,
            "different_host": hosts,
            "local_to_instance": pieces::uuid(),
            "query": { "type": ["string", "object"] },
        },
        "additionalProperties": true,
    })
}

fn update(minor: u16) -> Value {
    let properties = json!({
        "name": pieces::trimmed_name(),
        "description": pieces::trimmed_description(),
        "display_name": pieces::trimmed_name(),
        "display_description": pieces::trimmed_description(),
        "metadata": pieces::metadata(),
    });
    let mut volume = pieces::object(properties, &[]);
    if minor >= 53 {
        let one_of_them =
            ["name", "description", "display_name", "display_description", "metadata"]
                .map(|name| json!({ "required": [name] }));
        volume["anyOf"] = one_of_them.into_iter().collect();
    }
    pieces::wrapped("volume", volume)
}

/// A text that has two spellings, of which the first wins; blanks around it do not count. Outer `None` when
/// neither is given, inner `None` for null.
#[must_use]
pub fn text<'v>(volume: &'v Map<String, Value>, names: [&str; 2]) -> Option<Option<&'v str>> {
    let value = names.into_iter().find_map(|name| volume.get(name))?;
    Some(value.as_str().map(str::trim))
}

/// A map of strings under `key`, when it is there and not null.
#[must_use]
pub fn metadata(volume: &Map<String, Value>, key: &str) -> Option<ashlar_types::Metadata> {
    let pairs = volume.get(key)?.as_object()?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Some(pairs.iter().map(|(key, value)| (key.clone(), text(value))).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    fn refusal(body: &Body, minor: u16, value: Value) -> Option<String> {
        body.check(v3(minor), &value).err().map(|fault| fault.message().to_owned())
    }

    #[test]
    fn unknown_properties_of_a_new_volume_are_tolerated_below_3_53() {
        let volume = json!({ "volume": { "size": 1, "colour": "red" } });
        assert_eq!(refusal(&CREATE, 52, volume.clone()), None);
        let message = refusal(&CREATE, 53, volume).expect("strict");
        assert!(message.ends_with("('colour' was unexpected)"), "{message}");
        assert!(refusal(&CREATE, 0, json!({ "volume": {}, "other": 1 })).is_some());
    }

    #[test]
    fn a_property_is_checked_from_its_version_on() {
        let volume = json!({ "volume": { "size": 1, "backup_id": "x" } });
        assert_eq!(refusal(&CREATE, 46, volume.clone()), None);
        assert!(refusal(&CREATE, 47, volume).expect("checked").contains("'x' is not a 'uuid'"));
    }

    #[test]
    fn hints_are_checked_where_filters_read_them() {
        let hints = |hints: Value| {
            refusal(&CREATE, 0, json!({ "volume": {}, "OS-SCH-HNT:scheduler_hints": hints }))
        };
        let id = "0123456789abcdef0123456789abcdef";
        assert_eq!(hints(json!({ "same_host": id, "mine": [1], "query": {} })), None);
        assert_eq!(hints(json!({ "different_host": [id] })), None);
        assert_eq!(hints(json!(null)), None);
        assert!(hints(json!({ "different_host": [id, id] })).is_some());
        assert!(hints(json!({ "same_host": "x" })).is_some());
    }

    #[test]
    fn an_update_names_something_from_3_53_on() {
        let empty = json!({ "volume": {} });
        assert_eq!(refusal(&UPDATE, 52, empty.clone()), None);
        let message = refusal(&UPDATE, 53, empty).expect("refused");
        assert_eq!(
            message,
            "Invalid input for field/attribute volume. Value: {}. {} is not valid under any of the \
             given schemas"
        );
        assert!(refusal(&UPDATE, 0, json!({ "volume": { "size": 1 } })).is_some());
    }

    #[test]
    fn the_newer_spelling_wins_and_blanks_are_trimmed() {
        let volume = json!({ "display_name": "old", "name": "  new " });
        let volume = volume.as_object().expect("an object");
        assert_eq!(text(volume, ["name", "display_name"]), Some(Some("new")));
        assert_eq!(text(volume, ["description", "display_description"]), None);
    }
}
