//! Our client of Glance against a real one.

use std::io;

use ashlar_clients::glance::{As, Glance, NewImage, Settings};
use ashlar_clients::{ClientError, Neighbour};
use ashlar_types::ImageId;
use futures::stream::{self, BoxStream, StreamExt as _, TryStreamExt as _};
use rand::RngExt as _;

use super::Neighbours;

/// More than one piece of every buffer on the way.
const LENGTH: usize = 5_000_000;

fn glance(neighbours: &Neighbours) -> Glance {
    let account = neighbours.account("cinder", "service");
    Glance::new(&Settings::default(), Some(account)).expect("a client")
}

fn new_image(name: &str) -> NewImage {
    NewImage {
        id: ImageId::random(),
        name: name.to_owned(),
        disk_format: "raw".to_owned(),
        container_format: "bare".to_owned(),
        visibility: Some("private".to_owned()),
        protected: false,
        min_disk: 1,
        min_ram: 0,
        properties: [("os_distro".to_owned(), "ashlar".to_owned())].into(),
    }
}

fn random_bytes() -> Vec<u8> {
    let mut bytes = vec![0; LENGTH];
    rand::rng().fill(&mut bytes[..]);
    bytes
}

fn pieces(bytes: &[u8]) -> BoxStream<'static, io::Result<bytes::Bytes>> {
    let pieces: Vec<_> = bytes.chunks(70_000).map(bytes::Bytes::copy_from_slice).collect();
    stream::iter(pieces).map(Ok).boxed()
}

async fn bytes_of(glance: &Glance, as_: As<'_>, id: ImageId) -> Vec<u8> {
    let download = glance.download(as_, id).await.expect("bytes");
    assert_eq!(download.length, Some(LENGTH as u64));
    let pieces: Vec<_> = download.stream.try_collect().await.expect("all of them");
    pieces.concat()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_goes_up_and_comes_down_and_is_nobody_elses() {
    let Some(mut neighbours) = Neighbours::start() else { return };
    let glance = glance(&neighbours);
    let demo = neighbours.token("demo", "demo").await;
    let other = neighbours.token("other", "other").await;
    let (demo, other) = (As::User(&demo), As::User(&other));
    let new = new_image("mine");
    let bytes = random_bytes();

    // The user makes the record; the service fills it, as for volumes that become images.
    let queued = glance.create(demo, &new).await.expect("a record");
    assert_eq!((queued.id, queued.status.as_str()), (new.id, "queued"));
    assert_eq!(queued.owner.as_ref(), neighbours.projects.get("demo"));
    let empty = glance.download(demo, new.id).await.expect_err("no bytes yet");
    assert!(
        matches!(empty, ClientError::Malformed { .. } | ClientError::NotFound { .. }),
        "{empty}"
    );
    glance.upload(As::Service, new.id, pieces(&bytes)).await.expect("filled");
    let again = glance.upload(As::Service, new.id, pieces(&bytes)).await.expect_err("full");
    assert_eq!(again, ClientError::Refused { neighbour: Neighbour::Glance, status: 409 });

    let image = glance.show(demo, new.id).await.expect("an image");
    assert_eq!((image.status.as_str(), image.size), ("active", Some(LENGTH as u64)));
    assert_eq!(image.os_hash_algo.as_deref(), Some("sha512"));
    assert_eq!(image.os_hash_value.map(|digest| digest.len()), Some(128));
    assert_eq!((image.min_disk, image.visibility.as_str()), (1, "private"));
    assert_eq!(image.properties.get("os_distro").map(String::as_str), Some("ashlar"));
    assert!(image.created_at.is_some() && image.updated_at.is_some());
    let named = glance.find_by_name(demo, "mine").await.expect("a list");
    assert_eq!(named.iter().map(|image| image.id).collect::<Vec<_>>(), [new.id]);
    assert!(bytes_of(&glance, demo, new.id).await == bytes, "the user's bytes differ");
    assert!(bytes_of(&glance, As::Service, new.id).await == bytes, "the service's bytes differ");

    // Another project is told that there is no such image.
    let what = format!("image {}", new.id);
    let hidden = ClientError::NotFound { neighbour: Neighbour::Glance, what };
    assert_eq!(glance.show(other, new.id).await.expect_err("hidden"), hidden);
    assert_eq!(glance.download(other, new.id).await.expect_err("hidden"), hidden);
    assert!(glance.find_by_name(other, "mine").await.expect("a list").is_empty());

    let changes = [("os_version", "1".into()), ("name", "ours".into())];
    glance.update(demo, new.id, &changes).await.expect("changed");
    let changed = glance.show(demo, new.id).await.expect("an image");
    assert_eq!(changed.name.as_deref(), Some("ours"));
    assert_eq!(changed.properties.get("os_version").map(String::as_str), Some("1"));

    neighbours.stop_glance();
    let away = Settings { retries: 0, ..Settings::default() };
    let away = Glance::new(&away, Some(neighbours.account("cinder", "service"))).expect("a client");
    let error = away.show(As::Service, new.id).await.expect_err("away");
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    neighbours.start_glance();

    glance.delete(demo, new.id).await.expect("gone");
    glance.delete(demo, new.id).await.expect("still gone");
    assert_eq!(glance.show(demo, new.id).await.expect_err("gone"), hidden);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_that_breaks_leaves_an_image_that_can_be_filled_again() {
    let Some(neighbours) = Neighbours::start() else { return };
    let glance = glance(&neighbours);
    let new = new_image("broken");
    glance.create(As::Service, &new).await.expect("a record");
    let bytes = random_bytes();
    let broken = stream::iter([Err(io::Error::other("no more"))]);
    let broken = pieces(&bytes).chain(broken).boxed();
    let error = glance.upload(As::Service, new.id, broken).await.expect_err("broken");
    assert!(error.to_string().contains("no more"), "{error}");
    // Glance notices in its own time that nothing more comes.
    loop {
        let status = glance.show(As::Service, new.id).await.expect("an image").status;
        if status == "queued" {
            break;
        }
        assert_eq!(status, "saving");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    glance.upload(As::Service, new.id, pieces(&bytes)).await.expect("filled");
    assert!(bytes_of(&glance, As::Service, new.id).await == bytes, "the bytes differ");
    let wrong = neighbours.token("reader", "demo").await;
    let refused = glance.create(As::User(&wrong), &new_image("not allowed")).await;
    let error = refused.expect_err("readers make no images");
    assert_eq!(error, ClientError::Refused { neighbour: Neighbour::Glance, status: 403 });
}
