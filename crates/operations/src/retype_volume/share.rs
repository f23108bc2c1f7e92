//! What a volume and its snapshots count for under the name of their type.

use std::collections::BTreeMap;

use ashlar_db::{DbError, Tx, snapshots};
use ashlar_types::Volume;
use ashlar_types::quota::Delta;
use serde::{Deserialize, Serialize};

/// Shares by the project that they count for. A snapshot may belong to another than its volume. By name, the order of
/// locking.
pub(super) type Shares = BTreeMap<String, Share>;

/// Amounts of the resources that have a type's name in theirs. A retype changes no others.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Share {
    volumes: i64,
    gigabytes: i64,
    snapshots: i64,
}

impl Share {
    /// What counts now of the volume and its snapshots.
    pub(super) async fn of(
        tx: &mut Tx,
        volume: &Volume,
        no_snapshot_gb_quota: bool,
    ) -> Result<Shares, DbError> {
        let mut shares = Shares::new();
        if volume.use_quota {
            let own = Self { volumes: 1, gigabytes: volume.size.signed(), snapshots: 0 };
            shares.insert(volume.project_id.clone(), own);
        }
        let all = snapshots::of_volume(tx, volume.id).await?;
        for snapshot in all.into_iter().filter(|snapshot| snapshot.use_quota) {
            let share = shares.entry(snapshot.project_id).or_default();
            share.snapshots += 1;
            if !no_snapshot_gb_quota {
                share.gigabytes += snapshot.volume_size.signed();
            }
        }
        Ok(shares)
    }

    /// So much more than `other`.
    pub(super) const fn beyond(self, other: Self) -> Self {
        Self {
            volumes: self.volumes - other.volumes,
            gigabytes: self.gigabytes - other.gigabytes,
            snapshots: self.snapshots - other.snapshots,
        }
    }

    /// The same as changes of quota.
    pub(super) fn deltas(self, type_name: &str) -> Vec<Delta> {
        let all = [
            ("volumes", self.volumes),
            ("gigabytes", self.gigabytes),
            ("snapshots", self.snapshots),
        ];
        all.into_iter()
            .filter(|(_, amount)| *amount != 0)
            .map(|(kind, amount)| Delta::new(format!("{kind}_{type_name}"), amount))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_the_types_name_and_is_not_nothing_changes() {
        let share = Share { volumes: 1, gigabytes: 3, snapshots: 0 };
        let expected = [Delta::new("volumes_gold", 1), Delta::new("gigabytes_gold", 3)];
        assert_eq!(share.deltas("gold"), expected);
        assert_eq!(share.beyond(share).deltas("gold"), []);
    }
}
