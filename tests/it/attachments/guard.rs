//! Nova is asked before a volume is taken away from a server.

use std::sync::Arc;
use std::time::Duration;

use ashlar_clients::Tls;
use ashlar_clients::keystone::{Domain, Interface, Login, Scope, User};
use ashlar_clients::nova::{Nova, Settings};
use ashlar_drivers::sim::{SimPool, SimSettings};
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
    // The user's own roles are none of a service's.
    let mut role = user.clone();
    role.roles.push("service".to_owned());
    let refused = attachments::delete(cx, &role, id).await.expect_err("the server has it");
    assert!(matches!(refused, Refusal::Conflict(_)), "{refused}");
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_users_are_known_nothing_is_taken_away_without_nova() {
    let sim = cloud::sim();
    let mut plan = Plan::with_sim(&sim);
    plan.settings.guards_servers = true;
    plan.settings.service_token_roles = vec!["neighbour".to_owned()];
    let stage = Stage::planned(&sim, plan).await;
    let (cx, user) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.attached(volume, SERVER, "one").await;
    let refused = attachments::delete(cx, user, id).await.expect_err("nobody can say");
    assert!(matches!(refused, Refusal::Conflict(_)), "{refused}");
    assert!(refused.to_string().contains("section [nova]"), "{refused}");
    let mut service = user.clone();
    service.scope.service_roles = vec!["neighbour".to_owned()];
    attachments::delete(cx, &service, id).await.expect("a service");
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_attachment_that_is_being_connected_is_not_taken_from_under_nova() {
    let sim = slow_sim();
    let mut plan = Plan::with_sim(&sim);
    plan.settings.guards_servers = true;
    let stage = Stage::planned(&sim, plan).await;
    let (cx, user) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.reserved(volume, SERVER).await;
    let connect = attachments::update(cx, user, id, connector("one"));
    let delete = async {
        loop {
            let mut tx = stage.cloud.db.read().await.expect("reads");
            if !flows::under_way(&mut tx, &volume.to_string()).await.expect("ok").is_empty() {
                break;
            }
            drop(tx);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        attachments::delete(cx, user, id).await
    };
    let (connected, deleted) = tokio::join!(connect, delete);
    connected.expect("connected");
    let refused = deleted.expect_err("Nova may be at it");
    assert!(matches!(refused, Refusal::Conflict(_)), "{refused}");
}

fn slow_sim() -> Sim {
    let mut settings = SimSettings::new("sim", vec![SimPool::thin("pool", 1000)]);
    settings.latency = Duration::from_millis(200);
    Sim::new(settings)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn anothers_attachment_is_as_unknown_as_one_that_is_not_there() {
    let stage = Stage::new().await;
    let (cx, owner) = (&stage.cloud.operations, &stage.caller);
    let id = stage.attached(stage.volume().await, SERVER, "one").await;
    let user = Caller {
        project_id: cloud::project(),
        is_admin: false,
        roles: vec!["member".to_owned()],
        ..owner.clone()
    };
    let client = stage.cloud.client(&user.project_id, &[]);
    let mine = client.volume(1).await.parse().expect("an id");
    for named in [id, AttachmentId::random()] {
        let refused = attachments::detach(cx, &user, mine, Some(named)).await.expect_err("unknown");
        assert!(matches!(refused, Refusal::NoAttachment(_)), "{refused}");
    }
}
