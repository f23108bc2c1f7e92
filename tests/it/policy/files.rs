//! Policy files: read again while the API runs, and refused at start with file and line.

use std::fs;
use std::time::Duration;

use ashlar_api::ApiSettings;
use ashlar_api::policy::{Enforcer, Settings};
use ashlar_testkit::{Cloud, Plan, cloud};

use crate::command;

async fn becomes(status: u16, client: &ashlar_testkit::Client) {
    let mut seen = 0;
    for _ in 0..200 {
        seen = client.get("/volumes").await.status;
        if seen == status {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{status} never came; {seen} is still answered");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_file_counts_while_the_api_runs() {
    let place = tempfile::tempdir().expect("a directory");
    let file = place.path().join("policy.yaml");
    let settings = Settings { file: vec![file.clone()], ..Settings::default() };
    let policy = Enforcer::open(settings).expect("no file is no mistake");
    let api = ApiSettings { policy, ..ApiSettings::default() };
    let cloud = Cloud::planned(Plan { api, ..Plan::with_sim(&cloud::sim()).idle() }).await;
    let reader = cloud.client(&cloud::project(), &["reader"]);
    becomes(200, &reader).await;
    fs::write(&file, "volume:get_all: role:member\n").expect("it can be written");
    becomes(403, &reader).await;
    fs::write(&file, "volume:get_all: role:reader\n").expect("it can be written");
    becomes(200, &reader).await;
}

#[test]
fn a_file_that_cannot_be_used_stops_the_start_with_its_line() {
    let place = tempfile::tempdir().expect("a directory");
    let path = |name: &str| place.path().join(name).display().to_string();
    fs::write(path("cinder.conf"), "[DEFAULT]\n").expect("it can be written");
    fs::write(path("policy.yaml"), "# ours\nvolume:get: role:x\nvolume:delete: role:member and\n")
        .expect("it can be written");
    let (config, state) = (path("cinder.conf"), path("state"));
    for command in
        [&["serve", "--listen", "127.0.0.1:0"][..], &["config", "check"], &["policy", "list"]]
    {
        let args = [command, &["--config-file", &config, "--state-dir", &state]].concat();
        let said = command::run(&args).expect(2).err;
        let wanted =
            format!("{}:3: rule volume:delete: column 16: expected a check", path("policy.yaml"));
        assert!(said.contains(&wanted), "{said}");
    }
    assert!(!place.path().join("state").exists(), "nothing was made");
}

#[test]
fn a_refusal_is_explained() {
    let place = tempfile::tempdir().expect("a directory");
    let path = |name: &str| place.path().join(name).display().to_string();
    fs::write(path("cinder.conf"), "[DEFAULT]\n").expect("it can be written");
    fs::write(path("policy.yaml"), "volume:delete: rule:admin_api or user_id:%(user_id)s\n")
        .expect("it can be written");
    let config = path("cinder.conf");
    let ask = |more: &[&str]| {
        let args =
            [&["policy", "check", "--config-file", &config, "--as", "member"], more].concat();
        let said = command::run(&args);
        (said.status, said.out)
    };
    assert_eq!(ask(&["volume:delete"]).0, 0);
    let (status, said) = ask(&["--owner-user", "somebody", "volume:delete"]);
    assert_eq!(status, 1);
    assert!(said.contains("no  user_id:%(user_id)s") && said.contains("policy.yaml:1"), "{said}");
    let (status, said) = ask(&[]);
    assert_eq!(status, 0);
    assert!(said.lines().any(|rule| rule == "volume:create"), "{said}");
}
