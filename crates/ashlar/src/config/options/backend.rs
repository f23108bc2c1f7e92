//! Backends: `enabled_backends`, and the options of each backend's section and of `[backend_defaults]`.

use std::path::PathBuf;

use super::options;
use super::scheduler::RATIO;
use crate::config::option::{BACKEND, Kind, Opt};
use crate::config::settings::{Capabilities, Failure, Pools, Ratio};

options! {
    ENABLED_BACKENDS: Vec<String> = Opt::new("DEFAULT", "enabled_backends", Kind::List,
        "Names of the sections that describe backends. When it is not set there is one backend, file.");
    VOLUME_DRIVER: String = Opt::new(BACKEND, "volume_driver", Kind::Own("the name of a driver"),
        "Code for the kind of storage: file (sparse files in a directory) or sim (in memory, for tests). Cinder's \
         default, LVM, is not built yet; every backend must name one.");
    VOLUME_BACKEND_NAME: String = Opt::new(BACKEND, "volume_backend_name", Kind::Text,
        "Name that volume types ask for; backends may share one. Default: the section's name.");
    BACKEND_HOST: String = Opt::new(BACKEND, "backend_host", Kind::Text,
        "Name of the node for this backend alone, in place of host.");
    BACKEND_AVAILABILITY_ZONE: String = Opt::new(BACKEND, "backend_availability_zone", Kind::Text,
        "Zone of this backend, in place of storage_availability_zone.");
    RESERVED_PERCENTAGE: u32 = Opt::new(BACKEND, "reserved_percentage", Kind::Integer(0, 100),
        "Percentage of the capacity that is not handed out.")
        .default("0");
    MAX_OVER_SUBSCRIPTION_RATIO: Ratio = Opt::new(BACKEND, "max_over_subscription_ratio", RATIO,
        "How many times a thin pool's capacity may be sold; auto reckons it from what is used.")
        .default("20.0");
    FILE_DIRECTORY: PathBuf = Opt::new(BACKEND, "file_directory", Kind::Path,
        "Driver file: where the volumes are. Two backends need two directories.")
        .default("$state_path/volumes");
    TARGET_HELPER: String = Opt::new(BACKEND, "target_helper", Kind::Choice(&["local", "tgtadm"]),
        "Driver file: how hosts reach the volumes. local: only from this machine, by the file's path. tgtadm: over \
         iSCSI by tgt, whose tgtd must run here, as the same user. Cinder's default is tgtadm.")
        .default("local");
    TARGET_PROTOCOL: String = Opt::new(BACKEND, "target_protocol", Kind::Choice(&["iscsi"]),
        "With target_helper = tgtadm: the protocol. Cinder has more.")
        .default("iscsi");
    TARGET_IP_ADDRESS: String = Opt::new(BACKEND, "target_ip_address", Kind::Text,
        "With target_helper = tgtadm: the address at which hosts reach tgtd. It is told to them; where tgtd listens is \
         its own configuration.")
        .default("$my_ip");
    TARGET_SECONDARY_IP_ADDRESSES: Vec<String> = Opt::new(BACKEND, "target_secondary_ip_addresses", Kind::List,
        "With target_helper = tgtadm: more addresses of it, for multipath.")
        .default("")
        .deprecated(&[(BACKEND, "iscsi_secondary_ip_addresses")]);
    TARGET_PORT: u16 = Opt::new(BACKEND, "target_port", Kind::Integer(1, 65535),
        "With target_helper = tgtadm: the port at these addresses.")
        .default("3260");
    TARGET_PREFIX: String = Opt::new(BACKEND, "target_prefix", Kind::Text,
        "With target_helper = tgtadm: what the names of targets begin with; the volume's name follows.")
        .default("iqn.2010-10.org.openstack:");
    USE_CHAP_AUTH: bool = Opt::new(BACKEND, "use_chap_auth", Kind::Flag,
        "With target_helper = tgtadm: each volume has an account of its own, with a random password that is made with its \
         export. Cinder's default is false, but with tgt it always does so. false: hosts are admitted by the names of \
         their initiators, which anybody can claim. chap_username and chap_password are not used, as in Cinder with tgt.")
        .default("true");
    ISCSI_WRITE_CACHE: String = Opt::new(BACKEND, "iscsi_write_cache", Kind::Choice(&["on", "off"]),
        "With target_helper = tgtadm: on: hosts are told of a cache, which they flush as they do with disks. off: every \
         write is on disk before it is answered.")
        .default("on");
    ISCSI_TARGET_FLAGS: String = Opt::new(BACKEND, "iscsi_target_flags",
        Kind::Choice(&["", "sync", "direct", "sync:direct"]),
        "With target_helper = tgtadm: how tgtd opens the files, tgt's bsoflags.")
        .default("");
    TGT_IPC_SOCKET: PathBuf = Opt::new(BACKEND, "tgt_ipc_socket", Kind::Path,
        "With target_helper = tgtadm: what TGT_IPC_SOCKET is for tgtd, when it is not tgt's own default, \
         /var/run/tgtd/socket.");
    EXTRA_CAPABILITIES: Capabilities = Opt::new(BACKEND, "extra_capabilities", Kind::Own("a JSON object"),
        "Capabilities to report besides the driver's own, for volume types to match.")
        .default("{}");
    FILTER_FUNCTION: String = Opt::new(BACKEND, "filter_function", Kind::Text,
        "Expression that must hold for a volume to come here, asked by the DriverFilter, such as: \
         volume.size < 500.");
    GOODNESS_FUNCTION: String = Opt::new(BACKEND, "goodness_function", Kind::Text,
        "Expression from 0 (poor) to 100 (perfect) for how well a volume would be placed here, asked by the \
         GoodnessWeigher, such as: (volume.size < 5) ? 100 : 50.");
    SIM_POOLS: Pools = Opt::new(BACKEND, "sim_pools", Kind::Own("a list of pools, each name:GiB"),
        "Driver sim: its pools and their sizes.")
        .default("pool:1000");
    SIM_THICK: bool = Opt::new(BACKEND, "sim_thick", Kind::Flag,
        "Driver sim: volumes take their whole size at once, and a full pool takes no more.")
        .default("false");
    SIM_LATENCY_MS: u64 = Opt::new(BACKEND, "sim_latency_ms", Kind::Integer(0, 3_600_000),
        "Driver sim: milliseconds that each call takes.")
        .default("0");
    SIM_SEED: u64 = Opt::new(BACKEND, "sim_seed", Kind::Integer(0, i64::MAX),
        "Driver sim: where the chances of planned failures start from.")
        .default("0");
    SIM_FAILURE: Failure = Opt::new(BACKEND, "sim_failure",
        Kind::Own("<call> <when> <kind> [after], such as: ensure_volume nth:3 no_space"),
        "Driver sim: a planned failure. Calls: check_setup, stats, ensure_volume, ensure_volume_from_snapshot, \
         ensure_clone, ensure_filled_volume, open_volume, ensure_export, destroy_export, connect, disconnect, ensure_size, \
         ensure_snapshot, destroy_snapshot, destroy_volume, list. When: always, nth:N, \
         first:N, chance:0.1. Kinds: no_space, busy, unavailable, not_found, invalid, broken. With after the call \
         does its work first.")
        .repeats();
}
