//! Which of our crates may use which: the table of the house against what the manifests say.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

use super::finding::Finding;

/// What a crate may use, by package name.
enum May {
    /// Only these.
    Use(&'static [&'static str]),
    /// Whatever there is.
    UseAll,
}

const BELOW_OPERATIONS: &[&str] = &[
    "ashlar-types",
    "ashlar-flow",
    "ashlar-placement",
    "ashlar-drivers",
    "ashlar-bus",
    "ashlar-clients",
    "ashlar-images",
    "ashlar-db",
];

const BELOW_ROLES: &[&str] = &[
    "ashlar-types",
    "ashlar-flow",
    "ashlar-placement",
    "ashlar-drivers",
    "ashlar-bus",
    "ashlar-clients",
    "ashlar-images",
    "ashlar-db",
    "ashlar-operations",
];

/// The table of ARCHITECTURE.md, lowest level first.
const TABLE: &[(&str, May)] = &[
    ("ashlar-types", May::Use(&[])),
    ("ashlar-oslo", May::Use(&[])),
    ("ashlar-flow", May::Use(&["ashlar-types"])),
    ("ashlar-placement", May::Use(&["ashlar-types"])),
    ("ashlar-drivers", May::Use(&["ashlar-types"])),
    ("ashlar-bus", May::Use(&["ashlar-types"])),
    ("ashlar-clients", May::Use(&["ashlar-types"])),
    ("ashlar-images", May::Use(&["ashlar-types"])),
    ("ashlar-db", May::Use(&["ashlar-types", "ashlar-flow"])),
    ("ashlar-operations", May::Use(BELOW_OPERATIONS)),
    (
        "ashlar-api",
        May::Use(&[
            "ashlar-types",
            "ashlar-oslo",
            "ashlar-flow",
            "ashlar-bus",
            "ashlar-clients",
            "ashlar-db",
            "ashlar-operations",
        ]),
    ),
    (
        "ashlar-scheduler",
        May::Use(&[
            "ashlar-types",
            "ashlar-flow",
            "ashlar-placement",
            "ashlar-bus",
            "ashlar-clients",
            "ashlar-db",
            "ashlar-operations",
        ]),
    ),
    ("ashlar-volume", May::Use(BELOW_ROLES)),
    ("ashlar-backup", May::Use(BELOW_ROLES)),
    (
        "ashlar",
        May::Use(&[
            "ashlar-types",
            "ashlar-oslo",
            "ashlar-images",
            "ashlar-flow",
            "ashlar-placement",
            "ashlar-drivers",
            "ashlar-bus",
            "ashlar-clients",
            "ashlar-db",
            "ashlar-operations",
            "ashlar-api",
            "ashlar-scheduler",
            "ashlar-volume",
            "ashlar-backup",
        ]),
    ),
    ("ashlar-testkit", May::UseAll),
    ("ashlar-tests", May::UseAll),
    ("xtask", May::UseAll),
];

/// The crate that tests of any level may use.
const TESTKIT: &str = "ashlar-testkit";

/// Compares what `cargo metadata --no-deps` says with the table.
pub(super) fn check(root: &Path, metadata: &Value) -> Result<Vec<Finding>> {
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let ours: Vec<&str> = packages.iter().filter_map(|package| package["name"].as_str()).collect();
    let mut found = Vec::new();
    for package in packages {
        let name = package["name"].as_str().context("a package has no name")?;
        let manifest = PathBuf::from(package["manifest_path"].as_str().unwrap_or_default());
        let manifest = manifest.strip_prefix(root).unwrap_or(&manifest);
        let Some((_, may)) = TABLE.iter().find(|(known, _)| *known == name) else {
            let advice = format!("{name} is in no row of the table in xtask/src/tidy/edges.rs");
            found.push(Finding::failure(manifest, 1, "edge", advice));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let Some(used) = dependency["name"].as_str().filter(|used| ours.contains(used)) else {
                continue;
            };
            let for_tests = dependency["kind"].as_str() == Some("dev");
            // A crate's tests may switch on a feature of the crate itself.
            let own = for_tests && used == name;
            if !own && !allows(may, used, for_tests) {
                let advice = format!("{name} must not use {used}: edges point down only");
                found.push(Finding::failure(manifest, 1, "edge", advice));
            }
        }
    }
    Ok(found)
}

fn allows(may: &May, used: &str, in_tests_only: bool) -> bool {
    match may {
        May::UseAll => true,
        May::Use(list) => list.contains(&used) || (in_tests_only && used == TESTKIT),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, uses: &[(&str, Option<&str>)]) -> Value {
        let dependencies: Vec<Value> =
            uses.iter().map(|(name, kind)| json!({"name": name, "kind": kind})).collect();
        json!({
            "name": name,
            "manifest_path": format!("/top/crates/{name}/Cargo.toml"),
            "dependencies": dependencies,
        })
    }

    fn advice(packages: Vec<Value>) -> Vec<String> {
        check(Path::new("/top"), &json!({ "packages": packages }))
            .expect("well formed")
            .into_iter()
            .map(|finding| finding.to_string())
            .collect()
    }

    #[test]
    fn an_edge_upwards_fails_and_one_downwards_does_not() {
        let packages = vec![
            package("ashlar-types", &[("ashlar-db", None), ("serde", None)]),
            package("ashlar-db", &[("ashlar-types", None)]),
        ];
        let expected = "crates/ashlar-types/Cargo.toml:1: edge: ashlar-types must not use \
                        ashlar-db: edges point down only";
        assert_eq!(advice(packages), vec![expected]);
    }

    #[test]
    fn the_testkit_is_for_tests() {
        let used = |kind| {
            vec![package("ashlar-testkit", &[]), package("ashlar-api", &[("ashlar-testkit", kind)])]
        };
        assert_eq!(advice(used(Some("dev"))), Vec::<String>::new());
        assert_eq!(advice(used(None)).len(), 1);
    }

    #[test]
    fn roles_do_not_use_each_other() {
        for role in ["ashlar-api", "ashlar-scheduler", "ashlar-volume"] {
            let other = if role == "ashlar-api" { "ashlar-volume" } else { "ashlar-api" };
            assert_eq!(advice(vec![package(role, &[(other, None)]), package(other, &[])]).len(), 1);
        }
    }

    #[test]
    fn a_crate_that_the_table_does_not_know_fails() {
        assert_eq!(advice(vec![package("ashlar-extra", &[])]).len(), 1);
    }
}
