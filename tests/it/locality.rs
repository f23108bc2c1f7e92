//! A volume beside a server: the binary as it is configured asks Keystone and Nova, which are played here, where the server
//! runs.

use std::fs;

use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, cloud};
use reqwest::Method;
use serde_json::{Value, json};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::server::Server;

/// Runs on our host.
const HERE: &str = "6f70656e-7374-4163-8b21-c0ffee000001";
/// Runs elsewhere.
const ELSEWHERE: &str = "6f70656e-7374-4163-8b21-c0ffee000002";
/// Nova knows nothing of it.
const UNKNOWN: &str = "6f70656e-7374-4163-8b21-c0ffee000003";

const TOKEN: &str = "a-token";

/// Keystone and Nova. One login serves all questions.
async fn neighbours() -> MockServer {
    let server = MockServer::start().await;
    let endpoint =
        json!({ "interface": "public", "region": "one", "url": format!("{}/v2.1", server.uri()) });
    let token = json!({ "token": {
        "expires_at": "2999-01-01T00:00:00.000000Z",
        "catalog": [{ "type": "compute", "endpoints": [endpoint] }],
    }});
    let welcome = ResponseTemplate::new(201).insert_header("X-Subject-Token", TOKEN);
    Mock::given(method("POST"))
        .and(path("/v3/auth/tokens"))
        .respond_with(welcome.set_body_json(token))
        .expect(1)
        .mount(&server)
        .await;
    for (id, host) in [(HERE, "node"), (ELSEWHERE, "other")] {
        let answer = json!({ "server": { "id": id, "OS-EXT-SRV-ATTR:host": host } });
        Mock::given(method("GET"))
            .and(path(format!("/v2.1/servers/{id}")))
            .and(header("X-Auth-Token", TOKEN))
            .respond_with(ResponseTemplate::new(200).set_body_json(answer))
            .mount(&server)
            .await;
    }
    server
}

/// Asks for a volume beside the server, and waits until it is `status`. Its id.
async fn beside(client: &Client, server: &str, status: &str) -> String {
    let body = json!({
        "volume": { "size": 1 },
        "OS-SCH-HNT:scheduler_hints": { "local_to_instance": server },
    });
    let asked = client.post("/volumes", &body).await.expect(202);
    let id = id_of(&asked.body["volume"]);
    client.wait_for("volumes", &id, status).await;
    id
}

/// Which filter refused the only pool, and why.
async fn refused(client: &Client, id: &str) -> (Value, String) {
    let told = client.own(Method::GET, &format!("/volumes/{id}/placement"), None).await.expect(200);
    let rejected = &told.body["decisions"][0]["verdict"]["rejected"][0];
    (rejected["filter"].clone(), rejected["text"].as_str().expect("a text").to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_goes_where_nova_says_that_the_server_runs() {
    let neighbours = neighbours().await;
    let place = tempfile::tempdir().expect("a temporary directory");
    let file = place.path().join("cinder.conf").display().to_string();
    let state = place.path().join("state").display().to_string();
    let text = format!(
        "[DEFAULT]\nhost = node\nenabled_backends = sim\n\
         scheduler_default_filters = CapacityFilter, InstanceLocalityFilter\n\
         [sim]\nvolume_driver = sim\n\
         [nova]\nauth_type = password\nauth_url = {}\nusername = cinder\nuser_domain_name = Default\n\
         password = word\nproject_name = service\nproject_domain_name = Default\n",
        neighbours.uri()
    );
    fs::write(&file, text).expect("it can be written");
    let listen = ["serve", "--listen", "127.0.0.1:0"];
    let server =
        Server::start(&[&listen[..], &["--config-file", &file, "--state-dir", &state]].concat());
    let admin = server.client(&cloud::project());

    beside(&admin, HERE, "available").await;
    let id = beside(&admin, ELSEWHERE, "error").await;
    let (filter, why) = refused(&admin, &id).await;
    assert_eq!(filter, "InstanceLocalityFilter");
    assert!(why.contains("other"), "{why}");
    let id = beside(&admin, UNKNOWN, "error").await;
    let (filter, why) = refused(&admin, &id).await;
    assert_eq!(filter, "InstanceLocalityFilter");
    assert!(why.starts_with("cannot be judged: the host of the instance"), "{why}");
}
