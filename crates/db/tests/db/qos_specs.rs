//! QoS specs, who has them, and what lies on a host.

use ashlar_db::host_usage::{self, HostUsage};
use ashlar_db::qos_specs::{
    self, Associated, Destroyed, QosColumn, QosFilter, QosPage, Removed, specs_for_hosts,
};
use ashlar_db::testing::{TestDb, databases};
use ashlar_db::volume_types;
use ashlar_db::{DbError, transact};
use ashlar_types::{BackendName, Gib, PoolName, QosConsumer, QosSpecs, QosSpecsId, VolumeTypeId};

use crate::made::{
    NOW, at, insert, insert_snapshot, insert_type, pairs, snapshot, volume, volume_type,
};

fn made(name: &str, keys: &[(&str, &str)]) -> QosSpecs {
    let specs = pairs(keys).into_iter().map(|(key, value)| (key, Some(value))).collect();
    QosSpecs {
        id: QosSpecsId::random(),
        name: name.to_owned(),
        consumer: QosConsumer::FrontEnd,
        specs,
        created_at: Some(NOW),
    }
}

async fn store(test: &TestDb, made: &QosSpecs) -> Result<(), DbError> {
    transact!(test.db, tx => qos_specs::insert(tx, made, NOW).await)
}

#[tokio::test]
async fn specs_are_read_back_changed_and_removed() {
    for test in databases().await {
        let mut gold = made("gold", &[("iops", "5"), ("bytes", "7")]);
        gold.specs.insert("nothing".to_owned(), None);
        store(&test, &gold).await.expect("stored");
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        assert_eq!(qos_specs::get(tx, gold.id).await.expect("ok"), Some(gold.clone()));
        let change = [("iops".to_owned(), None), ("new".to_owned(), Some("1".to_owned()))].into();
        let count = qos_specs::merge(tx, gold.id, &change, Some(QosConsumer::BackEnd), at(1)).await;
        assert_eq!(count.expect("ok"), Some(4));
        assert_eq!(specs_for_hosts(tx, &gold.id.to_string()).await.expect("ok"), None);
        let both = Some(QosConsumer::Both);
        let count = qos_specs::merge(tx, gold.id, &Default::default(), both, at(1)).await;
        assert_eq!(count.expect("ok"), Some(4));
        let told = specs_for_hosts(tx, &gold.id.to_string()).await.expect("ok").expect("for hosts");
        assert_eq!(told["new"], "1");
        let mut remove = async |keys: &[&str]| {
            qos_specs::remove_keys(tx, gold.id, keys, at(2)).await.expect("the database works")
        };
        assert_eq!(remove(&["new", "none"]).await, Removed::NoKey("none".to_owned()));
        assert_eq!(remove(&["consumer"]).await, Removed::NoKey("consumer".to_owned()));
        assert_eq!(remove(&["new", "nothing", "iops"]).await, Removed::Done);
        let left = qos_specs::get(tx, gold.id).await.expect("ok").expect("there");
        assert_eq!(left.specs, [("bytes".to_owned(), Some("7".to_owned()))].into());
        assert_eq!(left.consumer, QosConsumer::Both);
        for expected in [Destroyed::Done, Destroyed::Gone] {
            let removed = qos_specs::destroy(tx, gold.id, false, at(3)).await;
            assert_eq!(removed.expect("ok"), expected);
        }
        assert_eq!(qos_specs::get(tx, gold.id).await.expect("ok"), None);
        let none = qos_specs::merge(tx, gold.id, &change, None, at(4)).await;
        assert_eq!(none.expect("ok"), None);
    }
}

#[tokio::test]
async fn a_name_is_taken_once_even_when_many_want_it_at_once() {
    for test in databases().await {
        let mut tasks = Vec::new();
        for _ in 0..8 {
            let db = test.db.clone();
            tasks.push(tokio::spawn(async move {
                let made = made("gold", &[("a", "b")]);
                let stored: Result<(), DbError> =
                    transact!(db, tx => qos_specs::insert(tx, &made, NOW).await);
                match stored {
                    Ok(()) => true,
                    Err(DbError::Duplicate(_)) => false,
                    Err(other) => panic!("{other:?}"),
                }
            }));
        }
        let mut stored = 0;
        for task in tasks {
            stored += usize::from(task.await.expect("ran"));
        }
        assert_eq!(stored, 1, "{:?}", test.db);
    }
}

#[tokio::test]
async fn a_type_has_one_set_of_specs_and_those_that_are_had_stay() {
    for test in databases().await {
        let (gold, silver) = (made("gold", &[]), made("silver", &[]));
        let (one, two) = (volume_type("one"), volume_type("two"));
        for specs in [&gold, &silver] {
            store(&test, specs).await.expect("stored");
        }
        for kind in [&one, &two] {
            insert_type(&test, kind).await;
        }
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let mut associate =
            async |id, to| qos_specs::associate(tx, id, to, at(1)).await.expect("works");
        for _ in 0..2 {
            assert_eq!(associate(gold.id, one.id).await, Associated::Done);
        }
        assert_eq!(associate(gold.id, two.id).await, Associated::Done);
        assert_eq!(associate(silver.id, one.id).await, Associated::Other(gold.id));
        assert_eq!(associate(gold.id, VolumeTypeId::random()).await, Associated::NoType);
        assert_eq!(associate(QosSpecsId::random(), one.id).await, Associated::NoSpecs);
        let found = qos_specs::associations(tx, gold.id).await.expect("ok");
        assert_eq!(found, [(one.id, "one".to_owned()), (two.id, "two".to_owned())]);
        let removed = qos_specs::destroy(tx, gold.id, false, at(2)).await.expect("ok");
        assert_eq!(removed, Destroyed::InUse);
        let done = qos_specs::disassociate(tx, silver.id, one.id, at(2)).await.expect("ok");
        assert_eq!(done, Associated::Done);
        assert_eq!(qos_specs::associations(tx, gold.id).await.expect("ok").len(), 2);
        let done = qos_specs::disassociate(tx, gold.id, one.id, at(2)).await.expect("ok");
        assert_eq!(done, Associated::Done);
        assert_eq!(qos_specs::associations(tx, gold.id).await.expect("ok").len(), 1);
        let removed = qos_specs::destroy(tx, gold.id, true, at(3)).await.expect("ok");
        assert_eq!(removed, Destroyed::Done);
        let free = volume_types::get(tx, two.id).await.expect("ok").expect("there");
        assert_eq!(free.qos_specs_id, None);
        assert!(qos_specs::disassociate_all(tx, silver.id, at(3)).await.expect("ok"));
        assert!(!qos_specs::disassociate_all(tx, gold.id, at(3)).await.expect("ok"));
    }
}

#[tokio::test]
async fn specs_and_their_association_do_not_miss_each_other() {
    for test in databases().await {
        for round in 0..8 {
            let specs = made(&format!("specs {round}"), &[("a", "b")]);
            let kind = volume_type(&format!("type {round}"));
            store(&test, &specs).await.expect("stored");
            insert_type(&test, &kind).await;
            let (one, two) = (test.db.clone(), test.db.clone());
            let (id, of) = (specs.id, kind.id);
            let associate = tokio::spawn(async move {
                let done: Result<Associated, DbError> =
                    transact!(one, tx => qos_specs::associate(tx, id, of, NOW).await);
                done.expect("works")
            });
            let destroy = tokio::spawn(async move {
                let done: Result<Destroyed, DbError> =
                    transact!(two, tx => qos_specs::destroy(tx, id, false, NOW).await);
                done.expect("works")
            });
            let came = (associate.await.expect("ran"), destroy.await.expect("ran"));
            let legal =
                [(Associated::Done, Destroyed::InUse), (Associated::NoSpecs, Destroyed::Done)];
            assert!(legal.contains(&came), "{came:?}");
        }
    }
}

#[tokio::test]
async fn rows_of_keys_are_no_specs_of_their_own() {
    for test in databases().await {
        let gold = made("gold", &[("iops", "5")]);
        store(&test, &gold).await.expect("stored");
        let mut tx = test.db.read().await.expect("reads");
        let tx = &mut tx;
        let sql = "SELECT id FROM quality_of_service_specs WHERE \"key\" = 'iops'";
        let mut row = tx.row(sql, &[]).await.expect("ok").expect("a row");
        let key: QosSpecsId = row.take(0).expect("an id");
        assert_eq!(qos_specs::get(tx, key).await.expect("ok"), None);
        let listed = qos_specs::list(tx, &QosFilter::default(), &QosPage::first(9)).await;
        assert_eq!(listed.expect("ok"), Some(vec![gold.clone()]));
        let behind = QosPage { marker: Some(key.to_string()), ..QosPage::first(9) };
        let listed = qos_specs::list(tx, &QosFilter::default(), &behind).await;
        assert_eq!(listed.expect("ok"), None);
        let mut filter = QosFilter::default();
        filter.metadata.insert("consumer".to_owned(), "front-end".to_owned());
        let page = QosPage {
            sort: vec![(QosColumn::Name, ashlar_db::listing::Direction::Asc)],
            ..QosPage::first(9)
        };
        let listed = qos_specs::list(tx, &filter, &page).await.expect("ok");
        assert_eq!(listed.map(|all| all.len()), Some(1));
    }
}

#[tokio::test]
async fn a_backend_tells_what_each_project_has_on_it() {
    for test in databases().await {
        let backend = BackendName("node@file".to_owned());
        let (mut one, mut two, mut other) = (volume("p"), volume("p"), volume("q"));
        one.size = Gib(3);
        two.host = Some(PoolName("node@file".to_owned()));
        other.host = Some(PoolName("node@file2#pool".to_owned()));
        for volume in [&one, &two, &other] {
            insert(&test, volume).await;
        }
        let mut taken = snapshot(&one);
        taken.volume_size = Gib(2);
        insert_snapshot(&test, &taken).await;
        let mut tx = test.db.read().await.expect("reads");
        let found = host_usage::of_backend(&mut tx, &backend).await.expect("ok");
        let usage = HostUsage { volumes: 2, volume_gib: 4, snapshots: 1, snapshot_gib: 2 };
        assert_eq!(found, [("p".to_owned(), usage)].into());
    }
}
