//! `[DEFAULT]`: what every role shares.

use std::path::PathBuf;
use std::time::Duration;

use super::options;
use crate::config::option::{Kind, Opt};

const SECTION: &str = "DEFAULT";

options! {
    HOST: String = Opt::new(SECTION, "host", Kind::Text,
        "Name of this node in services and in `host@backend#pool`. Default: the machine's host name. Renaming a \
         node that has volumes orphans them.");
    MY_IP: String = Opt::new(SECTION, "my_ip", Kind::Text,
        "Address of this node. Default: the one with which the machine reaches others.");
    STATE_PATH: PathBuf = Opt::new(SECTION, "state_path", Kind::Path,
        "Directory for what Ashlar keeps. `--state-dir` and ASHLAR_STATE_DIR come before it. Cinder's default is \
         /var/lib/cinder.")
        .default("./ashlar-data");
    TRANSPORT_URL: String = Opt::new(SECTION, "transport_url", Kind::Text,
        "Address of RabbitMQ, for notifications. Ashlar's own processes do not need it: they meet in the database.")
        .secret();
    REPORT_INTERVAL: Duration = Opt::new(SECTION, "report_interval", Kind::Integer(1, i64::MAX),
        "Seconds between the heartbeats of a service. Cinder sets no bound.")
        .default("10");
    SERVICE_DOWN_TIME: Duration = Opt::new(SECTION, "service_down_time", Kind::Integer(1, i64::MAX),
        "Seconds after its last heartbeat until a service counts as down. When it is not above report_interval, \
         two and a half times report_interval is used, as in Cinder.")
        .default("60");
    STORAGE_AVAILABILITY_ZONE: String = Opt::new(SECTION, "storage_availability_zone", Kind::Text,
        "Availability zone of this node's services; a backend may have its own.")
        .default("nova");
    DEFAULT_AVAILABILITY_ZONE: String = Opt::new(SECTION, "default_availability_zone", Kind::Text,
        "Zone of new volumes whose request names none. Default: storage_availability_zone.");
    BACKEND_STATS_POLLING_INTERVAL: Duration =
        Opt::new(SECTION, "backend_stats_polling_interval", Kind::Integer(3, i64::MAX),
        "Seconds between reports of a backend's capacity.")
        .default("60");
    MESSAGE_TTL: Duration = Opt::new(SECTION, "message_ttl", Kind::Integer(0, i64::MAX),
        "Seconds that a user message is kept.")
        .default("2592000");
}
