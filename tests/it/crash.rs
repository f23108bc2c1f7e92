//! A real `ashlar serve` is killed at random moments under load, again and again on the same state, and
//! afterwards nothing is stuck, leaked or over quota.

mod load;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use ashlar_db::{DatabaseUrl, Db, Options};
use ashlar_drivers::Driver;
use ashlar_drivers::file::{FileDriver, FileSettings};
use ashlar_testkit::{clean, cloud};
use ashlar_types::BackendName;

use crate::server::Server;

/// How often it is killed.
const KILLS: usize = 200;
/// Full checks on the way; the others only restart.
const CHECK_EVERY: usize = 25;
/// Longest life, in milliseconds after it was ready.
const LONGEST: u64 = 160;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_at_any_moment_it_goes_on_where_it_was() {
    let place = tempfile::tempdir().expect("a temporary directory");
    let (state, volumes) = (place.path().join("state"), place.path().join("volumes"));
    let config = place.path().join("cinder.conf");
    write_config(&config, &volumes);
    let arguments = [
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--config-file",
        config.to_str().expect("a temporary path is text"),
        "--state-dir",
        state.to_str().expect("a temporary path is text"),
    ];
    let project = cloud::project();
    let mut kept = load::Kept::default();
    let mut accepted = 0;
    for round in 1..=KILLS {
        let server = Server::start(&arguments);
        let load = load::start(&server.client(&project), 6, &kept);
        let life = rand::random_range(1..LONGEST);
        tokio::time::sleep(Duration::from_millis(life)).await;
        server.kill();
        accepted += load.finish(&mut kept).await;
        if round % CHECK_EVERY == 0 {
            let server = Server::start(&arguments);
            check(&state, &volumes).await;
            kept.refresh(&server.client(&project)).await;
        }
    }
    // The load must have been one: otherwise the kills have shown nothing.
    assert!(accepted > KILLS, "only {accepted} requests were accepted in {KILLS} lives");
}

fn write_config(path: &Path, volumes: &Path) {
    let text = format!(
        "[DEFAULT]\nhost = crash\nenabled_backends = one\nquota_volumes = 120\n\
         quota_snapshots = 120\nquota_gigabytes = 2000\n\n[one]\nvolume_driver = file\n\
         volume_backend_name = one\nfile_directory = {}\nmax_over_subscription_ratio = 1000\n",
        volumes.display()
    );
    std::fs::write(path, text).expect("the configuration can be written");
}

/// Looks into the database and the directory of the running server.
async fn check(state: &Path, volumes: &Path) {
    let url = format!("sqlite:///{}", state.join("ashlar.db").display());
    let url = DatabaseUrl::parse(&url).expect("a URL");
    let db = Db::connect(&url, &Options::default()).await.expect("the database opens");
    let driver = FileDriver::new(FileSettings::new(volumes.to_owned(), "one"));
    let backends = [(BackendName::new("crash", "one"), Arc::new(driver) as Arc<dyn Driver>)];
    clean::check(&db, &backends, false).await;
}
