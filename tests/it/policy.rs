//! Who may do what: every route by an administrator, a member, a reader and somebody without roles, by a member of another
//! project, and by nobody. `tests/policy-observed.tsv` says what each is answered.

mod files;
mod oslo;
mod stage;
mod wish;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use ashlar_api::auth::AuthStrategy;
use ashlar_api::auth::keystone::{Gate, Rules};
use ashlar_api::policy::{default_role, defaults, known};
use ashlar_api::v3::TABLES;
use ashlar_api::{ApiSettings, Endpoint, ashlar_v1};
use ashlar_clients::keystone::{Tokens, validate};
use ashlar_testkit::{Client, Cloud, Plan, cloud, stored};
use futures::future::join_all;
use reqwest::Method;
use serde_json::Value;

use stage::Stage;

/// The persons, in the order of the table's codes.
const PERSONS: [&str; 5] = ["admin", "member", "reader", "none", "foreign"];

/// Any answer but 401, 403 and 404.
const LET_IN: &str = "*";

/// A row of the table: what each person is answered.
struct Row {
    operation: String,
    wanted: Vec<String>,
}

fn table() -> Vec<Row> {
    let lines = include_str!("../policy-observed.tsv").lines();
    let rows = lines.filter(|line| !line.starts_with('#')).skip(1);
    rows.map(|line| {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        let (operation, cinder, ours, why) = (next(), next(), next(), next());
        assert_eq!(ours.is_empty(), why.is_empty(), "{operation}: a difference has a reason");
        let codes = if ours.is_empty() { cinder } else { ours };
        let wanted: Vec<String> = codes.split('/').map(str::to_owned).collect();
        assert_eq!(wanted.len(), PERSONS.len(), "{operation}: a code for each person");
        Row { operation: operation.to_owned(), wanted }
    })
    .collect()
}

/// Every route with whether it is one of ours. What switches services off comes last.
fn routes() -> Vec<(&'static Endpoint, bool)> {
    let theirs = TABLES.iter().copied().flatten().map(|endpoint| (endpoint, false));
    let ours = ashlar_v1::TABLES.iter().copied().flatten().map(|endpoint| (endpoint, true));
    let mut all: Vec<_> = theirs.chain(ours).collect();
    all.sort_by_key(|(endpoint, _)| endpoint.op.starts_with("service."));
    all
}

async fn send(client: &Client, endpoint: &Endpoint, ours: bool, stage: &Stage) -> u16 {
    let path = stage.filled(endpoint.path);
    let body: Option<Value> = wish::body(endpoint.op, stage);
    let body = match (endpoint.action, body) {
        (Some(action), inner) => Some(serde_json::json!({ action: inner })),
        (None, body) => body,
    };
    let method: Method = endpoint.method.clone();
    let answer = match ours {
        true => client.own(method, &path, body.as_ref()).await,
        false => client.request(method, &path, body.as_ref()).await,
    };
    answer.status
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_answers_every_person_as_the_table_says() {
    let unlimited = [("volumes", -1), ("snapshots", -1), ("gigabytes", -1)];
    let cloud = Cloud::planned(Plan::with_sim(&cloud::sim()).limits(&unlimited)).await;
    let base = cloud.admin();
    let table = table();
    let rows: BTreeMap<&str, &Row> =
        table.iter().map(|row| (row.operation.as_str(), row)).collect();
    let mut wrong = String::new();
    let routes = routes();
    for (endpoint, ours) in &routes {
        let Some(row) = rows.get(endpoint.op) else {
            let _ = writeln!(wrong, "{}: no row in tests/policy-observed.tsv", endpoint.op);
            continue;
        };
        let asked = PERSONS.map(|person| async {
            let stage = Stage::set(&cloud, endpoint).await;
            let client = stage.client(&base, person);
            send(&client, endpoint, *ours, &stage).await.to_string()
        });
        let got = join_all(asked).await;
        let right = got.iter().zip(&row.wanted).all(|(got, wanted)| {
            got == wanted || (wanted == LET_IN && !["401", "403", "404"].contains(&got.as_str()))
        });
        if !right {
            let (got, wanted) = (got.join("/"), row.wanted.join("/"));
            let _ = writeln!(wrong, "{}: {got}, the table says {wanted}", endpoint.op);
        }
    }
    for row in &table {
        if !routes.iter().any(|(endpoint, _)| endpoint.op == row.operation) {
            let _ = writeln!(wrong, "{}: in the table and not served", row.operation);
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_let_in_anywhere_under_keystone() {
    let account = Arc::new(wish::account());
    let tokens = Tokens::new(account, validate::Settings::default());
    let rules = Rules {
        www_authenticate_uri: "http://keystone.example".to_owned(),
        service_token_roles: vec!["service".to_owned()],
        service_token_roles_required: true,
        service_type: None,
    };
    let auth_strategy = AuthStrategy::Keystone(Arc::new(Gate::new(tokens, rules)));
    let api = ApiSettings { auth_strategy, ..ApiSettings::default() };
    let plan = Plan { api, ..Plan::with_sim(&cloud::sim()).idle() };
    let cloud = Cloud::planned(plan).await;
    let base = cloud.admin();
    for (endpoint, ours) in routes() {
        let stage = Stage::nothing();
        let client = stage.client(&base, "member").with_token("");
        let status = send(&client, endpoint, ours, &stage).await;
        assert_eq!(status, 401, "{}", endpoint.op);
    }
}

#[test]
fn every_rule_of_an_endpoint_is_known_to_the_enforcer() {
    let policy = ashlar_api::policy::Enforcer::defaults().current();
    for (endpoint, _) in routes() {
        if let Some(rule) = endpoint.rule {
            assert!(known(rule) && policy.text(rule).is_some(), "{}: {rule}", endpoint.op);
        }
    }
}

#[test]
fn the_list_of_rules_is_as_stored() {
    let mut text = String::from(
        "# Policy rules\n\nEvery rule with what it says when no policy file says otherwise, in the language of \
         oslo.policy, and the\noperations that it guards. Generated from the tables in the code; `ASHLAR_BLESS=1 cargo \
         nextest run -p ashlar-tests policy`\nrewrites it.\n\n| rule | default | guards |\n|---|---|---|\n",
    );
    for (name, check) in defaults() {
        let guards: Vec<&str> = routes()
            .into_iter()
            .filter(|(endpoint, _)| endpoint.rule == Some(name))
            .map(|(endpoint, _)| endpoint.op)
            .collect();
        let guards = match (guards.is_empty(), default_role(name)) {
            (false, _) => guards.join(", "),
            (true, Some(_)) => String::new(),
            (true, None) => "other rules refer to it".to_owned(),
        };
        let _ = writeln!(text, "| `{name}` | `{check}` | {guards} |");
    }
    stored::check("docs/generated/policy.md", &text);
}
