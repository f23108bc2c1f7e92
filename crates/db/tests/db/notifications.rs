//! Notifications on their way out: each goes out once it is written, the oldest first.

use ashlar_db::leases;
use ashlar_db::notifications::{self, Backlog, LEASE, Notification};
use ashlar_db::testing::databases;
use ashlar_types::NotificationId;
use serde_json::json;

use crate::made::at;

fn notification(second: u64) -> Notification {
    Notification {
        id: NotificationId::fresh(),
        event_type: "scheduler.create_volume".to_owned(),
        priority: "ERROR".to_owned(),
        publisher_id: "scheduler.node".to_owned(),
        request_id: "req-1".to_owned(),
        context: json!({ "user_id": "u", "is_admin": false }),
        payload: json!({ "reason": "Ünfit", "n": second }),
        created_at: at(second),
    }
}

#[tokio::test]
async fn the_oldest_go_first_and_what_was_sent_is_gone() {
    for test in databases().await {
        let (one, two, three) = (notification(1), notification(2), notification(3));
        let mut tx = test.db.begin().await.expect("begins");
        assert_eq!(notifications::backlog(&mut tx).await.expect("ok"), Backlog::default());
        let all = [two.clone(), three.clone(), one.clone()];
        notifications::insert(&mut tx, &all).await.expect("ok");
        let backlog = Backlog { waiting: 3, oldest: Some(one.created_at) };
        assert_eq!(notifications::backlog(&mut tx).await.expect("ok"), backlog);
        tx.commit().await.expect("ok");
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let oldest = notifications::oldest(tx, 2).await.expect("ok");
        assert_eq!(oldest, [one.clone(), two.clone()]);
        assert_eq!(notifications::remove(tx, &[one.id, two.id, two.id]).await.expect("ok"), 2);
        assert_eq!(notifications::remove(tx, &[one.id]).await.expect("ok"), 0);
        assert_eq!(notifications::remove(tx, &[]).await.expect("ok"), 0);
        assert_eq!(notifications::oldest(tx, 2).await.expect("ok"), [three]);
    }
}

#[tokio::test]
async fn one_sender_at_a_time_has_the_lease() {
    for test in databases().await {
        let mut tx = test.db.begin().await.expect("begins");
        let mut take = async |owner, now, until| {
            leases::take(&mut tx, LEASE, owner, (at(now), at(until))).await.expect("ok")
        };
        assert!(take("one", 10, 20).await);
        assert!(!take("two", 11, 21).await);
        assert!(take("one", 12, 22).await);
        assert!(!take("two", 22, 32).await);
        // The first one has died.
        assert!(take("two", 23, 33).await);
        assert!(!take("one", 24, 34).await);
        leases::give_back(&mut tx, LEASE, "one").await.expect("ok");
        assert!(!leases::take(&mut tx, LEASE, "one", (at(25), at(35))).await.expect("ok"));
        leases::give_back(&mut tx, LEASE, "two").await.expect("ok");
        assert!(leases::take(&mut tx, LEASE, "one", (at(25), at(35))).await.expect("ok"));
    }
}
