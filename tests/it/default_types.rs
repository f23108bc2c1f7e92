//! Default types of projects: what volumes get, and whether Keystone knows the project.

use std::sync::Arc;

use ashlar_api::ApiSettings;
use ashlar_api::auth::AuthStrategy;
use ashlar_api::auth::keystone::{Gate, Rules};
use ashlar_clients::Tls;
use ashlar_clients::keystone::{Keystone, Login, Scope, Tokens, User, validate};
use ashlar_db::testing;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Cloud, Plan, cloud};
use ashlar_types::Clock;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

#[tokio::test]
async fn a_projects_volumes_are_of_its_default_type() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim())).await;
        let (admin, member) = (cloud.admin(), cloud.member());
        let wish = json!({ "volume_type": { "name": "gold" } });
        let gold = id_of(&admin.post("/types", &wish).await.expect(200).body["volume_type"]);
        let url = format!("/default-types/{}", member.project);
        let wish = json!({ "default_type": { "volume_type": gold } });
        let set = admin.put(&url, &wish).await.expect(200);
        let expected = json!({ "project_id": member.project, "volume_type_id": gold });
        assert_eq!(set.body, json!({ "default_type": expected }));
        let listed = admin.get("/default-types").await.expect(200);
        assert_eq!(listed.body, json!({ "default_types": [expected] }));
        let type_of = async |volume: String| {
            let shown = member.get(&format!("/volumes/{volume}")).await.expect(200);
            shown.body["volume"]["volume_type"].clone()
        };
        assert_eq!(type_of(member.volume(1).await).await, "gold");
        let _ = admin.delete(&url).await.expect(204);
        assert_eq!(type_of(member.volume(1).await).await, "__DEFAULT__");
        cloud.check().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_give_one_project_its_first_default_at_once() {
    for place in testing::databases().await {
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim()).idle()).await;
        let admin = cloud.admin();
        let url = format!("/default-types/{}", cloud::project());
        let wish = json!({ "default_type": { "volume_type": "__DEFAULT__" } });
        let put = async || admin.put(&url, &wish).await.status;
        let came = tokio::join!(put(), put(), put(), put(), put());
        assert_eq!([came.0, came.1, came.2, came.3, came.4], [200; 5]);
    }
}

/// Keystone as far as it is asked here: an administrator's token, and one project.
async fn keystone() -> MockServer {
    let server = MockServer::start().await;
    let ends = "2999-01-01T00:00:00.000000Z";
    let welcome = ResponseTemplate::new(201)
        .insert_header("X-Subject-Token", "ours")
        .set_body_json(json!({ "token": { "expires_at": ends } }));
    Mock::given(method("POST"))
        .and(path("/v3/auth/tokens"))
        .respond_with(welcome)
        .mount(&server)
        .await;
    let body = json!({ "token": {
        "expires_at": ends,
        "user": { "id": "u", "domain": { "id": "default" } },
        "project": { "id": "0123", "domain": { "id": "default" } },
        "roles": [{ "name": "admin" }],
    }});
    Mock::given(method("GET"))
        .and(path("/v3/auth/tokens"))
        .and(header("X-Subject-Token", "theirs"))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&server)
        .await;
    for (project, status) in [("abcd", 200), ("dead", 500)] {
        Mock::given(method("GET"))
            .and(path(format!("/v3/projects/{project}")))
            .and(header("X-Auth-Token", "theirs"))
            .respond_with(ResponseTemplate::new(status))
            .mount(&server)
            .await;
    }
    server
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn keystone_is_asked_for_the_project_in_the_callers_name() {
    let server = keystone().await;
    let login = Login {
        auth_url: server.uri(),
        user: User::Id("cinder".to_owned()),
        password: "secret".into(),
        scope: Scope::ProjectId("service".to_owned()),
    };
    let account = Keystone::new(login, &Tls::default(), Clock::System).expect("an account");
    let rules = Rules {
        www_authenticate_uri: server.uri(),
        service_token_roles: vec!["service".to_owned()],
        service_token_roles_required: true,
        service_type: None,
    };
    let tokens = Tokens::new(Arc::new(account), validate::Settings::default());
    let auth_strategy = AuthStrategy::Keystone(Arc::new(Gate::new(tokens, rules)));
    let api = ApiSettings { auth_strategy, ..ApiSettings::default() };
    let cloud = Cloud::planned(Plan { api, ..Plan::with_sim(&cloud::sim()).idle() }).await;
    let mut admin = cloud.admin().with_token("theirs");
    admin.project = "0123".to_owned();
    let wish = json!({ "default_type": { "volume_type": "__DEFAULT__" } });
    let set = async |project: &str| admin.put(&format!("/default-types/{project}"), &wish).await;
    let _ = set("abcd").await.expect(200);
    let message = set("beef").await.expect(404).message();
    assert_eq!(message, "Project with id beef not found.");
    let _ = admin.get("/default-types/beef").await.expect(404);
    let _ = set("dead").await.expect(503);
    // What is to be taken away need not have a project any more.
    assert_eq!(admin.delete("/default-types/beef").await.expect(204).body, Value::Null);
}
