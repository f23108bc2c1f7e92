//! The OpenAPI documents in `docs/openapi`: the first, the newest, and the way from one to the other in patches.
//! `ASHLAR_BLESS=1` rewrites them.
//!
//! That the documents tell the truth is seen elsewhere: every client of these tests holds each answer against them.

mod patch;

use std::collections::BTreeSet;
use std::path::Path;

use ashlar_api::openapi::document;
use ashlar_api::v3::TABLES;
use ashlar_api::version::{Version, v3};
use ashlar_testkit::stored;
use serde_json::{Value, json};

const PLACE: &str = "docs/openapi";

fn text(value: &Value) -> String {
    let pretty = serde_json::to_string_pretty(value).expect("JSON can be written");
    format!("{pretty}\n")
}

/// The document without its own version, which is in each another.
fn without_version(document: &Value) -> Value {
    let mut document = document.clone();
    document["info"]["version"] = Value::Null;
    document["components"]["parameters"]["version"]["schema"]["const"] = Value::Null;
    document
}

#[test]
fn the_documents_are_as_stored_and_patches_lead_from_the_first_to_the_newest() {
    let mut files = BTreeSet::from(["README.md".to_owned()]);
    let mut store = |name: String, value: &Value| {
        stored::check(&format!("{PLACE}/{name}"), &text(value));
        files.insert(name);
    };
    let mut at = document(TABLES, Version::MIN);
    store(format!("{}.json", Version::MIN), &at);
    for version in (1..=Version::MAX.minor()).map(v3) {
        let wanted = document(TABLES, version);
        let is_newest = version == Version::MAX;
        if !is_newest && without_version(&at) == without_version(&wanted) {
            continue;
        }
        let patch = patch::between(&at, &wanted);
        store(format!("{version}.patch.json"), &patch);
        patch::apply(&mut at, &patch).expect("the patch fits");
        assert_eq!(at, wanted, "the patch does not lead to {version}");
    }
    store(format!("{}.json", Version::MAX), &at);
    let place = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(PLACE);
    let there: BTreeSet<String> = place
        .read_dir()
        .expect("the directory is there")
        .map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(there, files, "files that are too many, or missing");
}

#[test]
fn every_schema_refers_to_what_is_there() {
    for version in [Version::MIN, v3(27), Version::MAX] {
        let document = document(TABLES, version);
        let mut open = vec![&document];
        while let Some(value) = open.pop() {
            if let Some(place) = value.get("$ref").and_then(Value::as_str) {
                let place = place.trim_start_matches('#');
                assert!(document.pointer(place).is_some(), "{version}: {place}");
            }
            open.extend(value.as_object().into_iter().flat_map(|map| map.values()));
            open.extend(value.as_array().into_iter().flatten());
        }
        assert_ne!(document["paths"]["/volumes"]["get"], json!(null));
    }
}
