//! `[oslo_messaging_notifications]` and `[oslo_messaging_rabbit]`: where the events go that other services may listen to.

use std::path::PathBuf;

use secrecy::SecretString;

use super::options;
use crate::config::option::{Kind, Opt};

const SECTION: &str = "oslo_messaging_notifications";
const RABBIT: &str = "oslo_messaging_rabbit";

options! {
    DRIVER: String = Opt::new(SECTION, "driver", Kind::Own("messagingv2, log, noop or nothing"),
        "Where notifications go: messagingv2 sends them to RabbitMQ, log writes each as a line of the log; noop or nothing \
         drops them. They go everywhere that is named, first to RabbitMQ. messaging (without envelope) and routing are \
         refused.")
        .repeats();
    TRANSPORT_URL: SecretString = Opt::new(SECTION, "transport_url", Kind::Own("a transport URL"),
        "Where RabbitMQ is: rabbit://user:password@host:port/virtual_host, several hosts with commas between them. \
         Default: [DEFAULT] transport_url. Notifications wait in the database while it is away.")
        .secret();
    TOPICS: Vec<String> = Opt::new(SECTION, "topics", Kind::List,
        "Topics on which notifications go out; each goes to all of them. The queues are called topic.info, topic.error and so on.")
        .default("notifications");
    RETRY: i64 = Opt::new(SECTION, "retry", Kind::Integer(-1, 1_000_000),
        "How often sending a notification is tried again before it is dropped; -1 is for ever. Cinder sets no upper bound.")
        .default("-1");
    CONTROL_EXCHANGE: String = Opt::new("DEFAULT", "control_exchange", Kind::Text,
        "The exchange to which notifications are sent.")
        .default("openstack");
    AMQP_DURABLE_QUEUES: bool = Opt::new(RABBIT, "amqp_durable_queues", Kind::Flag,
        "Exchange and queues survive a restart of RabbitMQ; without it the queues are lost with what is in them. Always so \
         with rabbit_quorum_queue.")
        .default("false");
    AMQP_AUTO_DELETE: bool = Opt::new(RABBIT, "amqp_auto_delete", Kind::Flag,
        "Queues go when their last consumer does.")
        .default("false");
    RABBIT_HA_QUEUES: bool = Opt::new(RABBIT, "rabbit_ha_queues", Kind::Flag,
        "Declare queues with x-ha-policy. Not together with rabbit_quorum_queue.")
        .default("false");
    RABBIT_QUORUM_QUEUE: bool = Opt::new(RABBIT, "rabbit_quorum_queue", Kind::Flag,
        "Declare quorum queues.")
        .default("false");
    RABBIT_QUORUM_DELIVERY_LIMIT: i64 =
        Opt::new(RABBIT, "rabbit_quorum_delivery_limit", Kind::Integer(0, i64::MAX),
        "How often a message of a quorum queue is delivered before it is dropped; 0 sets no limit.")
        .default("0");
    RABBIT_QUORUM_MAX_MEMORY_LENGTH: i64 =
        Opt::new(RABBIT, "rabbit_quorum_max_memory_length", Kind::Integer(0, i64::MAX),
        "Messages of a quorum queue that are kept in memory; 0 sets no limit.")
        .default("0");
    RABBIT_QUORUM_MAX_MEMORY_BYTES: i64 =
        Opt::new(RABBIT, "rabbit_quorum_max_memory_bytes", Kind::Integer(0, i64::MAX),
        "Bytes of a quorum queue that are kept in memory; 0 sets no limit.")
        .default("0");
    HEARTBEAT_TIMEOUT_THRESHOLD: i64 =
        Opt::new(RABBIT, "heartbeat_timeout_threshold", Kind::Integer(0, 65_535),
        "Seconds after which a connection counts as lost on which nothing is heard; 0 sends no heartbeats.")
        .default("60");
    SSL: bool = Opt::new(RABBIT, "ssl", Kind::Flag,
        "Connect with TLS. RabbitMQ's certificate is always checked; Cinder's libraries check it only with ssl_ca_file.")
        .default("false");
    SSL_CA_FILE: PathBuf = Opt::new(RABBIT, "ssl_ca_file", Kind::Path,
        "Certificates of the authorities to believe, PEM. Default: those of the system.");
    SSL_CERT_FILE: PathBuf = Opt::new(RABBIT, "ssl_cert_file", Kind::Path,
        "Our own certificate, PEM, where RabbitMQ asks for one.");
    SSL_KEY_FILE: PathBuf = Opt::new(RABBIT, "ssl_key_file", Kind::Path,
        "The key of ssl_cert_file, PEM.");
}
