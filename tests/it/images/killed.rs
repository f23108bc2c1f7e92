//! A real `ashlar serve` is killed while an image comes, while it is converted and while one goes: it goes on where it
//! was, and leaves nothing.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ashlar_db::{DatabaseUrl, Db, Options};
use ashlar_drivers::Driver;
use ashlar_drivers::file::{FileDriver, FileSettings};
use ashlar_testkit::clean;
use ashlar_testkit::glance::{FakeGlance, Trouble};
use ashlar_testkit::make::id_of;
use ashlar_types::BackendName;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{MIB, disk, head, image_of};
use crate::server::Server;

/// Where a server keeps its things.
struct Place(TempDir);

impl Place {
    fn new(glance: &FakeGlance) -> Self {
        let place = Self(tempfile::tempdir().expect("a directory"));
        let text = format!(
            "[DEFAULT]\nhost = killed\nenabled_backends = one\nglance_api_servers = http://{}\n\
             image_conversion_dir = {}\n\n[one]\nvolume_driver = file\nfile_directory = {}\n",
            glance.address,
            place.at("conversion"),
            place.at("volumes"),
        );
        std::fs::write(place.at("conf"), text).expect("it can be written");
        place
    }

    fn at(&self, name: &str) -> String {
        self.0.path().join(name).to_str().expect("a temporary path is text").to_owned()
    }

    fn start(&self) -> Server {
        let (config, state) = (self.at("conf"), self.at("state"));
        let listen = "127.0.0.1:0";
        Server::start_with_programs(
            &["serve", "--listen", listen, "--config-file", &config, "--state-dir", &state],
            Path::new(&self.at("programs")),
        )
    }

    /// Puts a `qemu-img` before the real one: the first that converts an image starts a child of its own, writes both
    /// process ids into the answered file and waits without end.
    fn slow_down_one_conversion(&self) -> PathBuf {
        let (here, asleep) = (self.at("programs"), self.at("asleep"));
        std::fs::create_dir(&here).expect("a directory");
        let text = format!(
            "#!/bin/sh\nif [ \"$1\" = convert ] && mkdir '{asleep}.once' 2>/dev/null; then\n\
             sleep 600 &\necho \"$$ $!\" > '{asleep}.new'\nmv '{asleep}.new' '{asleep}'\nwait\nfi\n\
             PATH=\"${{PATH#*:}}\"\nexec qemu-img \"$@\"\n"
        );
        let program = Path::new(&here).join("qemu-img");
        std::fs::write(&program, text).expect("a program");
        std::fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("it may run");
        asleep.into()
    }

    /// Nothing is left where images are converted, and nothing stuck, leaked or miscounted.
    async fn check(&self) {
        let left = std::fs::read_dir(self.at("conversion")).map_or(0, |files| files.count());
        assert_eq!(left, 0);
        let url = format!("sqlite:///{}", self.at("state/ashlar.db"));
        let url = DatabaseUrl::parse(&url).expect("a URL");
        let db = Db::connect(&url, &Options::default()).await.expect("the database opens");
        let driver = FileDriver::new(FileSettings::new(self.at("volumes"), "one"));
        let backends = [(BackendName::new("killed", "one"), Arc::new(driver) as Arc<dyn Driver>)];
        clean::check(&db, &backends, false).await;
    }
}

/// Waits until `there` holds.
async fn until(what: &str, there: impl Fn() -> bool) {
    for _ in 0..1000 {
        if there() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{what} does not come");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_midst_of_a_download_it_begins_anew_and_leaves_nothing() {
    let disk = disk(4 * MIB, 1);
    for (format, bytes) in [("raw", disk.clone()), ("qcow2", image_of(&disk, "qcow2"))] {
        let glance = FakeGlance::start().await;
        let place = Place::new(&glance);
        let image = glance.add("image", format, bytes);
        glance.plan(&[Trouble::Slow(Duration::from_millis(100))]);
        let server = place.start();
        let client = server.client("abc");
        let wish = json!({ "size": 1, "imageRef": image });
        let id = id_of(&client.create_volume(wish).await);
        until("the download", || glance.downloads() == 1).await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.kill();
        let server = place.start();
        let volume = server.client("abc").wait_for("volumes", &id, "available").await;
        assert_eq!(volume["bootable"], "true");
        let file = Path::new(&place.at("volumes")).join(format!("volume-{id}"));
        assert_eq!(head(&file, disk.len()), disk, "{format}");
        assert_eq!(glance.downloads(), 2);
        place.check().await;
    }
}

/// Whether the process is there and not a corpse that nobody has looked at yet.
fn is_alive(process: &str) -> bool {
    std::fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|words| !words.is_empty())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_midst_of_a_conversion_it_begins_anew_whatever_the_program_does() {
    let glance = FakeGlance::start().await;
    let place = Place::new(&glance);
    let disk = disk(4 * MIB, 1);
    let image = glance.add("image", "qcow2", image_of(&disk, "qcow2"));
    let asleep = place.slow_down_one_conversion();
    let server = place.start();
    let client = server.client("abc");
    let id = id_of(&client.create_volume(json!({ "size": 1, "imageRef": image })).await);
    until("the conversion", || asleep.exists()).await;
    let processes = std::fs::read_to_string(&asleep).expect("two numbers");
    let (program, child) = processes.trim().split_once(' ').expect("two numbers");
    server.kill();
    until("the end of the program", || !is_alive(program)).await;
    // Its child has the same files open and lives on: nobody waits for it.
    assert!(is_alive(child));
    let server = place.start();
    let volume = server.client("abc").wait_for("volumes", &id, "available").await;
    assert_eq!(volume["bootable"], "true");
    assert!(is_alive(child));
    let ended = std::process::Command::new("kill").args(["-KILL", child]).status();
    assert!(ended.expect("kill runs").success());
    let file = Path::new(&place.at("volumes")).join(format!("volume-{id}"));
    assert_eq!(head(&file, disk.len()), disk);
    place.check().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_the_midst_of_an_upload_it_begins_anew() {
    let glance = FakeGlance::start().await;
    let place = Place::new(&glance);
    let server = place.start();
    let client = server.client("abc");
    let id = client.volume(1).await;
    glance.plan(&[Trouble::StallsAfter(30 * MIB)]);
    let wish = json!({ "image_name": "copy" });
    let answer = client.act(&id, "os-volume_upload_image", wish).await.expect(202);
    let image = answer.body["os-volume_upload_image"]["image_id"].as_str().map(str::to_owned);
    let image = image.expect("an image");
    let status = || glance.get(&image).map_or(Value::Null, |held| held.says["status"].clone());
    until("the upload", || status() == "saving").await;
    server.kill();
    let server = place.start();
    server.client("abc").wait_for("volumes", &id, "available").await;
    assert_eq!(status(), "active");
    assert_eq!(glance.get(&image).map(|held| held.bytes.len()), Some(1 << 30));
    assert_eq!(glance.uploads(), 2);
    place.check().await;
}
