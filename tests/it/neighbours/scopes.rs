//! Tokens of every kind that a real Keystone makes: of a project, of a domain, of the system, of nothing, and of an
//! application credential that is bound to requests.

use ashlar_clients::keystone::validate::Settings;
use ashlar_clients::keystone::{Accept, Identity, TokenError, Tokens};
use ashlar_types::Token;
use reqwest::Client;
use serde_json::{Value, json};

use super::{Neighbours, PASSWORD};

fn http() -> Client {
    Client::builder().no_proxy().build().expect("a client")
}

/// A token that Keystone makes for this login.
async fn token(neighbours: &Neighbours, identity: Value, scope: Option<Value>) -> String {
    let mut auth = json!({ "identity": identity });
    if let Some(scope) = scope {
        auth["scope"] = scope;
    }
    let place = format!("{}/v3/auth/tokens", neighbours.keystone);
    let answer = http().post(place).json(&json!({ "auth": auth })).send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 201);
    answer.headers()["x-subject-token"].to_str().expect("text").to_owned()
}

fn with_password(user: &str) -> Value {
    let user = json!({ "name": user, "domain": { "id": "default" }, "password": PASSWORD });
    json!({ "methods": ["password"], "password": { "user": user } })
}

fn exposed(token: &Token) -> &str {
    token.expose().expect("a token")
}

/// A token of user `demo` that is good for looking at volumes only.
async fn bound(neighbours: &Neighbours, demo: &Identity) -> String {
    let place =
        format!("{}/v3/users/{}/application_credentials", neighbours.keystone, demo.user_id);
    let rule = json!({ "service": "block-storage", "method": "GET", "path": "/v3/volumes" });
    let wanted = json!({ "application_credential": { "name": "looker", "access_rules": [rule] } });
    let token_of_demo = neighbours.token("demo", "demo").await;
    let made = http().post(place).header("X-Auth-Token", exposed(&token_of_demo)).json(&wanted);
    let answer = made.send().await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 201);
    let made: Value = answer.json().await.expect("JSON");
    let (id, secret) =
        (&made["application_credential"]["id"], &made["application_credential"]["secret"]);
    let identity = json!({
        "methods": ["application_credential"],
        "application_credential": { "id": id, "secret": secret },
    });
    token(neighbours, identity, None).await
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_every_scope_are_read_from_a_real_keystone() {
    let Some(neighbours) = Neighbours::start() else { return };
    let tokens = Tokens::new(neighbours.account("cinder", "service"), Settings::default());
    let validated = async |token: String| tokens.validate(&token, Accept::Current).await;

    let of_demo = neighbours.token("demo", "demo").await;
    let demo = validated(exposed(&of_demo).to_owned()).await.expect("valid");
    assert_eq!(demo.project_id.as_ref(), neighbours.projects.get("demo"));
    assert_eq!(demo.user_domain_id.as_deref(), Some("default"));
    assert_eq!(demo.project_domain_id.as_deref(), Some("default"));
    assert!(demo.roles.iter().any(|role| role == "member"), "{:?}", demo.roles);
    assert!(!demo.is_restricted() && !demo.system);

    let scope = json!({ "system": { "all": true } });
    let of_system = token(&neighbours, with_password("admin"), Some(scope)).await;
    let system = validated(of_system).await.expect("valid");
    assert!(system.system && system.project_id.is_none() && system.domain_id.is_none());
    assert!(system.roles.iter().any(|role| role == "admin"), "{:?}", system.roles);

    let scope = json!({ "domain": { "id": "default" } });
    let of_domain = token(&neighbours, with_password("admin"), Some(scope)).await;
    let domain = validated(of_domain).await.expect("valid");
    assert_eq!((&domain.project_id, domain.domain_id.as_deref()), (&None, Some("default")));

    let of_nothing = token(&neighbours, with_password("demo"), Some(json!("unscoped"))).await;
    let nothing = validated(of_nothing).await.expect("valid");
    assert!(nothing.project_id.is_none() && nothing.roles.is_empty());

    let bound = validated(bound(&neighbours, &demo).await).await.expect("valid");
    assert!(bound.is_restricted());
    assert!(bound.may_request("block-storage", "GET", "/v3/volumes"));
    assert!(!bound.may_request("block-storage", "POST", "/v3/volumes"));

    let service = neighbours.token("cinder", "service").await;
    tokens.validate(exposed(&service), Accept::Expired).await.expect("valid too");
    assert_eq!(validated("gAAAAAinvented".to_owned()).await, Err(TokenError::Invalid));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bound_token_does_what_it_names_and_what_a_service_asks_with_it() {
    let Some(mut neighbours) = Neighbours::start() else { return };
    let server = neighbours.serve("[keystone_authtoken]\nservice_type = block-storage\n");
    let tokens = Tokens::new(neighbours.account("cinder", "service"), Settings::default());
    let of_demo = neighbours.token("demo", "demo").await;
    let demo = tokens.validate(exposed(&of_demo), Accept::Current).await.expect("valid");
    let bound = bound(&neighbours, &demo).await;
    let (service, member) =
        (neighbours.token("cinder", "service").await, neighbours.token("other", "other").await);

    let place = format!("{}/v3/volumes", server.url);
    let look = || http().get(&place).header("X-Auth-Token", &bound);
    let make = || {
        let wanted = json!({ "volume": { "size": 1 } });
        http().post(&place).header("X-Auth-Token", &bound).json(&wanted)
    };
    let status = async |request: reqwest::RequestBuilder| {
        request.send().await.expect("an answer").status().as_u16()
    };
    assert_eq!(status(look()).await, 200);
    assert_eq!(status(make()).await, 401);
    assert_eq!(status(make().header("X-Service-Token", exposed(&service))).await, 202);
    assert_eq!(status(make().header("X-Service-Token", exposed(&member))).await, 401);
    assert_eq!(status(look().header("X-Service-Token", "gAAAAAinvented")).await, 401);
}
