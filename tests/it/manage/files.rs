//! The `file` driver: which files are taken over, and which references lead nowhere.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileExt as _, symlink};
use std::path::Path;
use std::sync::Arc;

use ashlar_drivers::Driver;
use ashlar_drivers::file::{FileDriver, FileSettings};
use ashlar_testkit::cloud::HOST;
use ashlar_testkit::make::id_of;
use ashlar_testkit::{Client, Cloud, Plan};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{listed, managed, managed_snapshot, names, reference, unmanage, usage};

/// Two backends of files, each with its directory.
async fn cloud(home: &TempDir) -> Cloud {
    let backend = |name: &str| {
        let settings = FileSettings::new(home.path().join(name), name);
        (name.to_owned(), Arc::new(FileDriver::new(settings)) as Arc<dyn Driver>)
    };
    Cloud::planned(Plan::with_backends(vec![backend("files"), backend("others")])).await
}

fn host() -> String {
    format!("{HOST}@files")
}

/// Names and contents of what lies there, as far as it is small.
fn content(directory: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(directory).expect("it can be read");
    let read = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().expect("text");
        let file = entry.file_type().expect("a kind").is_file();
        let mut head = vec![0; 64];
        let read = file.then(|| {
            let opened = fs::File::open(entry.path()).expect("it can be opened");
            opened.read_at(&mut head, 0).expect("it can be read")
        });
        head.truncate(read.unwrap_or_default());
        (name, head)
    };
    entries.map(|entry| read(entry.expect("an entry"))).collect()
}

/// Asks for it; how the volume ended.
async fn tried(client: &Client, reference: &Value) -> (String, Value) {
    let body = json!({ "volume": { "host": host(), "ref": reference } });
    let made = client.post("/manageable_volumes", &body).await.expect(202);
    let id = id_of(&made.body["volume"]);
    (id.clone(), client.settled("volumes", &id).await.expect("its row is there"))
}

#[tokio::test]
async fn a_file_becomes_a_volume_of_whole_gib_and_back() {
    let home = TempDir::new().expect("a directory");
    let cloud = cloud(&home).await;
    let directory = home.path().join("files");
    fs::write(directory.join("disk.img"), vec![7; 5000]).expect("written");
    let admin = cloud.admin();
    let id = managed(&admin, &host(), "disk.img").await;
    let file = directory.join(format!("volume-{id}"));
    assert_eq!(fs::metadata(&file).expect("there").len(), 1 << 30, "its size is no lie");
    let mut head = vec![0; 5001];
    fs::File::open(&file).expect("there").read_exact_at(&mut head, 0).expect("long enough");
    assert_eq!((&head[..5000], head[5000]), (&[7; 5000][..], 0));
    assert!(!directory.join("disk.img").exists());
    let snapshot = admin.snapshot(&id).await;
    let refused = unmanage(&admin, "volumes", &id).await.expect(400);
    assert!(refused.message().contains("it has snapshots"), "{}", refused.body);
    cloud.check().await;

    let _ = unmanage(&admin, "snapshots", &snapshot).await.expect(202);
    admin.wait_gone("snapshots", &snapshot).await;
    let _ = unmanage(&admin, "volumes", &id).await.expect(202);
    admin.wait_gone("volumes", &id).await;
    cloud.quiet().await;
    let found = listed(&admin, "volumes", &format!("host={}", host())).await;
    assert_eq!(names(&found), [format!("volume-{id}")]);
    assert_eq!(found[0]["safe_to_manage"], true);
    let again = managed(&admin, &host(), &format!("volume-{id}")).await;
    managed_snapshot(&admin, &again, &format!("snapshot-{snapshot}")).await;
    cloud.check().await;
}

#[tokio::test]
async fn a_reference_that_leads_elsewhere_takes_nothing_and_leaves_a_row_that_can_be_deleted() {
    let home = TempDir::new().expect("a directory");
    let cloud = cloud(&home).await;
    let (directory, others) = (home.path().join("files"), home.path().join("others"));
    let at = |name: &str| directory.join(name);
    fs::write(home.path().join("outside"), b"outside").expect("written");
    fs::write(others.join("theirs"), b"theirs").expect("written");
    fs::write(at("hard"), b"two names").expect("written");
    fs::hard_link(at("hard"), home.path().join("other-name")).expect("linked");
    fs::write(at("empty"), b"").expect("written");
    fs::write(at(".hidden"), b"hidden").expect("written");
    fs::write(at("volume-1.part.part"), b"half-made").expect("written");
    let qcow2 = [&b"QFI\xfb\0\0\0\x03"[..], &[0; 600]].concat();
    fs::write(at("disk.qcow2"), qcow2).expect("written");
    fs::create_dir(at("directory")).expect("made");
    symlink(home.path().join("outside"), at("link")).expect("linked");
    let outside = home.path().join("outside");
    let outside = outside.to_str().expect("text");
    let admin = cloud.admin();
    let before = (content(&directory), content(&others), content(home.path()));
    for wrong in [
        reference("../outside"),
        reference("../others/theirs"),
        reference("theirs"),
        reference(outside),
        reference("directory/../link"),
        reference("link"),
        reference("hard"),
        reference("empty"),
        reference("directory"),
        reference("."),
        reference(".."),
        reference(""),
        reference(".hidden"),
        reference("volume-1.part.part"),
        reference("disk.qcow2"),
        reference("nothing"),
        reference("a\u{0}b"),
        json!({}),
        json!({ "source-id": "hard" }),
        json!({ "source-name": "hard", "path": "/" }),
        json!("../outside"),
    ] {
        let (id, shown) = tried(&admin, &wrong).await;
        assert_eq!((&shown["status"], &shown["size"]), (&json!("error"), &json!(0)), "{wrong}");
        assert_eq!(shown["os-vol-host-attr:host"], Value::Null, "it lives nowhere");
        assert_eq!(shown["consumes_quota"], false, "{wrong}");
        let now = (content(&directory), content(&others), content(home.path()));
        assert_eq!(now, before, "{wrong}");
        let told = admin.get(&format!("/messages?resource_uuid={id}")).await.expect(200).body;
        assert_eq!(told["messages"].as_array().map(Vec::len), Some(1), "{told}");
        let _ = admin.delete(&format!("/volumes/{id}")).await.expect(202);
        admin.wait_gone("volumes", &id).await;
    }
    assert_eq!(usage(&admin).await, (0, 0));
    assert_eq!((content(&directory), content(&others), content(home.path())), before);
    cloud.check().await;
}

#[tokio::test]
async fn what_lives_is_not_taken_over_under_whatever_name() {
    let home = TempDir::new().expect("a directory");
    let cloud = cloud(&home).await;
    let admin = cloud.admin();
    let typed = json!({ "name": "files", "extra_specs": { "volume_backend_name": "files" } });
    let _ = admin.post("/types", &json!({ "volume_type": typed })).await.expect(200);
    let volume = admin.volume_of(json!({ "size": 1, "volume_type": "files" })).await;
    let snapshot = admin.snapshot(&volume).await;
    for name in [format!("volume-{volume}"), format!("snapshot-{snapshot}")] {
        let body = json!({ "volume": { "host": host(), "ref": reference(&name) } });
        let refused = admin.post("/manageable_volumes", &body).await.expect(400);
        assert!(refused.message().contains("already managed"), "{}", refused.body);
        let wish = json!({ "volume_id": volume, "ref": reference(&name) });
        let refused = admin.post("/manageable_snapshots", &json!({ "snapshot": wish })).await;
        assert!(refused.expect(400).message().contains("already managed"));
    }
    // A name that is not written as ours are is another file's, and there is none.
    let upper = format!("volume-{}", volume.to_uppercase());
    let (_, shown) = tried(&admin, &reference(&upper)).await;
    assert_eq!(shown["status"], "error");
    cloud.check().await;
}
