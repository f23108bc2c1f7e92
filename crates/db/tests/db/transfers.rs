//! Offers of volumes: whose they are, what becomes of what is offered, and how lists find them.

use ashlar_db::listing::{Direction, Test};
use ashlar_db::testing::{databases, sqlite};
use ashlar_db::transfers::{self, Seal, TransferColumn, TransferFilter, TransferPage};
use ashlar_db::{args, snapshots, volumes};
use ashlar_types::{Snapshot, Transfer, TransferId, Volume, VolumeStatus};

use crate::made::{NOW, at, insert, insert_snapshot, snapshot, volume};

fn offer(volume: &Volume, name: &str) -> Transfer {
    Transfer {
        id: TransferId::random(),
        volume_id: volume.id,
        name: Some(name.to_owned()),
        no_snapshots: true,
        source_project_id: Some(volume.project_id.clone()),
        destination_project_id: None,
        accepted: false,
        created_at: Some(NOW),
    }
}

fn seal() -> Seal {
    Seal { salt: "salt".to_owned(), crypt_hash: "hash".to_owned() }
}

fn awaiting(project: &str) -> Volume {
    Volume { status: VolumeStatus::AwaitingTransfer, ..volume(project) }
}

#[tokio::test]
async fn an_offer_is_found_by_its_projects_until_it_is_over() {
    for test in databases().await {
        let (mine, other) = (awaiting("p"), awaiting("q"));
        insert(&test, &mine).await;
        insert(&test, &other).await;
        let (one, two) = (offer(&mine, "one"), offer(&other, "two"));
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        transfers::insert(tx, &one, &seal(), NOW).await.expect("ok");
        transfers::insert(tx, &two, &seal(), at(1)).await.expect("ok");
        assert_eq!(transfers::get(tx, one.id, Some("p")).await.expect("ok"), Some(one.clone()));
        assert_eq!(transfers::get(tx, one.id, Some("q")).await.expect("ok"), None);
        assert!(transfers::get(tx, one.id, None).await.expect("ok").is_some());
        let locked = transfers::get_for_update(tx, one.id).await.expect("ok");
        assert_eq!(locked, Some((one.clone(), seal())));

        let sort = vec![(TransferColumn::CreatedAt, Direction::Asc)];
        let page = TransferPage { sort, ..TransferPage::default() };
        let named = TransferFilter::default().and(TransferColumn::Name, Test::Is("two".into()));
        for (filter, wanted) in [
            (TransferFilter::default(), vec![one.id, two.id]),
            (TransferFilter::of_project("q"), vec![two.id]),
            (named, vec![two.id]),
        ] {
            let found = transfers::list(tx, &filter, &page).await.expect("ok").expect("page");
            let ids: Vec<_> = found.iter().map(|found| found.id).collect();
            assert_eq!(ids, wanted, "{filter:?}");
        }

        assert!(transfers::accept(tx, one.id, "r", NOW).await.expect("ok"));
        assert!(!transfers::accept(tx, one.id, "r", NOW).await.expect("ok"));
        assert_eq!(transfers::get_for_update(tx, one.id).await.expect("ok"), None);
        assert!(transfers::destroy(tx, two.id, NOW).await.expect("ok"));
        assert!(!transfers::destroy(tx, two.id, NOW).await.expect("ok"));
        let every = TransferFilter::default();
        assert_eq!(transfers::list(tx, &every, &page).await.expect("ok"), Some(vec![]));
    }
}

#[tokio::test]
async fn a_volume_changes_hands_with_its_snapshots_only_while_it_is_offered() {
    for test in databases().await {
        let (offered, kept) = (awaiting("p"), volume("p"));
        insert(&test, &offered).await;
        insert(&test, &kept).await;
        let (one, other) = (snapshot(&offered), snapshot(&kept));
        let stayed = Snapshot { project_id: "s".to_owned(), ..snapshot(&offered) };
        for snapshot in [&one, &other, &stayed] {
            insert_snapshot(&test, snapshot).await;
        }
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let owner = ("q", "somebody");
        assert!(!transfers::give_volume(tx, kept.id, owner, NOW).await.expect("ok"));
        assert!(transfers::give_volume(tx, offered.id, owner, NOW).await.expect("ok"));
        assert!(!transfers::give_volume(tx, offered.id, ("r", "x"), NOW).await.expect("ok"));
        let now = volumes::get(tx, offered.id).await.expect("ok").expect("there");
        assert_eq!((now.project_id.as_str(), now.user_id.as_str()), owner);
        assert_eq!(now.status, VolumeStatus::Available);

        let locked = transfers::snapshots_for_update(tx, offered.id).await.expect("ok");
        let mut both = [one.clone(), stayed.clone()];
        both.sort_unstable_by_key(|snapshot| snapshot.id);
        assert_eq!(locked, both);
        transfers::give_snapshots(tx, offered.id, ("p", owner), NOW).await.expect("ok");
        let now = snapshots::get(tx, one.id).await.expect("ok").expect("there");
        assert_eq!((now.project_id.as_str(), now.user_id.as_str()), owner);
        for untouched in [other, stayed] {
            let now = snapshots::get(tx, untouched.id).await.expect("ok");
            assert_eq!(now, Some(untouched));
        }
    }
}

/// Offers that are over stay as rows: a list must not read them.
#[tokio::test]
async fn a_list_reads_open_offers_in_order() {
    let test = sqlite().await;
    let mut tx = test.db.read().await.expect("reads");
    let sql = "EXPLAIN QUERY PLAN SELECT t.id FROM transfers t WHERE t.deleted = FALSE AND EXISTS \
               (SELECT 1 FROM volumes v WHERE v.id = t.volume_id AND v.project_id = ?) ORDER BY \
               t.created_at DESC, t.id DESC LIMIT ?";
    let rows = tx.rows(sql, args!["p", 1_i64]).await.expect("a plan");
    let texts: Result<Vec<String>, _> = rows.into_iter().map(|mut row| row.take(3)).collect();
    let plan = texts.expect("texts").join("; ");
    assert!(plan.contains("INDEX ashlar_ix_transfers_created"), "{plan}");
    assert!(!plan.contains("TEMP B-TREE"), "no sorting: {plan}");
}
