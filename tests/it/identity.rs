//! `auth_strategy = keystone`: the binary as an operator configures it, beside a Keystone that is played here.

use std::fs;
use std::path::PathBuf;

use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, cloud};
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::server::Server;

const PASSWORD: &str = "word-of-the-service";
const OUR_TOKEN: &str = "token-of-the-service";

/// Keystone, and an API that asks it.
struct Street {
    keystone: MockServer,
    server: Server,
    log: PathBuf,
    _place: tempfile::TempDir,
}

impl Street {
    async fn new() -> Self {
        let keystone = MockServer::start().await;
        let place = tempfile::tempdir().expect("a temporary directory");
        let file = place.path().join("cinder.conf").display().to_string();
        let state = place.path().join("state").display().to_string();
        let log = place.path().join("ashlar.log");
        let text = format!(
            "[DEFAULT]\nauth_strategy = keystone\nenabled_backends = sim\nlog_file = {}\n\
             [sim]\nvolume_driver = sim\n\
             [keystone_authtoken]\nwww_authenticate_uri = https://keystone.example/\n\
             auth_type = password\nauth_url = {}\nusername = cinder\nuser_domain_name = Default\n\
             password = {PASSWORD}\nproject_name = service\nproject_domain_name = Default\n\
             memcached_servers = 127.0.0.1:11211\n",
            log.display(),
            keystone.uri()
        );
        fs::write(&file, text).expect("it can be written");
        let args =
            ["serve", "--listen", "127.0.0.1:0", "--config-file", &file, "--state-dir", &state];
        let server = Server::start_with_log(&args, "trace");
        Self { keystone, server, log, _place: place }
    }

    /// Keystone lets us log in.
    async fn welcomes(&self) {
        let welcome = ResponseTemplate::new(201)
            .insert_header("X-Subject-Token", OUR_TOKEN)
            .set_body_json(json!({ "token": { "expires_at": "2999-01-01T00:00:00.000000Z" } }));
        Mock::given(method("POST"))
            .and(path("/v3/auth/tokens"))
            .respond_with(welcome)
            .expect(1)
            .mount(&self.keystone)
            .await;
    }

    /// Keystone knows a token of somebody with this role and those that it implies, which Keystone names too; it is
    /// asked once. The client that bears it.
    async fn somebody(&self, project: &str, role: &str) -> Client {
        let token = format!("token-{project}-{role}");
        let all = ["admin", "member", "reader"];
        let roles = all.into_iter().skip_while(|implied| *implied != role);
        let roles: Vec<_> = roles.map(|name| json!({ "name": name })).collect();
        let body = json!({ "token": {
            "expires_at": "2999-01-01T00:00:00.000000Z",
            "user": { "id": format!("user-{role}"), "domain": { "id": "default" } },
            "project": { "id": project, "domain": { "id": "default" } },
            "roles": roles,
        }});
        Mock::given(method("GET"))
            .and(path("/v3/auth/tokens"))
            .and(header("X-Auth-Token", OUR_TOKEN))
            .and(header("X-Subject-Token", token.as_str()))
            .respond_with(ResponseTemplate::new(200).set_body_json(body))
            .expect(1)
            .mount(&self.keystone)
            .await;
        self.server.client(project).with_token(&token)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_with_keystones_tokens_have_the_rights_of_their_roles_in_their_projects() {
    let street = Street::new().await;
    street.welcomes().await;
    let (one, two) = (cloud::project(), cloud::project());
    let member = street.somebody(&one, "member").await;
    let reader = street.somebody(&one, "reader").await;
    let stranger = street.somebody(&two, "member").await;
    let admin = street.somebody(&two, "admin").await;

    let wanted = json!({ "volume": { "size": 1, "name": "mine" } });
    let made = member.post("/volumes", &wanted).await.expect(202);
    let id = id_of(&made.body["volume"]);
    member.wait_for("volumes", &id, "available").await;
    let shown = reader.get(&format!("/volumes/{id}")).await.expect(200);
    assert_eq!(shown.body["volume"]["user_id"], "user-member");
    let refused = reader.post("/volumes", &wanted).await.expect(403);
    assert_eq!(refused.message(), "Policy doesn't allow volume:create to be performed.");
    let _ = stranger.get(&format!("/volumes/{id}")).await.expect(404);
    let everybodys = admin.get("/volumes?all_tenants=1").await.expect(200);
    assert_eq!(everybodys.body["volumes"][0]["id"], Value::from(id.as_str()));
    let foreign = street.server.client(&one).with_token(&format!("token-{two}-member"));
    assert_eq!(foreign.get("/volumes").await.expect(400).message(), "Malformed request url");

    let log = fs::read_to_string(&street.log).expect("a log");
    assert!(
        log.contains("user-member") && log.contains(&one),
        "people and projects are in the log"
    );
    for secret in [PASSWORD, OUR_TOKEN, &format!("token-{one}"), &format!("token-{two}")] {
        assert!(!log.contains(secret), "{secret} is in the log");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_token_there_is_nothing_but_the_front_page() {
    let street = Street::new().await;
    let nobody = street.server.client(&cloud::project()).with_token("");
    let refused = nobody.get("/volumes").await.expect(401);
    assert_eq!(refused.header("www-authenticate"), "Keystone uri=\"https://keystone.example/\"");
    assert_eq!(refused.body["error"]["title"], "Unauthorized");
    let _ = nobody.at_root(Method::GET, "/v3/").await.expect(401);
    let _ = nobody.at_root(Method::GET, "/").await.expect(300);
    let _ = nobody.at_root(Method::GET, "/healthcheck").await.expect(200);
    let _ = nobody.at_root(Method::GET, "/metrics").await.expect(200);
    let asked = street.keystone.received_requests().await.expect("they are recorded");
    assert!(asked.is_empty(), "nothing of this is Keystone's business");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_keystone_is_away_known_tokens_hold_and_others_may_come_again() {
    let street = Street::new().await;
    street.welcomes().await;
    let project = cloud::project();
    let known = street.somebody(&project, "member").await;
    let _ = known.get("/volumes").await.expect(200);

    street.keystone.reset().await;
    let away = ResponseTemplate::new(503);
    Mock::given(method("GET")).respond_with(away).mount(&street.keystone).await;
    let _ = known.get("/volumes").await.expect(200);
    let unknown = known.with_token("another");
    let refused = unknown.get("/volumes").await.expect(503);
    assert_eq!(refused.header("retry-after"), "5");
    assert_eq!(refused.message(), "The Keystone service is temporarily unavailable.");

    street.keystone.reset().await;
    let late = street.somebody(&project, "reader").await;
    let _ = late.get("/volumes").await.expect(200);
}
