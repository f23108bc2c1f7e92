//! The commands as people and scripts meet them: what they print, how they end, and what they leave behind.

use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::process::Stdio;

use serde_json::json;
use tempfile::TempDir;

use crate::command::{Said, ashlar, run, terminate};
use crate::server::Server;

/// A state directory that does not exist yet.
struct Place {
    directory: TempDir,
    state: String,
}

impl Place {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let state = directory.path().join("state");
        let state = state.to_str().expect("a temporary path is text").to_owned();
        Self { directory, state }
    }

    fn serve(&self) -> Server {
        Server::start(&["serve", "--listen", "127.0.0.1:0", "--state-dir", &self.state])
    }

    /// `ashlar <args>` on this state directory, to its end.
    fn run(&self, args: &[&str]) -> Said {
        run(&[args, &["--state-dir", &self.state]].concat())
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join("state").join(name)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_volume_can_be_followed_from_the_request_to_the_file() {
    let place = Place::new();
    let server = place.serve();
    let client = server.client("abc");
    let volume = client.volume(2).await;

    let file = std::fs::metadata(place.path(&format!("volumes/volume-{volume}")));
    let file = file.expect("the volume is a file");
    assert_eq!(file.len(), 2 << 30);
    assert!(file.blocks() * 512 < 1 << 20, "it takes what is written to it, which is nothing");

    let decisions = place.run(&["explain", &volume, "--json"]).expect(0).json();
    assert_eq!(decisions[0]["volume_id"], json!(volume));
    let pool = decisions[0]["chosen"].as_str().expect("a pool was chosen").to_owned();
    let table = place.run(&["explain", &volume]).expect(0).out;
    assert!(table.contains(&format!("{pool} chosen, 1 of 1 pools fit")), "{table}");

    assert_eq!(place.run(&["flow", "list", "--json"]).expect(0).json(), json!([]));
    assert_eq!(place.run(&["flow", "list"]).expect(0).out, "no operations\n");
    let all = place.run(&["flow", "list", "--all", "--resource", &volume, "--json"]);
    let all = all.expect(0).json();
    assert_eq!(all.as_array().map(Vec::len), Some(1));
    assert_eq!(
        (&all[0]["operation"], &all[0]["phase"]),
        (&json!("create-volume"), &json!("succeeded"))
    );

    let flow = all[0]["id"].as_str().expect("a flow has an id");
    let shown = place.run(&["flow", "show", flow, "--json"]).expect(0).json();
    let log = shown["log"].as_array().expect("a log");
    let tasks: Vec<_> = log.iter().filter_map(|entry| entry["task"].as_str()).collect();
    assert!(tasks.ends_with(&["place", "provision", "publish"]), "{tasks:?}");
    let text = place.run(&["flow", "show", flow]).expect(0).out;
    assert!(text.contains("phase      succeeded after "), "{text}");

    let services = place.run(&["service", "list", "--json"]).expect(0).json();
    let mut told: Vec<_> = services
        .as_array()
        .expect("a list")
        .iter()
        .map(|service| (service["binary"].as_str().unwrap_or_default(), service["state"].clone()))
        .collect();
    told.sort_by_key(|(binary, _)| *binary);
    assert_eq!(told, [("cinder-scheduler", json!("up")), ("cinder-volume", json!("up"))]);
}

#[test]
fn serve_says_how_to_begin_and_ends_in_order() {
    let place = Place::new();
    let mut child = ashlar(&["serve", "--listen", "127.0.0.1:0", "--state-dir", &place.state])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    let mut out = BufReader::new(child.stdout.take().expect("it is piped"));
    let mut lines = [(); 4].map(|()| {
        let mut line = String::new();
        out.read_line(&mut line).expect("it writes text");
        line.trim().to_owned()
    });
    let url = lines[0].strip_prefix("ashlar ready: ").expect("it is ready").to_owned();
    lines[1] = lines[1].replace(&url, "URL");
    assert_eq!(
        lines[1..],
        [
            "export OS_AUTH_TYPE=none OS_ENDPOINT=URL/v3 OS_VOLUME_API_VERSION=3.71",
            "openstack volume create --size 1 first",
            "openstack volume list",
        ]
    );
    let mode = std::fs::metadata(&place.state).expect("it is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o700, "what is in there is everyone's data");

    terminate(&child);
    assert_eq!(child.wait().expect("it is a child of ours").code(), Some(0));
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("it writes text");
    assert_eq!(rest, "");
}

#[test]
fn the_database_is_its_owners_alone_in_a_directory_that_is_open_to_all() {
    let place = Place::new();
    let mode = |path: std::path::PathBuf| {
        std::fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    };
    std::fs::create_dir(&place.state).expect("a directory");
    std::fs::set_permissions(&place.state, std::fs::Permissions::from_mode(0o755)).expect("opened");
    let server = place.serve();
    for name in ["ashlar.db", "ashlar.db-wal", "ashlar.db-shm"] {
        assert_eq!(mode(place.path(name)), 0o600, "{name}");
    }
    drop(server);
}

#[test]
fn a_start_that_waits_for_its_database_ends_when_told_to() {
    let place = Place::new();
    // It takes connections and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = silent.local_addr().expect("it has one").port();
    let config = place.directory.path().join("cinder.conf");
    let text = format!("[database]\nconnection = postgresql://a:b@127.0.0.1:{port}/c\n");
    std::fs::write(&config, text).expect("written");
    let config = config.to_str().expect("a temporary path is text");
    let mut child = ashlar(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--config-file",
        config,
        "--state-dir",
        &place.state,
    ])
    .spawn()
    .expect("the binary can be run");
    // From here on it waits, and has long learned to end in order.
    let waiting = silent.accept().expect("it connects");
    terminate(&child);
    assert_eq!(child.wait().expect("it is a child of ours").code(), Some(0));
    drop(waiting);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_cannot_write_lines_of_its_own_into_the_log() {
    let place = Place::new();
    let log = place.directory.path().join("a.log");
    let config = place.directory.path().join("cinder.conf");
    std::fs::write(&config, format!("[DEFAULT]\nlog_file = {}\n", log.display())).expect("written");
    let config = config.to_str().expect("a temporary path is text");
    let args =
        ["serve", "--listen", "127.0.0.1:0", "--config-file", config, "--state-dir", &place.state];
    let server = Server::start_with_log(&args, "info");
    let client = server.client("abc");
    let zone = format!("x\nFORGED \u{1b}[31m{}", "y".repeat(200));
    let body = json!({ "volume": { "size": 1, "availability_zone": zone } });
    let refused = client.post("/volumes", &body).await;
    assert_eq!(refused.status, 400);
    let wide = json!({ "volume": { "size": "9".repeat(50_000) } });
    assert_eq!(client.post("/volumes", &wide).await.status, 400);
    let written = std::fs::read_to_string(&log).expect("the log is there");
    let lines: Vec<_> = written.lines().filter(|line| line.contains("FORGED")).collect();
    assert_eq!(lines.len(), 1, "{written}");
    assert!(lines[0].contains("volume.create") && !lines[0].contains('\u{1b}'), "{}", lines[0]);
    assert!(written.lines().all(|line| line.len() < 2000), "a refusal is cut in the log");
}

#[test]
fn two_serves_on_one_state_directory_are_one_too_many() {
    let place = Place::new();
    let first = place.serve();
    let said = place.run(&["serve", "--listen", "127.0.0.1:0"]).expect(1);
    assert_eq!(said.out, "");
    assert_eq!(
        said.err,
        format!(
            "ashlar: {} is in use by another `ashlar serve`: stop that one first, or give --state-dir\n",
            place.state
        )
    );
    first.kill();
    drop(place.serve());
}

#[test]
fn a_port_that_is_taken_is_told() {
    let place = Place::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("it has one").to_string();
    let said = place.run(&["serve", "--listen", &address]).expect(1);
    assert!(
        said.err.starts_with(&format!("ashlar: the API cannot listen on {address}: ")),
        "{said:?}"
    );
    assert!(said.err.contains("choose another with --listen"), "{said:?}");
}

#[test]
fn a_port_without_an_address_is_told_what_is_expected() {
    for text in ["9001", ":9001", "localhost:9001"] {
        let said = run(&["serve", "--listen", text]).expect(2);
        assert!(said.err.contains("for example 127.0.0.1:9001"), "{said:?}");
    }
    assert!(run(&["help", "serve"]).expect(0).out.contains("--listen"));
}

#[test]
fn an_open_api_needs_a_flag_that_says_what_it_risks() {
    let place = Place::new();
    for role in ["serve", "api"] {
        let said = place.run(&[role, "--listen", "0.0.0.0:0"]).expect(2);
        assert!(
            said.err.starts_with("ashlar: --listen: [DEFAULT] osapi_volume_listen: "),
            "{said:?}"
        );
        assert!(said.err.contains("--let-anyone-on-the-network-administer"), "{said:?}");
    }
    assert!(!place.path("").exists());
}

#[test]
fn commands_that_look_make_nothing() {
    let place = Place::new();
    let id = uuid::Uuid::nil().to_string();
    let commands: [&[&str]; 4] =
        [&["service", "list"], &["flow", "list"], &["flow", "show", &id], &["explain", &id]];
    for command in commands {
        let said = place.run(command).expect(1);
        assert!(said.err.contains("there is no such file"), "{said:?}");
        assert!(!place.path("").exists(), "{command:?}");
    }
}

#[test]
fn what_is_not_known_is_said_in_one_line() {
    let place = Place::new();
    place.run(&["db", "sync"]).expect(0);
    let id = uuid::Uuid::nil().to_string();
    let said = place.run(&["flow", "show", &id]).expect(1);
    assert_eq!(
        said.err,
        format!("ashlar: there is no flow {id}; flows that ended are kept for a day\n")
    );
    let said = place.run(&["explain", &id]).expect(1);
    assert!(
        said.err.starts_with(&format!("ashlar: no decision about volume {id} is known")),
        "{said:?}"
    );
    let said = place.run(&["explain", "first"]).expect(2);
    assert!(said.err.contains("`openstack volume list`"), "a name is no id: {said:?}");
}

#[test]
fn tables_are_made_once_and_asked_for_by_roles_of_their_own() {
    let place = Place::new();
    let said = place.run(&["db", "version"]).expect(0);
    assert!(said.out.ends_with("there is no such file\n"), "{said:?}");
    for role in ["api", "scheduler"] {
        let said = place.run(&[role]).expect(1);
        assert!(said.err.contains("run `ashlar db sync`"), "{said:?}");
    }
    place.run(&["db", "sync"]).expect(0);
    let said = place.run(&["db", "sync"]).expect(0);
    assert!(said.out.ends_with("; nothing was missing\n"), "{said:?}");
}

#[test]
fn a_volume_service_must_be_told_its_backends() {
    let said = Place::new().run(&["volume"]).expect(2);
    assert!(
        said.err.starts_with("ashlar: [DEFAULT] enabled_backends: names no backend"),
        "{said:?}"
    );
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let mut child = ashlar(&["config", "options"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary can be run");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it is a child of ours");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert_eq!(output.status.code(), Some(0));
}
