//! Laws of exports: offering a volume to hosts, and ending that.

#![allow(missing_docs, reason = "the name of each function is the law that it checks")]

use ashlar_types::{Connector, Export};
use futures::future::join_all;
use serde_json::json;

use super::{A, B, Bench};
use crate::error::FailureKind;

/// A host that every bench lets in.
fn connector() -> Connector {
    serde_json::from_value(json!({
        "host": HOST,
        "ip": "127.0.0.1",
        "initiator": "iqn.1993-08.org.debian:01:contract",
        "multipath": false,
        "os_type": "linux",
        "platform": "x86_64",
    }))
    .expect("a connector")
}

/// The name of the host that the laws connect; a bench's driver must admit it.
pub const HOST: &str = "contract-host";

pub async fn an_export_made_again_is_as_it_was_kept(bench: &Bench) {
    let volume = bench.volume(A, 1);
    bench.driver.ensure_volume(volume).await.expect("made");
    let first = bench.driver.ensure_export(volume, None).await.expect("exported");
    for _ in 0..2 {
        let again = bench.driver.ensure_export(volume, first.as_ref()).await;
        assert_eq!(again.expect("still exported"), first);
    }
    bench.driver.destroy_export(volume).await.expect("ended");
    let again = bench.driver.ensure_export(volume, first.as_ref()).await;
    assert_eq!(again.expect("exported again"), first, "also after it was lost");
    bench.driver.destroy_export(volume).await.expect("ended");
}

pub async fn equal_exports_at_once_make_one(bench: &Bench) {
    let volume = bench.volume(A, 1);
    bench.driver.ensure_volume(volume).await.expect("made");
    let kept = bench.driver.ensure_export(volume, None).await.expect("exported");
    bench.driver.destroy_export(volume).await.expect("ended");
    let calls = (0..8).map(|_| bench.driver.ensure_export(volume, kept.as_ref()));
    for answer in join_all(calls).await {
        assert_eq!(answer.expect("each of them finds or makes it"), kept);
    }
    let calls = (0..8).map(|_| bench.driver.destroy_export(volume));
    for answer in join_all(calls).await {
        answer.expect("each of them finds it ended or ends it");
    }
}

pub async fn different_volumes_can_be_exported_at_once(bench: &Bench) {
    let names: Vec<_> = (0..8).map(|n| format!("volume-00000000-0000-4000-8000-{n:012}")).collect();
    for name in &names {
        bench.driver.ensure_volume(bench.volume(name, 1)).await.expect("made");
    }
    let connector = connector();
    let calls = names.iter().map(async |name| {
        let volume = bench.volume(name, 1);
        let export = bench.driver.ensure_export(volume, None).await.expect("exported");
        let info = bench.driver.connect(volume, export.as_ref(), &connector).await;
        info.expect("connected").data
    });
    let all = join_all(calls).await;
    for (n, data) in all.iter().enumerate() {
        assert!(!all[..n].contains(data), "two volumes at one place");
    }
    let calls = names.iter().map(|name| bench.driver.destroy_export(bench.volume(name, 1)));
    for answer in join_all(calls).await {
        answer.expect("ended");
    }
}

pub async fn an_export_that_another_driver_made_is_chosen_anew(bench: &Bench) {
    let volume = bench.volume(A, 1);
    bench.driver.ensure_volume(volume).await.expect("made");
    let kept =
        Export { provider_location: "/srv/volumes/somewhere".to_owned(), provider_auth: None };
    let made = bench.driver.ensure_export(volume, Some(&kept)).await.expect("exported");
    assert_ne!(made, Some(kept));
    bench.driver.destroy_export(volume).await.expect("ended");
}

pub async fn what_is_not_there_is_not_exported_and_ending_that_is_fine(bench: &Bench) {
    let volume = bench.volume(A, 1);
    let error = bench.driver.ensure_export(volume, None).await.expect_err("absent");
    assert_eq!(error.kind, FailureKind::NotFound);
    bench.driver.destroy_export(volume).await.expect("nothing to end");
    bench.driver.disconnect(volume, Some(&connector())).await.expect("nobody to cut off");
    bench.driver.disconnect(volume, None).await.expect("nobody to cut off");
    bench.driver.ensure_volume(volume).await.expect("made");
    for _ in 0..2 {
        bench.driver.ensure_export(volume, None).await.expect("exported");
        bench.driver.destroy_export(volume).await.expect("ended");
        bench.driver.destroy_export(volume).await.expect("ended already");
    }
    bench.has(&[(A, 1)]).await;
}

pub async fn a_host_is_told_how_to_reach_the_volume_as_often_as_it_asks(bench: &Bench) {
    let volume = bench.volume(A, 1);
    bench.driver.ensure_volume(volume).await.expect("made");
    let export = bench.driver.ensure_export(volume, None).await.expect("exported");
    let connect = || bench.driver.connect(volume, export.as_ref(), &CONNECTOR);
    static CONNECTOR: std::sync::LazyLock<Connector> = std::sync::LazyLock::new(connector);
    let first = connect().await.expect("connected");
    assert!(!first.data.is_empty() && !first.driver_volume_type.is_empty());
    assert_eq!(connect().await.expect("connected again"), first);
    for _ in 0..2 {
        bench.driver.disconnect(volume, Some(&CONNECTOR)).await.expect("cut off");
    }
    assert_eq!(connect().await.expect("let in again"), first);
    bench.driver.disconnect(volume, None).await.expect("all cut off");
    bench.driver.destroy_export(volume).await.expect("ended");
}

pub async fn a_host_that_says_nothing_of_itself_is_refused(bench: &Bench) {
    let volume = bench.volume(A, 1);
    bench.driver.ensure_volume(volume).await.expect("made");
    let export = bench.driver.ensure_export(volume, None).await.expect("exported");
    let nobody = Connector::default();
    let error = bench.driver.connect(volume, export.as_ref(), &nobody).await;
    assert_eq!(error.expect_err("who is that?").kind, FailureKind::Invalid);
    bench.driver.destroy_export(volume).await.expect("ended");
}

pub async fn a_volume_that_is_destroyed_is_exported_no_more(bench: &Bench) {
    let volume = bench.volume(A, 1);
    bench.driver.ensure_volume(volume).await.expect("made");
    let export = bench.driver.ensure_export(volume, None).await.expect("exported");
    bench.driver.destroy_volume(volume).await.expect("destroyed");
    bench.driver.ensure_volume(volume).await.expect("made anew");
    (bench.write)(A, b"new");
    bench.driver.ensure_export(volume, export.as_ref()).await.expect("exported anew");
    bench.driver.destroy_export(volume).await.expect("ended");
    bench.holds(A, b"new");
}

pub async fn an_export_of_a_name_that_could_be_a_path_is_refused(bench: &Bench) {
    bench.driver.ensure_volume(bench.volume(B, 1)).await.expect("made");
    let connector = connector();
    for name in ["", "..", "volume-../x", "../volume-1", "volume-1,x", "snapshot-1", "volume-a b"] {
        let volume = bench.volume(name, 1);
        let driver = &bench.driver;
        for (call, kind) in [
            ("ensure_export", driver.ensure_export(volume, None).await.map(drop)),
            ("destroy_export", driver.destroy_export(volume).await),
            ("connect", driver.connect(volume, None, &connector).await.map(drop)),
            ("disconnect", driver.disconnect(volume, None).await),
        ]
        .map(|(call, answer)| (call, answer.map_err(|error| error.kind)))
        {
            assert_eq!(kind, Err(FailureKind::Invalid), "{call} with the name {name:?}");
        }
    }
}
