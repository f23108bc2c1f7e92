//! Volumes that get another content in place of theirs. The new file is complete before it takes the old one's name.

use std::sync::Arc;

use futures::future::BoxFuture;

use super::order::Order;
use super::{Shared, filled, to_the_end};
use crate::driver::{Answer, Content, Kind, SnapshotRef, VolumeRef};
use crate::error::FillError;

/// `Driver::ensure_reverted`.
pub(super) fn revert(
    shared: &Arc<Shared>,
    volume: VolumeRef<'_>,
    snapshot: SnapshotRef<'_>,
) -> Answer<'static, ()> {
    let order = Order::copy(volume, Kind::Snapshot, snapshot.name, snapshot.size);
    let shared = Arc::clone(shared);
    to_the_end(async move {
        let order = order?.in_its_place();
        let _turn = shared.turns.take(&order.name).await;
        // A host would go on in the file that is no longer the volume.
        shared.end_export(&order.name).await?;
        shared.change_in_turn(move |directory| order.ensure(directory)).await
    })
}

/// `Driver::ensure_refilled`.
pub(super) fn refill(
    shared: &Arc<Shared>,
    volume: VolumeRef<'_>,
    content: Content,
) -> BoxFuture<'static, Result<(), FillError>> {
    let order = Order::blank(volume);
    let shared = Arc::clone(shared);
    to_the_end(async move { filled::ensure(shared, order?.in_its_place(), content).await })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::FileExt as _;

    use ashlar_types::Gib;
    use tempfile::TempDir;

    use super::*;
    use crate::driver::Driver as _;
    use crate::file::{FileDriver, FileSettings};

    const NAME: &str = "volume-6b4ba2ff-6d3c-4e44-a4a3-0f6f3c1f4a01";
    const VOLUME: VolumeRef<'static> = VolumeRef { name: NAME, pool: "files", size: Gib(1) };
    const SNAPSHOT: SnapshotRef<'static> = SnapshotRef {
        name: "snapshot-6b4ba2ff-6d3c-4e44-a4a3-0f6f3c1f4a02",
        volume_name: NAME,
        pool: "files",
        size: Gib(1),
    };

    /// A volume of `new` with a snapshot of `old`, and what a crash in the middle of a revert leaves.
    async fn interrupted() -> (TempDir, FileDriver) {
        let home = TempDir::new().expect("a directory for the test");
        let driver = FileDriver::new(FileSettings::new(home.path(), "files"));
        driver.check_setup().await.expect("set up");
        let write = |bytes: &[u8]| {
            let file = fs::OpenOptions::new().write(true).open(home.path().join(VOLUME.name));
            file.expect("there").write_all_at(bytes, 0).expect("written");
        };
        driver.ensure_volume(VOLUME).await.expect("made");
        write(b"old");
        driver.ensure_snapshot(SNAPSHOT).await.expect("taken");
        write(b"new");
        fs::write(home.path().join(format!("{NAME}.part")), b"half").expect("written");
        (home, driver)
    }

    fn head(home: &TempDir) -> Vec<u8> {
        let mut bytes = vec![0; 3];
        let file = fs::File::open(home.path().join(VOLUME.name)).expect("there");
        file.read_exact_at(&mut bytes, 0).expect("long enough");
        bytes
    }

    #[tokio::test]
    async fn a_revert_that_was_cut_short_leaves_the_volume_as_it_was_and_can_be_repeated() {
        let (home, driver) = interrupted().await;
        assert_eq!(head(&home), b"new");
        driver.ensure_reverted(VOLUME, SNAPSHOT).await.expect("reverted");
        assert_eq!(head(&home), b"old");
        assert!(!home.path().join(format!("{NAME}.part")).exists());
    }

    #[tokio::test]
    async fn what_a_crash_left_beside_a_volume_goes_at_the_next_start_and_the_volume_stays() {
        let (home, driver) = interrupted().await;
        drop(driver);
        let driver = FileDriver::new(FileSettings::new(home.path(), "files"));
        driver.check_setup().await.expect("set up");
        assert_eq!(head(&home), b"new");
        let names: Vec<String> =
            driver.list().await.expect("listed").into_iter().map(|stored| stored.name).collect();
        assert_eq!(names, [SNAPSHOT.name, NAME]);
    }
}
