//! The tables on every engine: made, completed, refused, and the indexes that lists use.

mod empty;

use ashlar_db::migrate::{self, Action, CinderTables, MigrateError, Refusal, plan};
use ashlar_db::schema::{ashlar, cinder, render};
use ashlar_db::{Arg, Db, Engine, args, decisions, pools};
use ashlar_types::{Availability, Pool};
use empty::each_engine;

async fn count(db: &Db, sql: &str) -> i64 {
    let mut tx = db.read().await.expect("a connection");
    tx.row(sql, &[]).await.expect(sql).expect("a count has a row").get(0).expect("a number")
}

async fn run(db: &Db, statements: impl IntoIterator<Item = String>) {
    let mut tx = db.begin().await.expect("a transaction");
    for statement in statements {
        tx.execute(&statement, &[]).await.expect(&statement);
    }
    tx.commit().await.expect("committed");
}

#[tokio::test]
async fn a_sync_makes_every_table_and_a_second_one_changes_nothing() {
    for database in each_engine().await {
        let db = database.connect().await;
        assert!(matches!(migrate::require_current(&db).await, Err(MigrateError::Behind(_))));
        let report = migrate::sync(&db).await.expect("a first sync");
        assert_eq!(report.before.cinder, CinderTables::Absent);
        assert!(report.after.is_current());
        let tables = cinder::TABLES.iter().copied();
        for table in tables.chain(ashlar::STEPS.iter().flat_map(|step| step.tables).copied()) {
            let name = render::quote(db.engine(), table.name);
            count(&db, &format!("SELECT COUNT(*) FROM {name}")).await;
        }
        assert_eq!(count(&db, "SELECT COUNT(*) FROM quota_classes").await, 0);
        assert_eq!(
            count(&db, "SELECT COUNT(*) FROM volume_types WHERE name = '__DEFAULT__'").await,
            1
        );
        assert!(migrate::sync(&db).await.expect("a second sync").is_unchanged());
        migrate::require_current(&db).await.expect("nothing is missing");
        database.destroy(db).await;
    }
}

#[tokio::test]
async fn syncs_at_once_make_the_tables_once() {
    for database in each_engine().await {
        let one = async || {
            let db = database.connect().await;
            let report = migrate::sync(&db).await.expect("a sync among others");
            db.close().await;
            report
        };
        let reports = tokio::join!(one(), one(), one(), one(), one());
        let reports = [reports.0, reports.1, reports.2, reports.3, reports.4];
        assert_eq!(reports.iter().filter(|report| !report.is_unchanged()).count(), 1);
        let db = database.connect().await;
        assert_eq!(count(&db, "SELECT COUNT(*) FROM volume_types").await, 1);
        database.destroy(db).await;
    }
}

#[tokio::test]
async fn a_sync_cut_short_is_finished_by_the_next() {
    for database in each_engine().await {
        let db = database.connect().await;
        let found = migrate::version(&db).await.expect("a version");
        // as far as a sync on MySQL, where each statement is permanent at once, may have come
        let actions = plan::plan(db.engine(), &found, &migrate::found::Names::default());
        let done = actions.into_iter().take(20).map(|action| match action {
            Action::Run(statement) => statement,
            Action::Record(0) => "INSERT INTO ashlar_schema VALUES (0, 1)".to_owned(),
            other => panic!("{other:?} is not among the first"),
        });
        run(&db, done).await;
        let report = migrate::sync(&db).await.expect("a sync that goes on");
        assert_eq!(report.before.cinder, CinderTables::Begun);
        assert!(report.after.is_current());
        database.destroy(db).await;
    }
}

async fn make_cinders(db: &Db, revision: &str) {
    let tables = cinder::TABLES.iter().flat_map(|table| render::create_table(db.engine(), table));
    let write = format!("INSERT INTO alembic_version VALUES ('{revision}')");
    run(db, tables.chain([write])).await;
}

#[tokio::test]
async fn a_database_of_cinders_gets_our_tables_and_no_rows() {
    for database in each_engine().await {
        let db = database.connect().await;
        make_cinders(&db, cinder::REVISION).await;
        let report = migrate::sync(&db).await.expect("a sync on Cinder's tables");
        assert_eq!(report.before.ashlar, None);
        assert!(report.after.is_current());
        assert_eq!(count(&db, "SELECT COUNT(*) FROM volume_types").await, 0);
        assert_eq!(count(&db, "SELECT COUNT(*) FROM ashlar_flows").await, 0);
        database.destroy(db).await;
    }
}

#[tokio::test]
async fn an_older_revision_and_a_missing_one_are_refused_and_left_alone() {
    for database in each_engine().await {
        let db = database.connect().await;
        make_cinders(&db, cinder::OLDER_REVISIONS[0]).await;
        let refused = migrate::sync(&db).await.expect_err("too old");
        assert!(matches!(&refused, MigrateError::Refused(Refusal::Older { .. })), "{refused}");
        run(&db, ["DELETE FROM alembic_version".to_owned()]).await;
        let refused = migrate::sync(&db).await.expect_err("of no known revision");
        assert!(matches!(&refused, MigrateError::Refused(Refusal::Unversioned { .. })));
        let found = migrate::version(&db).await.expect("a version");
        assert_eq!(found.ashlar, None);
        // the refusals gave the lock back
        run(&db, [format!("INSERT INTO alembic_version VALUES ('{}')", cinder::REVISION)]).await;
        let other = database.connect().await;
        migrate::sync(&other).await.expect("a sync from another connection");
        other.close().await;
        database.destroy(db).await;
    }
}

/// A database as the first step of ours left it, with rows of operations under way.
async fn make_first_step(db: &Db) {
    make_cinders(db, cinder::REVISION).await;
    let found = migrate::version(db).await.expect("a version");
    let actions = plan::plan(db.engine(), &found, &migrate::found::Names::default());
    let first = actions.into_iter().map_while(|action| match action {
        Action::Run(statement) => Some(statement),
        Action::Seed | Action::Record(_) => None,
    });
    run(db, first).await;
    let flow = |id: &str, name: &str| {
        format!(
            "INSERT INTO ashlar_flows (id, name, version, state, log, direction, position, role, \
             resource_kind, resource_id, project_id, created_at, updated_at) VALUES \
             ('{id}', '{name}', 1, '{{}}', '[]', 'executing', 1, 'volume', 'volume', 'v', 'p', 1, 1)"
        )
    };
    let hold = |flow: &str, gib: u32| {
        format!(
            "INSERT INTO ashlar_holds (id, pool, flow_id, resource_id, gib, created_at) VALUES \
             ('{flow}', 'h@b#p', '{flow}', 'v', {gib}, 1)"
        )
    };
    let rows = [
        "INSERT INTO ashlar_schema VALUES (1, 1)".to_owned(),
        "INSERT INTO ashlar_pools (name, backend, availability_zone, stats, allocated, held, \
         volumes, version, reported_at) VALUES ('h@b#p', 'h@b', 'z', '{}', 9, 7, 3, 5, 1), \
         ('h@b#q', 'h@b', 'z', '{}', 0, 0, 0, 1, 1)"
            .to_owned(),
        flow("make", "create-volume"),
        hold("make", 3),
        flow("grow", "extend-volume"),
        hold("grow", 4),
        "INSERT INTO ashlar_decisions (id, flow_id, volume_id, attempt, verdict, created_at) \
         VALUES ('00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', \
         '00000000-0000-0000-0000-000000000003', 1, '[1]', 1)"
            .to_owned(),
    ];
    run(db, rows).await;
}

#[tokio::test]
async fn a_database_at_the_first_step_of_ours_is_brought_up_to_date_with_its_rows() {
    for database in each_engine().await {
        let db = database.connect().await;
        make_first_step(&db).await;
        assert!(matches!(migrate::require_current(&db).await, Err(MigrateError::Behind(_))));
        // As far as a sync on MySQL that was cut short may have come.
        let begun = render::add_column(db.engine(), "ashlar_pools", &ashlar::STEPS[1].columns[0].1);
        run(&db, [begun]).await;
        let report = migrate::sync(&db).await.expect("a sync");
        assert_eq!((report.before.ashlar, report.after.is_current()), (Some(1), true));
        assert!(migrate::sync(&db).await.expect("a second sync").is_unchanged());
        let mut tx = db.read().await.expect("a connection");
        let found = pools::list_all(&mut tx).await.expect("pools");
        let figures = |pool: &Pool| {
            (
                pool.allocated,
                pool.held,
                pool.unreported,
                pool.volumes,
                pool.making,
                pool.availability,
            )
        };
        let waits = Availability::Unreported;
        assert_eq!(figures(&found[0]), (9, 7, 7, 3, 1, waits), "{:?}", db.engine());
        assert_eq!(figures(&found[1]), (0, 0, 0, 0, 0, waits));
        let volume = "00000000-0000-0000-0000-000000000003".parse().expect("an id");
        let told = decisions::of_volume(&mut tx, volume).await.expect("decisions");
        assert_eq!(told[0].told, decisions::Told::Alone(serde_json::json!([1])));
        drop(tx);
        assert_eq!(
            count(&db, "SELECT COUNT(*) FROM ashlar_holds WHERE volumes = 1 AND gib = 3").await,
            1
        );
        assert_eq!(
            count(&db, "SELECT COUNT(*) FROM ashlar_holds WHERE volumes = 0 AND gib = 4").await,
            1
        );
        database.destroy(db).await;
    }
}

/// The engine's own account of how it would run a query.
async fn explain(db: &Db, query: &str) -> String {
    let mut tx = db.begin().await.expect("a transaction");
    let (before, explain, column) = match db.engine() {
        // the sync has written figures
        Engine::Sqlite => (&[][..], "EXPLAIN QUERY PLAN", 3),
        // a small table is read faster as a whole, which says nothing of a large one
        Engine::Postgres => {
            (&["ANALYZE volumes", "SET LOCAL enable_seqscan = off"][..], "EXPLAIN", 0)
        }
        Engine::Mysql => (&["ANALYZE TABLE volumes"][..], "EXPLAIN FORMAT=JSON", 0),
    };
    for statement in before {
        tx.rows(statement, &[]).await.expect(statement);
    }
    let rows = tx.rows(&format!("{explain} {query}"), &[]).await.expect(query);
    let lines = rows.iter().map(|row| row.get::<String>(column).expect("a line of the plan"));
    lines.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn lists_and_look_ups_by_name_use_an_index_and_sort_nothing() {
    for database in each_engine().await {
        let db = database.connect().await;
        migrate::sync(&db).await.expect("a sync");
        fill(&db).await;
        let cases = [
            (
                "ashlar_ix_volumes_project",
                "SELECT * FROM volumes WHERE project_id = 'p1' AND deleted = FALSE \
                 ORDER BY created_at DESC, id DESC LIMIT 10",
            ),
            (
                "ashlar_ix_volumes_created",
                "SELECT * FROM volumes WHERE deleted = FALSE \
                 ORDER BY created_at DESC, id DESC LIMIT 10",
            ),
            (
                "ashlar_ix_volumes_name",
                "SELECT * FROM volumes WHERE project_id = 'p1' AND display_name = 'v7'",
            ),
        ];
        for (index, query) in cases {
            let plan = explain(&db, query).await;
            assert!(plan.contains(index), "{:?}: {query}\n{plan}", db.engine());
            for sorting in ["Sort", "filesort", "TEMP B-TREE"] {
                assert!(!plan.contains(sorting), "{:?}: {query}\n{plan}", db.engine());
            }
        }
        database.destroy(db).await;
    }
}

/// SQLite would take `deleted` or `finished` for the better way: it has no figures but those that a sync writes.
#[tokio::test]
async fn rows_that_are_named_are_found_by_their_names_and_claims_in_their_order_on_sqlite() {
    for database in each_engine().await {
        let db = database.connect().await;
        migrate::sync(&db).await.expect("a sync");
        if db.engine() == Engine::Sqlite {
            let ids = vec!["'id'"; 64].join(", ");
            let named = [
                (
                    "volumes",
                    format!(
                        "UPDATE volumes SET host = 'h' WHERE id IN ({ids}) AND deleted = FALSE"
                    ),
                ),
                (
                    "snapshots",
                    format!("SELECT * FROM snapshots WHERE id IN ({ids}) AND deleted = FALSE"),
                ),
                (
                    "ashlar_flows",
                    format!(
                        "SELECT id FROM ashlar_flows WHERE id IN ({ids}) AND finished = FALSE AND position = 1"
                    ),
                ),
            ];
            for (table, query) in named {
                let plan = explain(&db, &query).await;
                let key = format!("sqlite_autoindex_{table}_1 (id=?)");
                assert!(plan.contains(&key), "{query}\n{plan}");
            }
            // What is under way is little beside what was done in a day.
            for query in [
                "SELECT DISTINCT resource_id FROM ashlar_flows WHERE finished = FALSE AND name = 'n'",
                "SELECT id FROM ashlar_flows WHERE finished = FALSE AND progress IS NOT NULL ORDER BY id LIMIT 9",
                "SELECT name, direction, COUNT(*) FROM ashlar_flows WHERE finished = FALSE \
                 GROUP BY name, direction ORDER BY name, direction",
            ] {
                let plan = explain(&db, query).await;
                assert!(plan.contains("(finished=?)") && !plan.contains("SCAN"), "{query}\n{plan}");
            }
            let groupless = "SELECT * FROM volumes WHERE project_id = 'p' AND deleted = FALSE AND \
                             +group_id IS NULL ORDER BY created_at DESC, id DESC LIMIT 9";
            let plan = explain(&db, groupless).await;
            assert!(plan.contains("ashlar_ix_volumes_project"), "{plan}");
            let claim = "SELECT id, state FROM ashlar_flows WHERE finished = FALSE AND role = 'scheduler' AND \
                         target IS NULL AND not_before <= 5 AND claimed_until < 5 ORDER BY not_before LIMIT 64";
            let plan = explain(&db, claim).await;
            assert!(plan.contains("target=? AND not_before<?"), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
        database.destroy(db).await;
    }
}

/// Two thousand volumes in twenty projects.
async fn fill(db: &Db) {
    let mut tx = db.begin().await.expect("a transaction");
    for chunk in 0..20 {
        let mut row_args: Vec<Arg<'_>> = Vec::new();
        for number in (chunk * 100)..(chunk * 100 + 100) {
            let moment = ashlar_types::Timestamp::from_micros(1_000_000 * i64::from(number));
            let (project, name) = (format!("p{}", number % 20), format!("v{number}"));
            row_args.extend_from_slice(args![
                ashlar_types::VolumeId::random(),
                project,
                name,
                moment,
                ashlar_types::VolumeTypeId::random()
            ]);
        }
        let rows = vec!["(?, ?, ?, ?, ?, FALSE)"; 100].join(", ");
        let sql = format!(
            "INSERT INTO volumes (id, project_id, display_name, created_at, volume_type_id, deleted) \
             VALUES {rows}"
        );
        tx.execute(&sql, &row_args).await.expect("rows");
    }
    tx.commit().await.expect("committed");
}
