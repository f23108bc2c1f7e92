//! Lists: every row once, in order, whatever the page; filters mean what they say; indexes are used.

use ashlar_db::listing::{Comparison, Direction, Page, Test};
use ashlar_db::snapshot_details::{self, SnapshotColumn, SnapshotFilter, SnapshotPage};
use ashlar_db::testing::{TestDb, databases, sqlite};
use ashlar_db::volume_details::{self, VolumeColumn, VolumeFilter, VolumePage};
use ashlar_db::{args, metadata, transact, volumes};
use ashlar_types::{Gib, PoolName, Volume, VolumeId};

use crate::made::{
    NOW, at, insert, insert_snapshot, insert_type, pairs, snapshot, volume, volume_type,
};

async fn names(test: &TestDb, filter: &VolumeFilter) -> Vec<String> {
    let mut tx = test.db.read().await.expect("reads");
    let page = VolumePage { sort: vec![(VolumeColumn::Name, Direction::Asc)], ..Page::default() };
    let found = volume_details::list(&mut tx, filter, &page).await.expect("ok").expect("a page");
    let count = volume_details::count(&mut tx, filter).await.expect("ok");
    assert_eq!(count, found.len() as u64, "{filter:?}");
    let mut names: Vec<_> =
        found.into_iter().map(|detail| detail.volume.name.unwrap_or_default()).collect();
    // Each engine has its own idea of the order of signs.
    names.sort();
    names
}

fn named(name: &str) -> Volume {
    let mut v = volume("p");
    v.name = Some(name.to_owned());
    v
}

/// What the pages of `size` rows, one after the other, have.
async fn paged(test: &TestDb, sort: &[(VolumeColumn, Direction)], size: u64) -> Vec<VolumeId> {
    let mut tx = test.db.read().await.expect("reads");
    let filter = VolumeFilter::of_project("p");
    let mut page = VolumePage { sort: sort.to_vec(), limit: Some(size), ..Page::default() };
    let mut seen = Vec::new();
    loop {
        let found = volume_details::list_summary(&mut tx, &filter, &page).await;
        let found = found.expect("ok").expect("the marker is there");
        let Some((last, _)) = found.last() else { return seen };
        page.marker = Some(last.to_string());
        seen.extend(found.into_iter().map(|(id, _)| id));
    }
}

#[tokio::test]
async fn pages_hold_every_row_once_in_order_with_ties_and_nulls() {
    use Direction::{Asc, Desc};
    use VolumeColumn::{Bootable, CreatedAt, Id, LaunchedAt, Name, Size};
    for test in databases().await {
        for number in 0..23_u64 {
            let mut v = volume("p");
            v.name = (number % 3 != 0).then(|| format!("n{}", number % 4));
            v.size = Gib(number % 2);
            v.launched_at = (number % 5 != 0).then(|| at(number % 6));
            v.created_at = at(number / 4);
            insert(&test, &v).await;
        }
        insert(&test, &volume("other")).await;
        for sort in [
            vec![],
            vec![(Name, Asc)],
            vec![(Name, Desc)],
            vec![(LaunchedAt, Asc), (Name, Desc)],
            vec![(LaunchedAt, Desc), (Size, Asc), (Name, Asc)],
            vec![(CreatedAt, Asc)],
            vec![(Bootable, Desc), (Size, Desc)],
            vec![(Id, Asc)],
        ] {
            let whole = paged(&test, &sort, 1000).await;
            assert_eq!(whole.len(), 23);
            for size in [1, 2, 7, 22, 23] {
                assert_eq!(paged(&test, &sort, size).await, whole, "{sort:?} {:?}", test.db);
            }
        }
        let mut tx = test.db.read().await.expect("reads");
        let by_name = VolumePage { sort: vec![(Name, Asc)], ..Page::default() };
        let filter = VolumeFilter::of_project("p");
        let all = volume_details::list_summary(&mut tx, &filter, &by_name).await;
        let all: Vec<_> =
            all.expect("ok").expect("page").into_iter().map(|(_, name)| name).collect();
        assert!(all.is_sorted(), "NULL comes first when smaller comes first: {all:?}");
    }
}

#[tokio::test]
async fn an_offset_counts_after_the_marker_and_an_unknown_marker_is_told() {
    for test in databases().await {
        let mut ids = Vec::new();
        for number in 0..5 {
            let mut v = volume("p");
            v.created_at = at(number);
            insert(&test, &v).await;
            ids.insert(0, v.id);
        }
        let mut other = volume("other");
        other.created_at = at(9);
        insert(&test, &other).await;
        let mut tx = test.db.read().await.expect("reads");
        let filter = VolumeFilter::of_project("p");
        let mut list = async |page: VolumePage| {
            let found = volume_details::list(&mut tx, &filter, &page).await.expect("ok");
            found.map(|found| found.into_iter().map(|d| d.volume.id).collect::<Vec<_>>())
        };
        let marker = Some(ids[0].to_string());
        let page = VolumePage { offset: 1, marker: marker.clone(), ..Page::default() };
        assert_eq!(list(page).await, Some(ids[2..].to_vec()));
        let page = VolumePage { offset: 1, limit: Some(2), marker, ..Page::default() };
        assert_eq!(list(page).await, Some(ids[2..4].to_vec()));
        assert_eq!(list(VolumePage::first(0)).await, Some(Vec::new()));
        for marker in [VolumeId::random().to_string(), other.id.to_string(), "' OR 1=1".into()] {
            let page = VolumePage { marker: Some(marker), ..Page::default() };
            assert_eq!(list(page).await, None);
        }
    }
}

#[tokio::test]
async fn a_filter_finds_what_it_says_and_no_text_is_taken_for_sql() {
    for test in databases().await {
        let mut a = named("a_100%");
        a.host = Some(PoolName("n1@b#p".into()));
        a.bootable = true;
        a.updated_at = Some(at(5));
        let mut b = named("ab100x");
        b.host = Some(PoolName("n1@b2#p".into()));
        b.size = Gib(7);
        let mut c = named("c' --");
        c.host = None;
        c.availability_zone = Some("z2".into());
        let mut target = named("target");
        target.migration_status = Some("target:123".into());
        let mut d = named("d");
        d.project_id = "other".into();
        for v in [&a, &b, &c, &target, &d] {
            insert(&test, v).await;
        }
        let mut tx = test.db.begin().await.expect("begins");
        let data = pairs(&[("k", "v"), ("x", "y")]);
        metadata::insert(&mut tx, metadata::Of::Volume(a.id), &data, NOW).await.expect("ok");
        let admin = pairs(&[("readonly", "True")]);
        metadata::insert(&mut tx, metadata::Of::VolumeAdmin(b.id), &admin, NOW).await.expect("ok");
        metadata::insert(&mut tx, metadata::Of::VolumeImage(b.id), &data, NOW).await.expect("ok");
        tx.commit().await.expect("ok");
        use VolumeColumn as C;
        let all = VolumeFilter::default;
        let is = |text: &str| Test::Is(text.to_owned());
        let cases: Vec<(VolumeFilter, &[&str])> = vec![
            (all(), &["a_100%", "ab100x", "c' --", "d"]),
            (VolumeFilter::of_project("p"), &["a_100%", "ab100x", "c' --"]),
            (all().and(C::Name, is("c' --")), &["c' --"]),
            (all().and(C::Name, Test::Contains("_100%".into())), &["a_100%"]),
            (all().and(C::Size, Test::Contains("7".into())), &["ab100x"]),
            (all().and(C::Size, is("7")), &["ab100x"]),
            (all().and(C::Size, is("seven")), &[]),
            (all().and(C::Bootable, is("True")), &["a_100%"]),
            (all().and(C::Bootable, is("perhaps")), &[]),
            (
                all().and(C::Name, Test::In(vec!["d".into(), "a_100%".into(), "?".into()])),
                &["a_100%", "d"],
            ),
            (all().and(C::Name, Test::In(vec![])), &[]),
            (all().and(C::Host, Test::Null(true)), &["c' --"]),
            (all().and(C::UpdatedAt, Test::Time(Comparison::Gte, at(5))), &["a_100%"]),
            (all().and(C::UpdatedAt, Test::Time(Comparison::Lt, at(5))), &[]),
            (
                all()
                    .and(C::CreatedAt, Test::Time(Comparison::Lte, NOW))
                    .and(C::CreatedAt, Test::Time(Comparison::Neq, at(1)))
                    .and(C::ProjectId, is("other")),
                &["d"],
            ),
            (VolumeFilter { host: Some("n1@b".into()), ..all() }, &["a_100%"]),
            (VolumeFilter { host: Some("n1".into()), ..all() }, &["a_100%", "ab100x"]),
            (VolumeFilter { availability_zone: Some("z2".into()), ..all() }, &["c' --"]),
            (VolumeFilter { metadata: data.clone(), ..all() }, &["a_100%"]),
            (VolumeFilter { metadata: pairs(&[("k", "other")]), ..all() }, &[]),
            (VolumeFilter { metadata: admin, ..all() }, &["ab100x"]),
            (VolumeFilter { image_metadata: data, ..all() }, &["ab100x"]),
        ];
        for (filter, expected) in cases {
            assert_eq!(names(&test, &filter).await, expected, "{filter:?} {:?}", test.db);
        }
        let mut tx = test.db.read().await.expect("reads");
        let summary = volume_details::summary(&mut tx, &VolumeFilter::of_project("p")).await;
        let summary = summary.expect("ok");
        assert_eq!((summary.count, summary.total_size), (3, 9));
        assert_eq!(summary.metadata["k"].iter().collect::<Vec<_>>(), ["v"]);
    }
}

#[tokio::test]
async fn a_page_of_details_has_each_volumes_own_children() {
    for test in databases().await {
        let gold = volume_type("gold");
        insert_type(&test, &gold).await;
        for number in 0..5_usize {
            let mut v = named(&format!("v{number}"));
            v.volume_type_id = number.is_multiple_of(2).then_some(gold.id).or(v.volume_type_id);
            let data = pairs(&[("number", &number.to_string())]);
            let stored = transact!(test.db, tx => volumes::insert(tx, &v, &data).await);
            stored.expect("stored");
            let attached = "INSERT INTO volume_attachment (id, volume_id, deleted, mountpoint) \
                 VALUES (?, ?, FALSE, ?)";
            for _ in 0..number {
                let values = args![VolumeId::random(), v.id, format!("/dev/{number}")];
                crate::made::run(&test, attached, values).await;
            }
        }
        let mut tx = test.db.read().await.expect("reads");
        let filter = VolumeFilter::of_project("p");
        let page = VolumePage::first(4);
        let found = volume_details::list(&mut tx, &filter, &page).await.expect("ok").expect("page");
        assert_eq!(found.len(), 4);
        for detail in found {
            let number: usize = detail.metadata["number"].parse().expect("a number");
            assert_eq!(detail.volume.name, Some(format!("v{number}")));
            assert_eq!(detail.attachments.len(), number);
            assert!(detail.attachments.iter().all(|a| a.volume_id == detail.volume.id));
            assert_eq!(detail.type_name.as_deref(), number.is_multiple_of(2).then_some("gold"));
        }
    }
}

#[tokio::test]
async fn snapshots_are_listed_by_their_own_columns_and_their_volumes_place() {
    for test in databases().await {
        let (mut here, mut there) = (volume("p"), volume("p"));
        here.host = Some(PoolName("n1@b#p".into()));
        there.availability_zone = Some("z2".into());
        insert(&test, &here).await;
        insert(&test, &there).await;
        let (one, mut two) = (snapshot(&here), snapshot(&there));
        two.created_at = at(1);
        insert_snapshot(&test, &one).await;
        insert_snapshot(&test, &two).await;
        let mut tx = test.db.begin().await.expect("begins");
        let of = metadata::Of::Snapshot(two.id);
        metadata::insert(&mut tx, of, &pairs(&[("k", "v")]), NOW).await.expect("ok");
        let mut ids = async |filter: SnapshotFilter| {
            let page = SnapshotPage::default();
            let found = snapshot_details::list(&mut tx, &filter, &page).await;
            let found = found.expect("ok").expect("page");
            let count = snapshot_details::count(&mut tx, &filter).await.expect("ok");
            assert_eq!(count, found.len() as u64);
            found.into_iter().map(|detail| detail.snapshot.id).collect::<Vec<_>>()
        };
        let all = SnapshotFilter::default;
        assert_eq!(ids(all()).await, [two.id, one.id], "newest first");
        assert_eq!(ids(SnapshotFilter { host: Some("n1".into()), ..all() }).await, [one.id]);
        let zone = SnapshotFilter { availability_zone: Some("z2".into()), ..all() };
        assert_eq!(ids(zone).await, [two.id]);
        let data = SnapshotFilter { metadata: pairs(&[("k", "v")]), ..all() };
        assert_eq!(ids(data).await, [two.id]);
        let of = all().and(SnapshotColumn::VolumeId, Test::Is(here.id.to_string()));
        assert_eq!(ids(of).await, [one.id]);
        let detail = snapshot_details::get(&mut tx, two.id).await.expect("ok").expect("there");
        assert_eq!((detail.snapshot, detail.metadata), (two, pairs(&[("k", "v")])));
    }
}

#[tokio::test]
async fn lists_of_a_project_and_names_are_found_by_index() {
    let test = sqlite().await;
    let mut tx = test.db.read().await.expect("reads");
    let mut plan = async |sql: &str, values: &[ashlar_db::Arg<'_>]| {
        let rows = tx.rows(&format!("EXPLAIN QUERY PLAN {sql}"), values).await.expect("a plan");
        let texts: Result<Vec<String>, _> = rows.into_iter().map(|mut row| row.take(3)).collect();
        texts.expect("texts").join("; ")
    };
    let always = "t.deleted = FALSE AND (t.migration_status IS NULL OR t.migration_status NOT LIKE \
         'target:%')";
    let of_project = plan(
        &format!(
            "SELECT t.id FROM volumes t WHERE {always} AND t.project_id = ? AND t.created_at <= ? \
             AND ((t.created_at < ?) OR (t.created_at = ? AND t.id < ?)) ORDER BY t.created_at \
             DESC, t.id DESC LIMIT ?"
        ),
        args!["p", NOW, NOW, NOW, "x", 1_i64],
    )
    .await;
    assert!(of_project.contains("INDEX ashlar_ix_volumes_project"), "{of_project}");
    assert!(!of_project.contains("TEMP B-TREE"), "no sorting: {of_project}");
    let of_all = plan(
        &format!("SELECT t.id FROM volumes t WHERE {always} ORDER BY t.created_at DESC, t.id DESC"),
        &[],
    )
    .await;
    assert!(of_all.contains("INDEX ashlar_ix_volumes_created"), "{of_all}");
    assert!(!of_all.contains("TEMP B-TREE"), "no sorting: {of_all}");
    let by_name = plan(
        &format!(
            "SELECT t.id FROM volumes t WHERE +{always} AND t.project_id = ? AND t.display_name = ? \
             ORDER BY +t.created_at DESC, t.id DESC"
        ),
        args!["p", "n"],
    )
    .await;
    assert!(by_name.contains("INDEX ashlar_ix_volumes_name"), "{by_name}");
    for (table, owner) in [
        ("volume_metadata", "volume_id"),
        ("volume_admin_metadata", "volume_id"),
        ("volume_glance_metadata", "volume_id"),
        ("volume_attachment", "volume_id"),
        ("snapshot_metadata", "snapshot_id"),
    ] {
        let sql = format!("SELECT * FROM {table} WHERE {owner} IN (?, ?) AND deleted = FALSE");
        let children = plan(&sql, args!["a", "b"]).await;
        assert!(children.contains(&format!("ix_{table}_{owner}")), "{children}");
    }
}
