//! Exports by a real tgtd: the contract, who gets in, what survives whose end. Left out where tgt is not installed.

use std::process::Command;

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::contract::Bench;
use crate::driver::{Driver as _, VolumeRef};
use crate::export::testing::{Tgtd, program};
use crate::file::FileDriver;
use ashlar_types::Gib;

const NAME: &str = "volume-0a000000-0000-4000-8000-00000000000a";

/// A backend that exports by a tgtd of its own.
struct House {
    driver: FileDriver,
    tgtd: Tgtd,
    /// Must live as long as the rest.
    _home: TempDir,
}

impl House {
    async fn new(chap: bool) -> Option<Self> {
        let home = TempDir::new().expect("a directory for the test");
        let tgtd = Tgtd::start(home.path()).await?;
        let settings = TgtSettings { chap, ..tgtd.settings() };
        let driver = FileDriver::new(tgtd.backend(&volumes(&home), settings));
        driver.check_setup().await.expect("set up");
        driver.ensure_volume(volume()).await.expect("made");
        Some(Self { driver, tgtd, _home: home })
    }

    async fn export(&self, kept: Option<&Export>) -> Export {
        let export = self.driver.ensure_export(volume(), kept).await.expect("exported");
        export.expect("there is something to keep")
    }

    async fn data(&self, export: &Export, initiator: &str) -> Map {
        let info = self.driver.connect(volume(), Some(export), &host(initiator)).await;
        info.expect("let in").data
    }

    /// What `iscsi-inq` says as that initiator; `None` when it gets no answer.
    fn inquiry(&self, data: &Map, initiator: &str, password: &str) -> Option<bool> {
        let text = |key: &str| data[key].as_str().expect("text").to_owned();
        let account = data
            .get("auth_username")
            .and_then(Value::as_str)
            .map(|user| format!("{user}%{password}@"))
            .unwrap_or_default();
        let place = format!("iscsi://{account}{}/{}/1", text("target_portal"), text("target_iqn"));
        let output =
            Command::new(program("iscsi-inq")?).args(["-i", initiator, &place]).output().ok()?;
        Some(output.status.success())
    }
}

type Map = serde_json::Map<String, Value>;

/// The path is not a simple one.
fn volumes(home: &TempDir) -> std::path::PathBuf {
    home.path().join("my volumes=all: 'x'")
}

fn volume() -> VolumeRef<'static> {
    VolumeRef { name: NAME, pool: "exported", size: Gib(1) }
}

fn host(initiator: &str) -> Connector {
    serde_json::from_value(json!({ "host": "h", "initiator": initiator })).expect("a connector")
}

const ONE: &str = "iqn.2026-01.test:one";
const OTHER: &str = "iqn.2026-01.test:other";

mod with_accounts {
    use super::*;

    /// The laws, where tgt is installed.
    macro_rules! laws {
        ($($law:ident)*) => {$(
            #[tokio::test]
            async fn $law() {
                if let Some(bench) = bench(true).await {
                    crate::contract::$law(&bench).await;
                }
            }
        )*};
    }

    laws! {
        an_export_made_again_is_as_it_was_kept
        equal_exports_at_once_make_one
        different_volumes_can_be_exported_at_once
        an_export_that_another_driver_made_is_chosen_anew
        what_is_not_there_is_not_exported_and_ending_that_is_fine
        a_host_is_told_how_to_reach_the_volume_as_often_as_it_asks
        a_host_that_says_nothing_of_itself_is_refused
        a_volume_that_is_destroyed_is_exported_no_more
        an_export_of_a_name_that_could_be_a_path_is_refused
        stats_are_complete_and_make_sense
    }
}

#[tokio::test]
async fn the_laws_hold_without_accounts_too() {
    let Some(bench) = bench(false).await else { return };
    crate::contract::an_export_made_again_is_as_it_was_kept(&bench).await;
    crate::contract::a_host_is_told_how_to_reach_the_volume_as_often_as_it_asks(&bench).await;
    crate::contract::a_host_that_says_nothing_of_itself_is_refused(&bench).await;
}

async fn bench(chap: bool) -> Option<Bench> {
    use std::os::unix::fs::FileExt as _;
    let home = TempDir::new().expect("a directory for the test");
    let tgtd = Tgtd::start(home.path()).await?;
    let directory = volumes(&home);
    let settings = TgtSettings { chap, ..tgtd.settings() };
    let driver = FileDriver::new(tgtd.backend(&directory, settings));
    driver.check_setup().await.expect("set up");
    let (writes, reads) = (directory.clone(), directory);
    Some(Bench {
        driver: Arc::new(driver),
        pool: "exported".to_owned(),
        write: Box::new(move |name, bytes| {
            let file = std::fs::OpenOptions::new().write(true).open(writes.join(name));
            file.expect("there").write_all_at(bytes, 0).expect("written");
        }),
        read: Box::new(move |name, length| {
            let mut bytes = vec![0; length];
            let file = std::fs::File::open(reads.join(name)).expect("there");
            file.read_exact_at(&mut bytes, 0).expect("long enough");
            bytes
        }),
        keep: Box::new((tgtd, home)),
    })
}

#[tokio::test]
async fn a_host_gets_in_with_the_password_of_that_volume_alone() {
    let Some(house) = House::new(true).await else { return };
    let export = house.export(None).await;
    assert!(export.provider_auth.as_deref().is_some_and(|auth| auth.starts_with("CHAP ")));
    let location = format!("127.0.0.1:{},1 iqn.2010-10.org.openstack:{NAME} 1", house.tgtd.port());
    assert_eq!(export.provider_location, location);
    let data = house.data(&export, ONE).await;
    let password = data["auth_password"].as_str().expect("text");
    let Some(inside) = house.inquiry(&data, ONE, password) else { return };
    assert!(inside);
    assert_eq!(house.inquiry(&data, ONE, "wrong-password-wrong"), Some(false));
    let mut nobody = data.clone();
    nobody.remove("auth_username");
    assert_eq!(house.inquiry(&nobody, ONE, ""), Some(false));
}

#[tokio::test]
async fn without_accounts_only_hosts_that_were_connected_get_in() {
    let Some(house) = House::new(false).await else { return };
    let export = house.export(None).await;
    assert_eq!(export.provider_auth, None);
    let data = house.data(&export, ONE).await;
    let Some(inside) = house.inquiry(&data, ONE, "") else { return };
    assert!(inside);
    assert_eq!(house.inquiry(&data, OTHER, ""), Some(false));
    house.export(Some(&export)).await;
    assert_eq!(house.inquiry(&data, ONE, ""), Some(true), "still");
    house.driver.disconnect(volume(), Some(&host(ONE))).await.expect("cut off");
    assert_eq!(house.inquiry(&data, ONE, ""), Some(false));
}

#[tokio::test]
async fn what_tgtd_forgot_is_exported_again_with_the_same_password() {
    for chap in [true, false] {
        let Some(mut house) = House::new(chap).await else { return };
        let export = house.export(None).await;
        let data = house.data(&export, ONE).await;
        house.tgtd.start_anew().await;
        assert_eq!(house.export(Some(&export)).await, export);
        let password = data.get("auth_password").and_then(Value::as_str).unwrap_or_default();
        let Some(inside) = house.inquiry(&data, ONE, password) else { return };
        assert!(inside);
        assert_eq!(house.inquiry(&data, OTHER, "wrong-password-wrong"), Some(false));
    }
}

#[tokio::test]
async fn a_password_in_the_tables_counts_after_a_restart_of_ours() {
    let Some(house) = House::new(true).await else { return };
    let first = house.export(None).await;
    let old = house.data(&first, ONE).await;
    let user = old["auth_username"].as_str().expect("text").to_owned();
    let kept = Export { provider_auth: Some(format!("CHAP {user} rotated-by-hand-0")), ..first };
    let data = house.data(&house.export(Some(&kept)).await, ONE).await;
    let Some(inside) = house.inquiry(&data, ONE, "rotated-by-hand-0") else { return };
    assert!(inside);
    let password = old["auth_password"].as_str().expect("text");
    assert_eq!(house.inquiry(&data, ONE, password), Some(false));
}

#[tokio::test]
async fn a_grown_volume_is_exported_in_its_new_size() {
    let Some(house) = House::new(true).await else { return };
    let export = house.export(None).await;
    house.driver.ensure_size(volume(), Gib(2)).await.expect("grown");
    house.export(Some(&export)).await;
    let daemon = Daemon::at(&house.tgtd.socket());
    let targets = daemon.turn().await.targets_now().await.expect("listed");
    let size = targets[0].unit.as_ref().map(|unit| unit.size.clone());
    assert_eq!(size, Some(listing::printed_size(2 << 30)));
}

#[tokio::test]
async fn an_end_leaves_neither_target_nor_account_and_others_alone() {
    let Some(house) = House::new(true).await else { return };
    let export = house.export(None).await;
    let daemon = Daemon::at(&house.tgtd.socket());
    let foreign = Request::NewTarget { tid: 5, iqn: "iqn.x:foreign".to_owned() };
    daemon.turn().await.ask(&foreign).await.expect("made");
    house.driver.destroy_export(volume()).await.expect("ended");
    let mut turn = daemon.turn().await;
    let targets = turn.targets_now().await.expect("listed");
    assert_eq!(targets.iter().map(|target| target.tid).collect::<Vec<_>>(), [5]);
    let auth = export.provider_auth.expect("an account");
    let chap = Chap::parse(&auth).expect("an account");
    let socket = house.tgtd.settings().socket_file();
    let gone = wire::ask(&socket, &Request::DropAccount { user: chap.user }).await;
    assert!(matches!(gone, Err(WireError::Refused(code::NO_USER))));
}

#[tokio::test]
async fn without_a_tgtd_nothing_is_exported_and_the_backend_says_what_to_do() {
    let home = TempDir::new().expect("a directory for the test");
    let settings =
        TgtSettings { socket: Some(home.path().join("none")), ..TgtSettings::new("127.0.0.1") };
    let driver = FileDriver::new(crate::file::FileSettings {
        export: crate::export::ExportSettings::Tgt(settings),
        ..crate::file::FileSettings::new(volumes(&home), "exported")
    });
    let error = driver.check_setup().await.expect_err("nobody answers");
    assert_eq!(error.kind, FailureKind::Unavailable);
    assert!(error.to_string().contains("none.0; start it, or set tgt_ipc_socket"), "{error}");
    driver.ensure_volume(volume()).await.expect("volumes can be made all the same");
    let error = driver.ensure_export(volume(), None).await.expect_err("nobody answers");
    assert_eq!(error.kind, FailureKind::Unavailable);
    driver.destroy_export(volume()).await.expect("there is none");
    driver.destroy_volume(volume()).await.expect("and none in the way");
}

#[test]
fn several_portals_are_told_as_lists() {
    let chap = Chap { user: "user".to_owned(), password: "s3cret".to_owned() };
    assert!(!format!("{chap:?}").contains("s3cret"));
    let location = Location::parse("[::1]:3260;h:1,1 iqn.x:volume-1 1").expect("a location");
    let data = data(&location, Some(&chap), "1", false);
    assert_eq!(data["target_portals"], json!(["[::1]:3260", "h:1"]));
    assert_eq!(data["target_luns"], json!([1, 1]));
    let one = Location::parse("h:1,1 iqn.x:volume-1 1").expect("a location");
    assert!(!super::data(&one, None, "1", false).contains_key("target_portals"));
    assert!(super::data(&one, None, "1", true).contains_key("target_portals"));
}

/// The clock stands still but for waiting, so the time that an answer may take is over at once.
#[tokio::test(start_paused = true)]
async fn a_tgtd_that_hangs_is_not_asked_again_at_once() {
    let home = TempDir::new().expect("a directory for the test");
    let socket = home.path().join("tgtd");
    let listener = std::os::unix::net::UnixListener::bind(wire::socket_file(&socket));
    let listener = listener.expect("listens");
    listener.set_nonblocking(true).expect("set");
    let exporter = Tgt::new(TgtSettings { socket: Some(socket), ..TgtSettings::new("127.0.0.1") });
    for _ in 0..3 {
        let error = exporter.check().await.expect_err("no answer");
        assert_eq!(error.kind, FailureKind::Unavailable);
        assert!(error.to_string().contains("no answer within"), "{error}");
    }
    listener.accept().expect("was asked");
    listener.accept().expect_err("once");
}
