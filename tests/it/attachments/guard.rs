//! Nova is asked before a volume is taken away from a server.

use std::sync::Arc;

use ashlar_clients::Tls;
use ashlar_clients::keystone::{Domain, Interface, Login, Scope, User};
use ashlar_clients::nova::{Nova, Settings};
use ashlar_operations::Refusal;
use ashlar_operations::facts::Sources;
use ashlar_types::Clock;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;

async fn stage(server: &MockServer) -> Stage {
    let domain = Domain::Name("Default".to_owned());
    let settings = Settings {
        login: Login {
            auth_url: server.uri(),
            user: User::Name { name: "cinder".to_owned(), domain: domain.clone() },
            password: "a word".into(),
            scope: Scope::Project { name: "service".to_owned(), domain },
        },
        interface: Interface::Public,
        region: None,
        tls: Tls::default(),
    };
    let nova = Nova::new(settings, Clock::System).expect("a client");
    let sim = cloud::sim();
    let mut plan = Plan::with_sim(&sim);
    plan.sources = Some(Sources { nova: Arc::new(nova), ..Sources::none(Clock::System) });
    Stage::planned(&sim, plan).await
}

/// What Nova says of the server's volume from now on.
async fn says(server: &MockServer, volume: VolumeId, answer: ResponseTemplate) {
    server.reset().await;
    keystone(server).await;
    Mock::given(method("GET"))
        .and(path(format!("/v2.1/servers/{SERVER}/os-volume_attachments/{volume}")))
        .respond_with(answer)
        .mount(server)
        .await;
}

/// Logins, and a catalogue with Nova in it.
async fn keystone(server: &MockServer) {
    let endpoint =
        json!({ "interface": "public", "region": "one", "url": format!("{}/v2.1", server.uri()) });
    let token = json!({ "token": {
        "expires_at": "2999-01-01T00:00:00.000000Z",
        "catalog": [{ "type": "compute", "endpoints": [endpoint] }],
    }});
    let welcome = ResponseTemplate::new(201).insert_header("X-Subject-Token", "a-token");
    Mock::given(method("POST"))
        .and(path("/v3/auth/tokens"))
        .respond_with(welcome.set_body_json(token))
        .mount(server)
        .await;
}

fn uses(attachment: impl std::fmt::Display) -> ResponseTemplate {
    let found = json!({ "volumeAttachment": { "attachment_id": attachment.to_string() } });
    ResponseTemplate::new(200).set_body_json(found)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_cannot_take_a_volume_from_a_server_that_has_it_and_nova_can() {
    let server = MockServer::start().await;
    let stage = stage(&server).await;
    let (cx, user) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.attached(volume, SERVER, "one").await;
    says(&server, volume, uses(id)).await;
    let text = format!("Detach volume from instance {SERVER} using the Compute API");
    let host = || Some(connector("one"));
    for refused in [
        attachments::delete(cx, user, id).await.map(drop),
        attachments::detach(cx, user, volume, None).await,
        attachments::detach(cx, user, volume, Some(id)).await,
        attachments::terminate_connection(cx, user, volume, host()).await,
        attachments::force_detach(cx, user, volume, Some(id), host()).await,
    ] {
        let refused = refused.expect_err("the server has it");
        assert!(matches!(refused, Refusal::Conflict(_)), "{refused}");
        assert_eq!(refused.to_string(), text);
    }
    says(&server, volume, ResponseTemplate::new(503)).await;
    let refused = attachments::delete(cx, user, id).await.expect_err("nobody can say");
    assert!(matches!(refused, Refusal::Unavailable(_)), "{refused}");

    says(&server, volume, uses(id)).await;
    let mut service = user.clone();
    service.scope.service_roles = vec!["service".to_owned()];
    attachments::delete(cx, &service, id).await.expect("Nova itself");
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_no_server_has_a_user_may_take_away() {
    let server = MockServer::start().await;
    let stage = stage(&server).await;
    let (cx, user) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    // Never connected: Nova is not asked, and would say yes.
    let id = stage.reserved(volume, SERVER).await;
    says(&server, volume, uses(id)).await;
    attachments::delete(cx, user, id).await.expect("not connected");
    for answer in [ResponseTemplate::new(404), uses(AttachmentId::random())] {
        let id = stage.attached(volume, SERVER, "one").await;
        says(&server, volume, answer).await;
        attachments::delete(cx, user, id).await.expect("no server has it by this");
    }
    stage.expect_free(volume).await;
}
