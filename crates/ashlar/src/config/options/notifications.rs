//! `[oslo_messaging_notifications]`: where the events go that other services may listen to.

use super::options;
use crate::config::option::{Kind, Opt};

const SECTION: &str = "oslo_messaging_notifications";

options! {
    DRIVER: String = Opt::new(SECTION, "driver", Kind::Own("log, noop or nothing"),
        "Where notifications go: log writes each as a line of the log; noop or nothing drops them. messaging, \
         messagingv2 and routing need RabbitMQ, which is not built yet, and are refused.")
        .repeats();
    TOPICS: Vec<String> = Opt::new(SECTION, "topics", Kind::List,
        "Topics of the message bus on which notifications go out. Not used by log and noop.")
        .default("notifications");
}
