//! Processes and what they are to log.

use ashlar_db::log_levels::{self, Played, Process};
use ashlar_db::testing::databases;
use ashlar_types::{LogLevel, LogLevels};

use crate::made::{NOW, at};

#[tokio::test]
async fn a_process_is_told_what_was_set_and_keeps_to_it() {
    for test in databases().await {
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let played = Played { binary: "cinder-volume".to_owned(), host: "h@a".to_owned() };
        let process = |id: &str, text: &str| Process {
            id: id.to_owned(),
            services: vec![played.clone()],
            levels: LogLevels::from(text),
        };
        let one = process("one", "info");
        assert_eq!(log_levels::live(tx, &one, NOW).await.expect("ok"), one.levels);
        let two = process("two", "warn");
        log_levels::live(tx, &two, at(10)).await.expect("ok");
        let listed = log_levels::list(tx, NOW, true).await.expect("ok");
        assert_eq!(listed, [one.clone(), two.clone()]);
        let debug = one.levels.clone().with("ashlar_db", LogLevel::Debug);
        log_levels::set(tx, "one", &debug).await.expect("ok");
        assert_eq!(log_levels::live(tx, &one, at(20)).await.expect("ok"), debug);
        let listed = log_levels::list(tx, at(11), false).await.expect("ok");
        assert_eq!(listed, [Process { levels: debug, ..one }]);
        assert_eq!(log_levels::prune(tx, at(11), 10).await.expect("ok"), 1);
        log_levels::end(tx, "one").await.expect("ok");
        assert_eq!(log_levels::list(tx, NOW, false).await.expect("ok"), []);
    }
}
