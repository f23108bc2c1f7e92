//! `[DEFAULT]`: what a project may have when nothing was set for it. −1 is no limit.

use super::options;
use crate::config::option::{Kind, Opt};

const SECTION: &str = "DEFAULT";
const LIMIT: Kind = Kind::Integer(-1, i64::MAX);

options! {
    QUOTA_VOLUMES: i64 = Opt::new(SECTION, "quota_volumes", LIMIT, "Volumes of a project.").default("10");
    QUOTA_SNAPSHOTS: i64 =
        Opt::new(SECTION, "quota_snapshots", LIMIT, "Snapshots of a project.").default("10");
    QUOTA_GROUPS: i64 = Opt::new(SECTION, "quota_groups", LIMIT, "Groups of a project.").default("10");
    QUOTA_GIGABYTES: i64 = Opt::new(SECTION, "quota_gigabytes", LIMIT,
        "GiB of a project's volumes and snapshots together.").default("1000");
    QUOTA_BACKUPS: i64 = Opt::new(SECTION, "quota_backups", LIMIT, "Backups of a project.").default("10");
    QUOTA_BACKUP_GIGABYTES: i64 =
        Opt::new(SECTION, "quota_backup_gigabytes", LIMIT, "GiB of a project's backups.").default("1000");
    PER_VOLUME_SIZE_LIMIT: i64 =
        Opt::new(SECTION, "per_volume_size_limit", LIMIT, "GiB of one volume.").default("-1");
    NO_SNAPSHOT_GB_QUOTA: bool = Opt::new(SECTION, "no_snapshot_gb_quota", Kind::Flag,
        "Leave snapshots out of the gigabytes.").default("false");
    USE_DEFAULT_QUOTA_CLASS: bool = Opt::new(SECTION, "use_default_quota_class", Kind::Flag,
        "The quota class `default` replaces these options.").default("true");
}
