//! Services and user messages.

use std::time::Duration;

use ashlar_db::listing::{Page, Test};
use ashlar_db::messages::{self, MessageColumn, MessageFilter, NewMessage};
use ashlar_db::services::{self, ServiceFilter};
use ashlar_db::testing::databases;
use ashlar_types::message::{Action, Detail, Subject};
use ashlar_types::{BackendName, MessageId, UserMessage};

use crate::made::{NOW, at};

#[tokio::test]
async fn a_service_is_made_by_its_first_heartbeat_and_kept_by_the_next() {
    for test in databases().await {
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let backend = BackendName::new("node", "file");
        let host = backend.as_str();
        let first = services::heartbeat(tx, host, services::VOLUME, "z", NOW).await.expect("ok");
        assert!(first.uuid.is_some() && !first.disabled && !first.frozen);
        let next = services::heartbeat(tx, host, services::VOLUME, "z2", at(9)).await.expect("ok");
        assert_eq!((next.id, &next.uuid), (first.id, &first.uuid));
        assert_eq!((next.report_count, next.updated_at), (2, Some(at(9))));
        assert_eq!((next.availability_zone.as_str(), next.created_at), ("z2", Some(NOW)));
        assert_eq!(services::volume_service(tx, &backend).await.expect("ok"), Some(next));
        services::heartbeat(tx, "node", services::SCHEDULER, "z", NOW).await.expect("ok");
        services::heartbeat(tx, "node2", services::SCHEDULER, "z", NOW).await.expect("ok");
        let filter = |host: Option<&str>, binary: Option<&str>, disabled| ServiceFilter {
            host: host.map(str::to_owned),
            binary: binary.map(str::to_owned),
            disabled,
            ..ServiceFilter::default()
        };
        let off = services::set_disabled(tx, host, services::VOLUME, true, Some("why"), at(10));
        assert!(off.await.expect("ok"));
        for (filter, expected) in [
            (filter(None, None, None), 3),
            (filter(Some("node"), None, None), 2),
            (filter(None, Some(services::SCHEDULER), None), 2),
            (filter(None, None, Some(true)), 1),
            (filter(None, None, Some(false)), 2),
        ] {
            assert_eq!(services::list(tx, &filter).await.expect("ok").len(), expected);
        }
        let found = services::get(tx, host, services::VOLUME).await.expect("ok").expect("there");
        assert_eq!(found.disabled_reason.as_deref(), Some("why"));
        assert_eq!(found.updated_at, Some(at(9)), "not a heartbeat");
        assert!(services::destroy(tx, "node2", services::SCHEDULER, NOW).await.expect("ok"));
        assert!(!services::destroy(tx, "node2", services::SCHEDULER, NOW).await.expect("ok"));
        assert_eq!(services::get(tx, "node2", services::SCHEDULER).await.expect("ok"), None);
    }
}

#[tokio::test]
async fn of_two_first_heartbeats_at_once_one_row_remains() {
    for test in databases().await {
        let beat = async |tx: &mut ashlar_db::Tx| {
            services::heartbeat(tx, "node", services::SCHEDULER, "z", NOW).await.expect("ok")
        };
        let mut one = test.db.begin().await.expect("begins");
        let first = beat(&mut one).await;
        if test.db.engine() == ashlar_db::Engine::Sqlite {
            // It has one writer at a time: the second begins when the first is done.
            one.commit().await.expect("ok");
        } else {
            let mut two = test.db.begin().await.expect("begins");
            beat(&mut two).await;
            one.commit().await.expect("ok");
            two.commit().await.expect("ok");
        }
        let mut next = test.db.begin().await.expect("begins");
        let kept = beat(&mut next).await;
        assert_eq!(kept.id, first.id);
        let all = services::list(&mut next, &ServiceFilter::default()).await.expect("ok");
        assert_eq!(all.len(), 1, "{}", test.db.engine().name());
    }
}

#[tokio::test]
async fn a_message_is_for_its_project_and_goes_when_its_time_is_over() {
    for test in databases().await {
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let new = |project_id| NewMessage {
            project_id,
            request_id: "req-1",
            resource_uuid: "v",
            what: UserMessage {
                action: Action::ScheduleAllocateVolume,
                detail: Detail::NoValidBackend,
                subject: Subject::Volume,
            },
        };
        let ttl = Duration::from_secs(100);
        let id = messages::insert(tx, &new("p"), NOW, ttl).await.expect("ok");
        messages::insert(tx, &new("q"), at(1), ttl).await.expect("ok");
        let found = messages::get(tx, id, Some("p")).await.expect("ok").expect("there");
        assert_eq!(found.event_id, "VOLUME_VOLUME_001_003");
        assert_eq!((found.level.as_str(), found.expires_at), ("ERROR", Some(at(100))));
        assert_eq!(messages::get(tx, id, Some("q")).await.expect("ok"), None);
        assert_eq!(messages::get(tx, MessageId::random(), None).await.expect("ok"), None);
        let page = Page::default();
        let of_p = MessageFilter::of_project("p");
        let list = messages::list(tx, &of_p, &page).await.expect("ok").expect("page");
        assert_eq!(list, [found]);
        let none = of_p.and(MessageColumn::EventId, Test::Is("other".to_owned()));
        assert_eq!(messages::list(tx, &none, &page).await.expect("ok"), Some(vec![]));
        assert_eq!(messages::expire(tx, at(101), 0).await.expect("ok"), 0);
        assert_eq!(messages::expire(tx, at(101), 9).await.expect("ok"), 1);
        let all = MessageFilter::default();
        assert_eq!(messages::list(tx, &all, &page).await.expect("ok").map(|l| l.len()), Some(1));
        let id = messages::insert(tx, &new("p"), NOW, ttl).await.expect("ok");
        assert!(messages::destroy(tx, id, NOW).await.expect("ok"));
        assert!(!messages::destroy(tx, id, NOW).await.expect("ok"));
        assert_eq!(messages::get(tx, id, None).await.expect("ok"), None);
    }
}
