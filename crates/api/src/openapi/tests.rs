//! The documents are whole, and true to the tables.

use std::collections::BTreeSet;

use super::*;
use crate::testing::House;
use crate::v3::TABLES;
use crate::version::v3;

fn all() -> impl Iterator<Item = Version> {
    (0..=Version::MAX.minor()).map(v3)
}

#[test]
fn every_operation_says_what_it_answers_and_nothing_else_is_told_of() {
    let known: BTreeSet<&str> = TABLES.iter().copied().flatten().map(|one| one.op).collect();
    for op in &known {
        assert!(answers::of(op).is_some(), "{op} has no answer");
    }
    let mut told: Vec<&str> = answers::all().map(|answer| answer.op).collect();
    let count = told.len();
    for op in &told {
        assert!(known.contains(op), "{op} is told of and not served");
    }
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), count, "an operation stands twice");
}

#[test]
fn a_document_has_what_is_served_at_its_version_and_no_more() {
    for version in all() {
        let document = document(TABLES, version);
        let paths = document["paths"].as_object().expect("paths");
        let told: BTreeSet<&str> = paths
            .values()
            .flat_map(|path| path.as_object().expect("methods").values())
            .flat_map(|operation| operation["x-operations"].as_array().expect("names"))
            .map(|name| name.as_str().expect("a name"))
            .collect();
        let served: BTreeSet<&str> = TABLES
            .iter()
            .copied()
            .flatten()
            .filter(|endpoint| endpoint.answers(version))
            .map(|endpoint| endpoint.op)
            .collect();
        assert_eq!(told, served, "{version}");
    }
}

#[test]
fn every_schema_is_one_by_the_standard_and_operations_have_names_of_their_own() {
    for version in [Version::MIN, v3(27), Version::MAX] {
        let document = document(TABLES, version);
        let mut names = BTreeSet::new();
        for (path, methods) in document["paths"].as_object().expect("paths") {
            for operation in methods.as_object().expect("methods").values() {
                let name = operation["operationId"].as_str().expect("a name");
                assert!(names.insert(name.to_owned()), "{name} twice");
                let body = &operation["requestBody"]["content"]["application/json"]["schema"];
                if !body.is_null() {
                    assert!(jsonschema::meta::is_valid(body), "{path} {name}: {body}");
                }
            }
        }
    }
}

#[tokio::test]
async fn documents_are_served_to_whoever_has_a_token() {
    let house = House::furnished().await;
    for version in ["3.0", "3.71", "latest"] {
        let got = house.get(("me:abc:reader", 0), &format!("/ashlar/v1/openapi/{version}")).await;
        assert_eq!((got.status, &got.body["openapi"]), (200, &json!("3.1.0")), "{version}");
    }
    for version in ["3.72", "3.00", "2.1", "x", "3."] {
        let got = house.get(("me:abc:reader", 0), &format!("/ashlar/v1/openapi/{version}")).await;
        assert_eq!(got.status, 404, "{version}");
    }
}
