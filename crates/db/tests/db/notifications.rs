//! Notifications on their way out: each goes out once it is written, the oldest first.

use ashlar_db::notifications::{self, Notification};
use ashlar_db::testing::databases;
use ashlar_types::NotificationId;
use serde_json::json;

use crate::made::at;

fn notification(second: u64) -> Notification {
    Notification {
        id: NotificationId::random(),
        event_type: "scheduler.create_volume".to_owned(),
        priority: "ERROR".to_owned(),
        publisher_id: "scheduler.node".to_owned(),
        request_id: "req-1".to_owned(),
        payload: json!({ "reason": "Ünfit", "n": second }),
        created_at: at(second),
    }
}

#[tokio::test]
async fn the_oldest_go_first_and_what_was_sent_is_gone() {
    for test in databases().await {
        let (one, two, three) = (notification(1), notification(2), notification(3));
        let mut tx = test.db.begin().await.expect("begins");
        for n in [&two, &three, &one] {
            notifications::insert(&mut tx, n).await.expect("ok");
        }
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
async fn two_senders_do_not_send_the_same() {
    for test in databases().await {
        let mut tx = test.db.begin().await.expect("begins");
        notifications::insert(&mut tx, &notification(1)).await.expect("ok");
        notifications::insert(&mut tx, &notification(2)).await.expect("ok");
        tx.commit().await.expect("ok");
        if test.db.engine() == ashlar_db::Engine::Sqlite {
            continue; // one at a time anyway
        }
        let mut one = test.db.begin().await.expect("begins");
        let mine = notifications::oldest(&mut one, 1).await.expect("ok");
        let mut two = test.db.begin().await.expect("begins");
        let other = notifications::oldest(&mut two, 1).await.expect("ok");
        assert_eq!((mine.len(), other.len()), (1, 1));
        assert_ne!(mine, other);
    }
}
