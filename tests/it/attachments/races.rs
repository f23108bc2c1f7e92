//! Two at once.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_who_want_one_volume_one_gets_it() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let ask = |server: &str, host: &str| {
        let wish = Wish { connector: Some(connector(host)), ..wish(volume, server) };
        attachments::create(cx, caller, wish)
    };
    let (one, two) = tokio::join!(ask(SERVER, "one"), ask(OTHER, "two"));
    let (got, refused) = match (one, two) {
        (Ok(got), Err(refused)) | (Err(refused), Ok(got)) => (got, refused),
        other => panic!("not one of two: {other:?}"),
    };
    assert!(refused.to_string().starts_with("Invalid volume: "), "{refused}");
    stage.deleted(got.attachment.id).await;
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_hosts_that_connect_to_one_volume_one_does() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    // The same server may have two attachments: it moves from host to host.
    let ids = [stage.reserved(volume, SERVER).await, stage.reserved(volume, SERVER).await];
    let ask = |id, host| attachments::update(cx, caller, id, connector(host));
    let (one, two) = tokio::join!(ask(ids[0], "one"), ask(ids[1], "two"));
    let conflict = match (one, two) {
        (Ok(_), Err(refused)) | (Err(refused), Ok(_)) => refused,
        other => panic!("not one of two: {other:?}"),
    };
    assert!(matches!(conflict, ashlar_operations::Refusal::Conflict(_)), "{conflict}");
    for id in ids {
        stage.deleted(id).await;
    }
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn detaching_twice_at_once_is_detaching_once() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    let id = stage.attached(volume, SERVER, "one").await;
    let ask = || attachments::delete(cx, caller, id);
    let (one, two) = tokio::join!(ask(), ask());
    assert!(one.is_ok() || two.is_ok());
    for refused in [one, two].into_iter().filter_map(Result::err) {
        assert!(matches!(refused, ashlar_operations::Refusal::NoAttachment(_)), "{refused}");
    }
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attaching_and_detaching_at_once_end_in_a_state_that_is_true() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    for _ in 0..5 {
        let volume = stage.volume().await;
        let id = stage.reserved(volume, SERVER).await;
        let connect = attachments::update(cx, caller, id, connector("one"));
        let delete = attachments::delete(cx, caller, id);
        let (_, deleted) = tokio::join!(connect, delete);
        deleted.expect("a delete is always possible");
        stage.cloud.quiet().await;
        stage.expect_free(volume).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_is_made_and_given_up_at_once_leaves_no_export() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let volume = stage.volume().await;
    attachments::reserve(cx, caller, volume).await.expect("reserved");
    let make = attachments::initialize_connection(cx, caller, volume, connector("one"));
    let end = attachments::terminate_connection(cx, caller, volume, Some(connector("one")));
    let (_, ended) = tokio::join!(make, end);
    ended.expect("terminated");
    // Whichever came first, this is the last word.
    let host = Some(connector("one"));
    attachments::terminate_connection(cx, caller, volume, host).await.expect("terminated");
    stage.expect_free(volume).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_that_is_deleted_by_force_while_it_is_connected_is_gone_with_its_export() {
    let stage = Stage::new().await;
    let (cx, caller) = (&stage.cloud.operations, &stage.caller);
    let client = stage.cloud.client(&caller.project_id, &[]);
    for _ in 0..5 {
        let volume = stage.volume().await;
        let id = stage.reserved(volume, SERVER).await;
        let connect = attachments::update(cx, caller, id, connector("one"));
        let (name, nothing) = (volume.to_string(), json!({}));
        let delete = client.act(&name, "os-force_delete", nothing);
        let (_, deleted) = tokio::join!(connect, delete);
        let _ = deleted.expect(202);
        client.wait_gone("volumes", &volume.to_string()).await;
        assert_eq!(stage.sim.exported(), Vec::<String>::new());
        stage.cloud.check().await;
    }
}
