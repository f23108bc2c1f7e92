//! Cinder's tables in the order in which they can be made, and the revision that they amount to.

use super::{
    Table, backups, groups, messages, quotas, services, snapshots, string, types, volumes,
};

/// The release whose tables these are.
pub const RELEASE: &str = "29.0.0";

/// Head of that release's migrations, as it stands in `alembic_version`.
pub const REVISION: &str = "9c74c1c6971f";

/// The revisions that lead to [`REVISION`], oldest first.
pub const OLDER_REVISIONS: &[&str] = &[
    "921e1a36b076",
    "c92a3e68beed",
    "daa98075b90d",
    "89aa6f9639f9",
    "b8660621f1b9",
    "9ab1b092a404",
    "b7b88f50aab5",
];

/// Where Cinder's migration tool keeps the revision.
pub const ALEMBIC_VERSION: Table = Table {
    columns: &[string("version_num", 32).required()],
    ..Table::of_cinder("alembic_version", &["version_num"])
};

/// Every table of Cinder's, each after those that it refers to. `alembic_version` is the first, as
/// Cinder's tool makes it; the row in it is written last.
pub static TABLES: &[&Table] = &[
    &ALEMBIC_VERSION,
    &services::SERVICES,
    &services::CLUSTERS,
    &services::WORKERS,
    &groups::CONSISTENCYGROUPS,
    &groups::CGSNAPSHOTS,
    &groups::GROUPS,
    &groups::GROUP_SNAPSHOTS,
    &groups::GROUP_TYPES,
    &groups::GROUP_TYPE_SPECS,
    &groups::GROUP_TYPE_PROJECTS,
    &types::QUALITY_OF_SERVICE_SPECS,
    &types::VOLUME_TYPES,
    &types::VOLUME_TYPE_PROJECTS,
    &types::VOLUME_TYPE_EXTRA_SPECS,
    &types::ENCRYPTION,
    &types::DEFAULT_VOLUME_TYPES,
    &groups::GROUP_VOLUME_TYPE_MAPPING,
    &volumes::VOLUMES,
    &volumes::VOLUME_METADATA,
    &volumes::VOLUME_ADMIN_METADATA,
    &volumes::VOLUME_ATTACHMENT,
    &volumes::ATTACHMENT_SPECS,
    &snapshots::SNAPSHOTS,
    &snapshots::SNAPSHOT_METADATA,
    &snapshots::VOLUME_GLANCE_METADATA,
    &quotas::QUOTAS,
    &quotas::QUOTA_CLASSES,
    &quotas::QUOTA_USAGES,
    &quotas::RESERVATIONS,
    &backups::BACKUPS,
    &backups::BACKUP_METADATA,
    &backups::TRANSFERS,
    &messages::MESSAGES,
    &messages::IMAGE_VOLUME_CACHE_ENTRIES,
    &messages::DRIVER_INITIATOR_DATA,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_table_comes_after_those_that_it_refers_to() {
        let mut made = BTreeSet::new();
        for table in TABLES {
            made.insert(table.name);
            for key in table.foreign_keys {
                assert!(made.contains(key.table), "{} refers to {}", table.name, key.table);
            }
        }
        assert_eq!(made.len(), 36);
    }

    #[test]
    fn keys_and_indexes_name_columns_of_their_table() {
        for table in TABLES {
            let columns: BTreeSet<_> = table.columns.iter().map(|column| column.name).collect();
            assert_eq!(columns.len(), table.columns.len(), "{}", table.name);
            let named = (table.primary_key.iter())
                .chain(table.uniques.iter().copied().flatten())
                .chain(table.indexes.iter().flat_map(|index| index.columns))
                .chain(table.foreign_keys.iter().map(|key| &key.column));
            for name in named {
                assert!(columns.contains(name), "{} has no {name}", table.name);
            }
        }
    }
}
