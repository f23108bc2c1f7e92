//! Volume types: who sees which, and none goes while it is needed.

use std::time::Duration;

use ashlar_db::listing::{Filter, Page};
use ashlar_db::quotas::{self, Limits};
use ashlar_db::testing::databases;
use ashlar_db::volume_types::{self, Destroyed, TypeChange, TypeFilter, Visibility};
use ashlar_db::{DbError, Tx, transact};
use ashlar_types::VolumeTypeId;

use crate::made::{NOW, at, insert, insert_type, pairs, run, volume, volume_type};

#[tokio::test]
async fn a_private_type_is_seen_by_whom_it_is_granted_to() {
    for test in databases().await {
        run(&test, "UPDATE volume_types SET deleted = TRUE", &[]).await;
        let public = volume_type("public");
        let mut private = volume_type("private");
        private.is_public = false;
        private.extra_specs.insert("multiattach".into(), Some("<is> True".into()));
        private.extra_specs.insert("RESKEY:availability_zones".into(), Some("az1, az2".into()));
        private.extra_specs.insert("nothing".into(), None);
        insert_type(&test, &public).await;
        insert_type(&test, &private).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let eyes = |project: &str| Visibility::Project(project.to_owned());
        assert!(volume_types::grant(tx, private.id, "p", NOW).await.expect("ok"));
        assert!(!volume_types::grant(tx, private.id, "p", NOW).await.expect("ok"));
        assert_eq!(volume_types::projects(tx, private.id).await.expect("ok"), ["p"]);
        let found = volume_types::get_visible(tx, private.id, &eyes("p")).await.expect("ok");
        assert_eq!(found.map(|t| t.extra_specs), Some(private.extra_specs.clone()));
        assert_eq!(volume_types::get_by_name(tx, "private", &eyes("q")).await.expect("ok"), None);
        let specs = pairs(&[("RESKEY:availability_zones", "az2"), ("multiattach", "<is> True")]);
        for (visibility, specs, expected) in [
            (eyes("p"), pairs(&[]), 2),
            (eyes("q"), pairs(&[]), 1),
            (Visibility::Private, pairs(&[]), 1),
            (Visibility::All, pairs(&[]), 2),
            (Visibility::All, specs.clone(), 1),
            (eyes("q"), specs, 0),
            (Visibility::All, pairs(&[("multiattach", "no")]), 0),
        ] {
            let filter =
                TypeFilter { visibility, columns: Filter { metadata: specs, ..Filter::default() } };
            let page = Page::default();
            let list = volume_types::list(tx, &filter, &page).await.expect("ok").expect("page");
            assert_eq!(list.len(), expected, "{filter:?}");
        }
        for _ in 0..2 {
            assert!(volume_types::revoke(tx, private.id, "p", NOW).await.expect("ok"));
            assert!(!volume_types::revoke(tx, private.id, "p", NOW).await.expect("ok"));
            assert!(volume_types::grant(tx, private.id, "p", NOW).await.expect("ok"));
        }
    }
}

#[tokio::test]
async fn a_name_is_taken_once_even_when_many_want_it_at_once() {
    for test in databases().await {
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let db = test.db.clone();
            tasks.push(tokio::spawn(async move {
                let made = volume_type("gold");
                let made: Result<(), DbError> =
                    transact!(db, tx => volume_types::insert(tx, &made, NOW).await);
                match made {
                    Ok(()) => true,
                    Err(DbError::Duplicate(_)) => false,
                    Err(other) => panic!("{other:?}"),
                }
            }));
        }
        let mut made = 0;
        for task in tasks {
            made += usize::from(task.await.expect("ran"));
        }
        assert_eq!(made, 1, "{:?}", test.db);
    }
}

#[tokio::test]
async fn a_type_is_changed_and_its_quota_and_specs_follow() {
    for test in databases().await {
        let (gold, silver) = (volume_type("gold"), volume_type("silver"));
        insert_type(&test, &gold).await;
        insert_type(&test, &silver).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        quotas::set_project_limit(tx, "p", "volumes_gold", 3, NOW).await.expect("ok");
        let change = TypeChange {
            name: Some("platinum"),
            description: Some(Some("best")),
            is_public: Some(false),
        };
        assert!(volume_types::update(tx, gold.id, &change, at(1)).await.expect("ok"));
        let now = volume_types::get(tx, gold.id).await.expect("ok").expect("there");
        assert_eq!((now.name.as_str(), now.is_public), ("platinum", false));
        assert_eq!((now.description.as_deref(), now.updated_at), (Some("best"), Some(at(1))));
        let limit = quotas::limit_of(tx, "p", "volumes_platinum", &Limits::default()).await;
        assert_eq!(limit.expect("ok"), 3);
        let taken = TypeChange { name: Some("silver"), ..TypeChange::default() };
        let refused = volume_types::update(tx, gold.id, &taken, at(1)).await.expect_err("taken");
        assert!(refused.is_duplicate());
        let none = VolumeTypeId::random();
        assert!(!volume_types::update(tx, none, &TypeChange::default(), NOW).await.expect("ok"));
        let specs = [("a".to_owned(), Some("1".to_owned())), ("b".to_owned(), None)];
        volume_types::merge_specs(tx, gold.id, &specs.into(), NOW).await.expect("ok");
        let specs = [("a".to_owned(), None), ("c".to_owned(), Some("3".to_owned()))];
        volume_types::merge_specs(tx, gold.id, &specs.into(), NOW).await.expect("ok");
        assert!(volume_types::remove_spec(tx, gold.id, "b", NOW).await.expect("ok"));
        assert!(!volume_types::remove_spec(tx, gold.id, "b", NOW).await.expect("ok"));
        let specs = volume_types::specs(tx, gold.id).await.expect("ok");
        let expected = [("a".to_owned(), None), ("c".to_owned(), Some("3".to_owned()))];
        assert_eq!(specs, expected.into());
        for id in [gold.id, silver.id, gold.id] {
            volume_types::set_default(tx, "p", id, NOW).await.expect("ok");
            let found = volume_types::default_of_project(tx, "p").await.expect("ok");
            assert_eq!(found, Some(id));
        }
        let all = volume_types::defaults(tx).await.expect("ok");
        assert_eq!(all, [("p".to_owned(), gold.id)]);
        assert!(volume_types::unset_default(tx, "p").await.expect("ok"));
        assert!(!volume_types::unset_default(tx, "p").await.expect("ok"));
        assert_eq!(volume_types::default_of_project(tx, "p").await.expect("ok"), None);
        volume_types::set_default(tx, "p", gold.id, NOW).await.expect("ok");
        let removed = volume_types::destroy(tx, gold.id, NOW).await.expect("ok");
        assert_eq!(removed, Destroyed::Default);
    }
}

#[tokio::test]
async fn a_type_in_use_and_the_last_one_stay() {
    for test in databases().await {
        run(&test, "UPDATE volume_types SET deleted = TRUE", &[]).await;
        let (gold, silver) = (volume_type("gold"), volume_type("silver"));
        insert_type(&test, &gold).await;
        insert_type(&test, &silver).await;
        let mut v = volume("p");
        v.volume_type_id = Some(gold.id);
        insert(&test, &v).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let mut destroy =
            async |id| volume_types::destroy(tx, id, NOW).await.expect("the database works");
        assert_eq!(destroy(gold.id).await, Destroyed::InUse);
        assert_eq!(destroy(VolumeTypeId::random()).await, Destroyed::Gone);
        assert_eq!(destroy(silver.id).await, Destroyed::Done);
        assert_eq!(destroy(silver.id).await, Destroyed::Gone);
        assert_eq!(destroy(gold.id).await, Destroyed::Last);
        let again = volume_type("silver");
        volume_types::insert(tx, &again, NOW).await.expect("the name is free again");
    }
}

#[tokio::test]
async fn quota_is_taken_under_the_name_that_a_type_has_then() {
    for test in databases().await {
        let old = volume_type("old");
        insert_type(&test, &old).await;
        let kept: Option<String> = {
            let mut tx = test.db.begin().await.expect("begins");
            let change = TypeChange { name: Some("new"), ..TypeChange::default() };
            assert!(volume_types::update(&mut tx, old.id, &change, NOW).await.expect("ok"));
            volume_types::keep_name(&mut tx, old.id).await.expect("ok")
        };
        assert_eq!(kept.as_deref(), Some("new"));
        let mut tx = test.db.begin().await.expect("begins");
        assert_eq!(
            volume_types::keep_name(&mut tx, VolumeTypeId::random()).await.expect("ok"),
            None
        );
    }
}

/// On SQLite the second begins when the first is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_renames_at_once_the_later_takes_the_quota_along() {
    for test in databases().await {
        let old = volume_type("old");
        insert_type(&test, &old).await;
        run(
            &test,
            "INSERT INTO quota_usages (deleted, project_id, resource, in_use, reserved) VALUES \
             (FALSE, 'p', 'volumes_old', 3, 0)",
            &[],
        )
        .await;
        let rename = async |tx: &mut Tx, name: &str| {
            let change = TypeChange { name: Some(name), ..TypeChange::default() };
            assert!(volume_types::update(tx, old.id, &change, NOW).await.expect("ok"));
        };
        let mut first = test.db.begin().await.expect("begins");
        rename(&mut first, "one").await;
        let second = async {
            let mut tx = test.db.begin().await.expect("begins");
            rename(&mut tx, "two").await;
            tx.commit().await.expect("stored");
        };
        let committing = async {
            tokio::time::sleep(Duration::from_millis(300)).await;
            first.commit().await.expect("stored");
        };
        futures::join!(second, committing);
        let mut tx = test.db.read().await.expect("reads");
        let used = quotas::usages(&mut tx, "p").await.expect("ok");
        let named: Vec<&str> = used.keys().map(String::as_str).collect();
        assert_eq!(named, ["volumes_two"], "{}", test.db.engine().name());
    }
}
