//! The laws that every driver must pass. A driver's tests name a function that makes a `Bench`:
//! `ashlar_drivers::driver_contract!(bench);` makes one test of each law.

use std::sync::Arc;

use ashlar_types::Gib;

use crate::driver::{Driver, SnapshotRef, Stored, VolumeRef};

mod copies;
mod exports;
mod filled;
mod groups;
mod manage;
mod replaced;
mod reports;
mod volumes;

pub use copies::*;
pub use exports::*;
pub use filled::*;
pub use groups::*;
pub use manage::*;
pub use replaced::*;
pub use reports::*;
pub use volumes::*;

/// Writes the first bytes of a volume, behind the driver's back, as a server would.
pub type Write = Box<dyn Fn(&str, &[u8]) + Send + Sync>;
/// Reads so many first bytes of a volume or a snapshot.
pub type Read = Box<dyn Fn(&str, usize) -> Vec<u8> + Send + Sync>;

/// An empty backend with a driver that is set up, and a way to its bytes. At least 64 GiB.
pub struct Bench {
    /// The driver.
    pub driver: Arc<dyn Driver>,
    /// The pool to work in.
    pub pool: String,
    /// Writes to a volume.
    pub write: Write,
    /// Reads a volume or a snapshot.
    pub read: Read,
    /// What must live as long as the bench: a directory, a server.
    pub keep: Box<dyn Send + Sync>,
}

/// Identities as the tables would give them.
const A: &str = "volume-0a000000-0000-4000-8000-00000000000a";
const B: &str = "volume-0b000000-0000-4000-8000-00000000000b";
const S: &str = "snapshot-05000000-0000-4000-8000-000000000005";

impl Bench {
    /// The volume of that name in the bench's pool.
    #[must_use]
    pub fn volume<'a>(&'a self, name: &'a str, gib: u64) -> VolumeRef<'a> {
        VolumeRef { name, pool: &self.pool, size: Gib(gib) }
    }

    /// The snapshot of that name of volume `volume_name`.
    #[must_use]
    pub fn snapshot<'a>(
        &'a self,
        name: &'a str,
        volume_name: &'a str,
        gib: u64,
    ) -> SnapshotRef<'a> {
        SnapshotRef { name, volume_name, pool: &self.pool, size: Gib(gib) }
    }

    /// What is on the backend: names and sizes in GiB; half-made things are marked with a `~`.
    pub async fn listed(&self) -> Vec<(String, u64)> {
        let list = self.driver.list().await.expect("a backend that is set up can be listed");
        let shown = |thing: Stored| {
            let mark = if thing.complete { "" } else { "~" };
            (format!("{mark}{}", thing.name), thing.size.0)
        };
        list.into_iter().map(shown).collect()
    }

    async fn has(&self, expected: &[(&str, u64)]) {
        let expected: Vec<_> =
            expected.iter().map(|(name, size)| ((*name).to_owned(), *size)).collect();
        assert_eq!(self.listed().await, expected, "what is on the backend");
    }

    fn holds(&self, name: &str, bytes: &[u8]) {
        assert_eq!((self.read)(name, bytes.len()), bytes, "the content of {name}");
    }
}

/// One test for each law. `$bench` is an `async fn() -> Bench`.
#[macro_export]
macro_rules! driver_contract {
    ($bench:path) => {
        $crate::driver_contract! { $bench:
            // volumes
            a_volume_made_twice_is_there_once_and_keeps_its_content
            a_blank_volume_reads_as_zeros
            equal_calls_at_once_make_one_volume
            different_volumes_can_be_made_at_once
            a_destroyed_volume_is_gone_and_destroying_it_again_is_fine
            a_volume_made_again_after_its_end_is_blank
            an_extended_volume_is_larger_keeps_its_content_and_never_shrinks
            extending_what_is_not_there_says_so
            a_name_that_could_be_a_path_is_refused
            a_size_of_nothing_is_refused
            // copies
            a_snapshot_keeps_what_its_volume_was
            a_snapshot_taken_twice_is_of_the_first_moment
            a_volume_from_a_snapshot_is_independent_of_it
            a_volume_from_a_snapshot_may_be_larger
            a_clone_and_its_source_are_independent
            a_clone_may_be_larger
            a_copy_smaller_than_its_source_is_refused
            a_missing_source_is_named_as_such
            a_finished_copy_does_not_need_its_source_again
            equal_copies_at_once_make_one
            a_destroyed_snapshot_is_gone_and_destroying_it_again_is_fine
            // groups
            the_snapshots_of_a_group_keep_what_their_volumes_were
            the_snapshots_of_a_group_taken_twice_are_of_the_first_moment
            a_group_of_which_a_volume_is_missing_gets_no_snapshot
            a_group_snapshot_that_was_half_taken_is_taken_anew
            a_group_of_nothing_has_no_snapshots
            a_snapshot_named_twice_in_a_group_is_refused
            equal_group_snapshots_at_once_make_one
            // filled
            a_filled_volume_has_the_content_and_zeros_and_is_filled_once
            those_who_want_the_same_content_at_once_share_one_filling
            other_content_and_other_sizes_are_filled_apart
            content_that_fails_leaves_nothing_and_all_who_wait_hear_why
            a_key_that_could_be_a_path_is_refused
            an_open_volume_reads_as_what_it_holds
            // replaced
            a_reverted_volume_is_what_its_snapshot_was_as_often_as_it_is_reverted
            a_reverted_volume_is_independent_of_the_snapshot
            a_volume_may_be_larger_than_the_snapshot_that_it_is_reverted_to
            a_volume_is_reverted_only_when_both_are_there
            a_refilled_volume_has_the_new_content_and_nothing_of_the_old
            content_that_fails_leaves_the_volume_as_it_was
            new_and_refilled_volumes_share_one_filling
            a_volume_that_is_not_there_is_not_refilled
            a_replaced_volume_is_exported_no_more_and_then_anew
            // exports
            an_export_made_again_is_as_it_was_kept
            equal_exports_at_once_make_one
            different_volumes_can_be_exported_at_once
            an_export_that_another_driver_made_is_chosen_anew
            what_is_not_there_is_not_exported_and_ending_that_is_fine
            a_host_is_told_how_to_reach_the_volume_as_often_as_it_asks
            a_host_that_says_nothing_of_itself_is_refused
            a_volume_that_is_destroyed_is_exported_no_more
            an_export_of_a_name_that_could_be_a_path_is_refused
            // manage
            what_lies_there_is_listed_measured_and_taken_over_with_its_content
            what_is_let_go_keeps_content_and_name_and_can_be_taken_over_again
            what_was_taken_over_gets_its_name_back
            one_thing_is_taken_over_once
            a_snapshot_is_taken_over_and_let_go_like_a_volume
            what_is_not_there_cannot_be_taken_over
            nothing_is_taken_over_under_a_name_that_could_be_a_path
            // reports
            check_setup_may_be_repeated_and_leaves_volumes_alone
            stats_are_complete_and_make_sense
            an_empty_backend_lists_nothing
        }
    };
    ($bench:path: $($law:ident)*) => {$(
        #[tokio::test]
        async fn $law() {
            $crate::contract::$law(&$bench().await).await;
        }
    )*};
}
