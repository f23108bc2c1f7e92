//! Lists that are made from the tables in the code, kept in `docs/generated`, so that a change of a table is
//! a change that a reviewer sees. `ASHLAR_BLESS=1` rewrites them.

use std::fmt::Write as _;

use ashlar_api::fault::FaultKind;
use ashlar_api::policy::{DefaultRole, default_role};
use ashlar_api::registry::Registry;
use ashlar_api::v3::TABLES;
use ashlar_api::{Endpoint, ashlar_v1, endpoint::Check};
use ashlar_flow::log::{Phase, TRANSITIONS};
use ashlar_operations::registry;
use ashlar_testkit::stored;
use ashlar_types::{AttachStatus, SnapshotStatus, VolumeStatus};

use crate::command::run;

/// Operations that any token may call, with the reason. Cinder has no rule for them either, or has one that
/// guards only a part of the answer.
const OPEN: &[(&str, &str)] = &[
    ("attachment.detail", "those of the caller's project"),
    ("attachment.list", "those of the caller's project"),
    ("attachment.show", "of the caller's project, or 404"),
    ("az.list", "zones are no secret"),
    ("extension.list", "a constant"),
    ("extension.show", "a constant"),
    (
        "group_type.list",
        "what groups may be made of; the rule group:access_group_types_specs guards the specs",
    ),
    ("group_type.show", "the same"),
    ("limits.show", "the caller's own; the rule limits_extension:used_limits guards the usage"),
    ("openapi.show", "what the API can be asked is no secret"),
    ("resource_filters.list", "which filters members may use"),
];

fn endpoints() -> impl Iterator<Item = &'static Endpoint> {
    TABLES.iter().chain(ashlar_v1::TABLES).copied().flatten()
}

#[test]
fn every_endpoint_has_a_rule_or_is_known_to_be_open() {
    for endpoint in endpoints() {
        let open = OPEN.iter().any(|(op, _)| *op == endpoint.op);
        match endpoint.rule {
            Some(rule) => {
                assert!(!open, "{} has a rule and is listed as open", endpoint.op);
                assert!(default_role(rule).is_some(), "{}: no rule {rule}", endpoint.op);
            }
            None => assert!(open, "{} has no rule: give it one, or list it", endpoint.op),
        }
    }
    for (op, _) in OPEN {
        assert!(endpoints().any(|endpoint| endpoint.op == *op), "{op} is listed and not served");
    }
}

#[test]
fn the_list_of_options_is_as_stored() {
    let said = run(&["config", "options"]).expect(0);
    stored::check("docs/generated/config.md", &said.out);
}

#[test]
fn the_list_of_routes_is_as_stored() {
    let mut text = String::from(
        "# Routes\n\nEvery operation of the API. Generated from the endpoint tables; \
         `ASHLAR_BLESS=1 cargo nextest run -p ashlar-tests coverage`\nrewrites it.\n\n\
         ## Below `/v3` and, optionally, the project\n\n",
    );
    table_of_routes(&mut text, TABLES);
    text.push_str("\n## Below `/ashlar/v1`: what Cinder does not have\n\n");
    table_of_routes(&mut text, ashlar_v1::TABLES);
    stored::check("docs/generated/routes.md", &text);
}

fn table_of_routes(text: &mut String, tables: &[&'static [Endpoint]]) {
    text.push_str(
        "| operation | method | path | action | versions | rule | default role | checked |\n\
         |---|---|---|---|---|---|---|---|\n",
    );
    let registry = Registry::new(tables);
    let mut routes: Vec<_> = registry.routes().collect();
    routes.sort_by_key(|route| {
        let endpoint = route.endpoint;
        (endpoint.path, endpoint.method.as_str(), endpoint.action, endpoint.min)
    });
    for route in routes {
        let endpoint = route.endpoint;
        let last = endpoint.max.map_or_else(String::new, |max| max.to_string());
        let when = match (endpoint.rule, endpoint.check) {
            (None, _) => "",
            (Some(_), Check::First) => "first",
            (Some(_), Check::AfterLoad) => "after loading",
        };
        line(
            text,
            &[
                endpoint.op,
                endpoint.method.as_str(),
                &format!("`{}`", endpoint.path),
                &endpoint.action.map_or_else(String::new, |action| format!("`{action}`")),
                &format!("{}–{last}", endpoint.min),
                &endpoint.rule.map_or_else(String::new, |rule| format!("`{rule}`")),
                role(route.role),
                when,
            ],
        );
    }
}

fn role(role: DefaultRole) -> &'static str {
    match role {
        DefaultRole::Admin => "admin",
        DefaultRole::Member => "member",
        DefaultRole::Reader => "reader",
        DefaultRole::AnyToken => "any token",
        DefaultRole::None => "none",
    }
}

#[test]
fn the_list_of_flows_is_as_stored() {
    let mut text = String::from(
        "# Flows\n\nEvery operation and its tasks, in the order in which they are executed; what is \
         reverted, is reverted upwards.\nGenerated from the registry of operations.\n",
    );
    for flow in registry::flows() {
        let _ = write!(text, "\n## {} (version {})\n\n", flow.name(), flow.version());
        text.push_str("| task | role | reverts |\n|---|---|---|\n");
        for (task, role, reverts) in flow.outline() {
            line(&mut text, &[task, role.as_str(), if reverts { "yes" } else { "nothing" }]);
        }
    }
    stored::check("docs/generated/flows.md", &text);
}

#[test]
fn the_list_of_states_is_as_stored() {
    let mut text = String::from(
        "# States\n\nGenerated from the tables in the code.\n\n## A flow\n\n\
         | phase | by | next phase |\n|---|---|---|\n",
    );
    for (from, what, to) in TRANSITIONS {
        let by = format!("{what:?}").to_lowercase();
        line(&mut text, &[from.as_str(), &by, to.as_str()]);
    }
    let ends = [Phase::Executing, Phase::Reverting, Phase::Succeeded, Phase::Reverted];
    let ends: Vec<&str> =
        ends.iter().filter(|phase| phase.is_over()).map(|phase| phase.as_str()).collect();
    let _ = writeln!(text, "\nThe ends: {}.", ends.join(", "));
    volume_statuses(&mut text);
    list(&mut text, "A snapshot", SnapshotStatus::ALL.iter().map(|status| status.as_str()));
    list(&mut text, "An attachment", AttachStatus::ALL.iter().map(|status| status.as_str()));
    stored::check("docs/generated/states.md", &text);
}

fn volume_statuses(text: &mut String) {
    text.push_str(
        "\n## A volume\n\nWhat clients are shown, and which operations may start from it.\n\n\
         | status | shown as | delete | extend below 3.42 | extend | clone |\n|---|---|---|---|---|---|\n",
    );
    for status in VolumeStatus::ALL {
        let from = |list: &[VolumeStatus]| if list.contains(status) { "yes" } else { "" };
        let shown = status.shown();
        line(
            text,
            &[
                status.as_str(),
                if shown == *status { "" } else { shown.as_str() },
                from(VolumeStatus::DELETABLE),
                from(VolumeStatus::EXTENDABLE),
                from(VolumeStatus::EXTENDABLE_ONLINE),
                from(VolumeStatus::CLONEABLE),
            ],
        );
    }
}

fn list<'a>(text: &mut String, title: &str, words: impl Iterator<Item = &'a str>) {
    let words: Vec<&str> = words.collect();
    let _ = write!(text, "\n## {title}\n\n{}\n", words.join(", "));
}

#[test]
fn the_list_of_faults_is_as_stored() {
    let mut text = String::from(
        "# Faults\n\nEvery error answer of the API: its status and the name of its envelope, \
         `{\"<name>\": {\"code\": …, \"message\": …}}`.\nGenerated from the fault table.\n\n\
         | kind | status | envelope |\n|---|---|---|\n",
    );
    for kind in FaultKind::ALL {
        let (status, name) = kind.http();
        line(&mut text, &[&format!("{kind:?}"), status.as_str(), name]);
    }
    stored::check("docs/generated/faults.md", &text);
}

/// Adds a row of a table.
fn line(text: &mut String, cells: &[&str]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}
