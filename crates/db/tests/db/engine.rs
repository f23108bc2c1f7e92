//! The engine itself: what was committed stays, what was not leaves nothing.

use ashlar_db::testing::{databases, sqlite};
use ashlar_db::{Arg, DbError, Engine, args, transact};
use ashlar_types::Timestamp;

use crate::made::{NOW, run};

const INSERT: &str = "INSERT INTO quota_classes (deleted, class_name, resource, hard_limit) VALUES \
     (FALSE, ?, ?, ?)";

async fn count(test: &ashlar_db::testing::TestDb) -> i64 {
    let mut tx = test.db.read().await.expect("reads");
    let row = tx.row("SELECT COUNT(*) FROM quota_classes WHERE class_name = 'c'", &[]).await;
    row.expect("counts").expect("one row").take(0).expect("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_many_writers_commit_at_once_is_all_there() {
    for test in databases().await {
        let mut tasks = Vec::new();
        for writer in 0..64_i64 {
            let db = test.db.clone();
            tasks.push(tokio::spawn(async move {
                for round in 0..10_i64 {
                    let done: Result<u64, DbError> = transact!(db, tx => tx.execute(
                        INSERT, args!["c", format!("{writer}.{round}"), round]
                    ).await);
                    done.expect("committed");
                }
            }));
        }
        for task in tasks {
            task.await.expect("ran");
        }
        assert_eq!(count(&test).await, 640, "{:?}", test.db);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_transaction_that_fails_among_others_leaves_nothing() {
    for test in databases().await {
        let mut tasks = Vec::new();
        for writer in 0..90_i64 {
            let db = test.db.clone();
            tasks.push(tokio::spawn(async move {
                let mut tx = db.begin().await.expect("begins");
                for part in 0..3_i64 {
                    let values = args!["c", format!("{writer}.{part}"), writer];
                    tx.execute(INSERT, values).await.expect("inserted");
                    tokio::task::yield_now().await;
                }
                match writer % 3 {
                    0 => tx.commit().await.expect("committed"),
                    1 => tx.rollback().await,
                    _ => {
                        tx.execute("INSERT INTO no_such_table VALUES (1)", &[])
                            .await
                            .expect_err("refused");
                        drop(tx);
                    }
                }
            }));
        }
        for task in tasks {
            task.await.expect("ran");
        }
        assert_eq!(count(&test).await, 90, "{:?}", test.db);
        let mut tx = test.db.read().await.expect("reads");
        let row = tx
            .row(
                "SELECT COUNT(*) FROM quota_classes WHERE class_name = 'c' AND hard_limit % 3 <> 0",
                &[],
            )
            .await;
        assert_eq!(row.expect("counts").expect("one row").take::<i64>(0).expect("number"), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cancelled_transaction_leaves_nothing_and_blocks_nobody() {
    for test in databases().await {
        for _ in 0..20 {
            let db = test.db.clone();
            let task = tokio::spawn(async move {
                let mut tx = db.begin().await.expect("begins");
                tx.execute(INSERT, args!["c", "never", 1_i64]).await.expect("inserted");
                std::future::pending::<()>().await;
            });
            tokio::task::yield_now().await;
            task.abort();
            drop(task.await);
        }
        run(&test, INSERT, args!["c", "kept", 1_i64]).await;
        assert_eq!(count(&test).await, 1, "{:?}", test.db);
    }
}

#[tokio::test]
async fn a_refused_statement_does_not_undo_its_neighbours_on_sqlite() {
    let test = sqlite().await;
    let mut tx = test.db.begin().await.expect("begins");
    let insert = "INSERT INTO services (uuid, report_count) VALUES (?, 0)";
    tx.execute(insert, args!["one"]).await.expect("inserted");
    let refused = tx.execute(insert, args!["one"]).await.expect_err("unique");
    assert!(refused.is_duplicate(), "{refused:?}");
    tx.execute(insert, args!["two"]).await.expect("inserted");
    tx.commit().await.expect("committed");
    let mut tx = test.db.read().await.expect("reads");
    let row = tx.row("SELECT COUNT(*) FROM services", &[]).await.expect("ok").expect("row");
    assert_eq!(row.get::<i64>(0).expect("number"), 2);
}

#[tokio::test]
async fn what_is_committed_is_read_by_another_connection_and_after_reopening() {
    let test = sqlite().await;
    run(&test, INSERT, args!["c", "kept", 1_i64]).await;
    let url = ashlar_db::DatabaseUrl::parse(&test.url).expect("the URL");
    let other = ashlar_db::Db::connect(&url, &ashlar_db::Options::default()).await.expect("opens");
    let mut tx = other.begin().await.expect("begins");
    tx.execute(INSERT, args!["c", "more", 2_i64]).await.expect("inserted");
    assert_eq!(count(&test).await, 1, "not before it is committed");
    tx.commit().await.expect("committed");
    assert_eq!(count(&test).await, 2);
}

#[tokio::test]
async fn every_kind_of_value_comes_back_as_it_went_in() {
    for test in databases().await {
        let moment = test.db.engine().storable(Timestamp::from_micros(NOW.micros() + 345_678));
        let long = "ß".repeat(40_000);
        let mut tx = test.db.begin().await.expect("begins");
        tx.execute(
            "INSERT INTO services (report_count, disabled, frozen, host, created_at, updated_at) \
             VALUES (?, ?, ?, ?, ?, ?)",
            args![-7_i64, true, None::<bool>, "ünï'?\"\\", moment, None::<Timestamp>],
        )
        .await
        .expect("inserted");
        let row = tx
            .row(
                "SELECT report_count, disabled, frozen, host, created_at, updated_at FROM services \
                 WHERE created_at = ?",
                args![moment],
            )
            .await
            .expect("reads")
            .expect("there");
        let mut row = row.reader();
        assert_eq!(row.next::<i64>().expect("number"), -7);
        assert!(row.next::<bool>().expect("truth"));
        assert_eq!(row.next::<Option<bool>>().expect("null"), None);
        assert_eq!(row.next::<String>().expect("text"), "ünï'?\"\\");
        assert_eq!(row.next::<Timestamp>().expect("moment"), moment);
        assert_eq!(row.next::<Option<Timestamp>>().expect("null"), None);
        assert!(row.next::<i64>().is_err(), "there are only six columns");
        tx.execute(
            "INSERT INTO ashlar_decisions (id, flow_id, volume_id, attempt, verdict, created_at) \
             VALUES ('d', 'f', 'v', 1, ?, ?)",
            args![&long, i64::MAX],
        )
        .await
        .expect("inserted");
        let sql = "SELECT verdict, created_at FROM ashlar_decisions WHERE id = ?";
        let mut row = tx.row(sql, &[Arg::from("d")]).await.expect("reads").expect("there");
        assert_eq!(row.take::<String>(0).expect("text"), long);
        assert_eq!(row.take::<i64>(1).expect("number"), i64::MAX);
    }
}

#[tokio::test]
async fn a_statement_tells_how_many_rows_it_found_even_if_they_stay_the_same() {
    for test in databases().await {
        run(&test, INSERT, args!["c", "r", 1_i64]).await;
        let same = "UPDATE quota_classes SET hard_limit = 1 WHERE class_name = 'c'";
        assert_eq!(run(&test, same, &[]).await, 1, "{:?}", test.db);
        assert_eq!(test.db.engine() == Engine::Sqlite, test.url.starts_with("sqlite"));
    }
}

/// Ends every other connection to this database, as a restart of the server does.
async fn cut_off(test: &ashlar_db::testing::TestDb) {
    let url = ashlar_db::DatabaseUrl::parse(&test.url).expect("a URL");
    let options = ashlar_db::Options { max_connections: 1, ..Default::default() };
    let other = ashlar_db::Db::connect(&url, &options).await.expect("connects");
    let mut tx = other.read().await.expect("a connection");
    match other.engine() {
        Engine::Sqlite => {}
        Engine::Postgres => {
            let sql = "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE \
                       datname = current_database() AND pid <> pg_backend_pid()";
            tx.rows(sql, &[]).await.expect("the user may");
        }
        Engine::Mysql => {
            let sql = "SELECT CAST(id AS SIGNED) FROM information_schema.processlist WHERE \
                       db = DATABASE() AND id <> CONNECTION_ID()";
            for mut row in tx.rows(sql, &[]).await.expect("the server's list") {
                let id: i64 = row.take(0).expect("a number");
                tx.execute(&format!("KILL CONNECTION {id}"), &[]).await.expect("the user may");
            }
        }
    }
    drop(tx);
    other.close().await;
}

#[tokio::test]
async fn a_server_that_was_started_anew_is_not_noticed_by_the_next_transactions() {
    for test in databases().await {
        // Several connections, all of which will be dead.
        let mut held = Vec::new();
        for _ in 0..8 {
            held.push(test.db.begin().await.expect("begins"));
            if test.db.engine() == Engine::Sqlite {
                break;
            }
        }
        drop(held);
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        cut_off(&test).await;
        for round in 0..8_i64 {
            let done: Result<u64, DbError> = transact!(test.db, tx => tx.execute(
                INSERT, args!["c", format!("{round}"), round]
            ).await);
            done.expect("committed");
        }
        assert_eq!(count(&test).await, 8);
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_writer_in_another_process_is_waited_for_and_nobody_else_waits() {
    let test = sqlite().await;
    let url = ashlar_db::DatabaseUrl::parse(&test.url).expect("a URL");
    let other = ashlar_db::Db::connect(&url, &ashlar_db::Options::default()).await.expect("opens");
    let mut theirs = other.begin().await.expect("begins");
    theirs.execute(INSERT, args!["c", "theirs", 1]).await.expect("inserted");
    let db = test.db.clone();
    let ours = tokio::spawn(async move {
        let done: Result<u64, DbError> =
            transact!(db, tx => tx.execute(INSERT, args!["c", "ours", 1]).await);
        done
    });
    // The one thread that there is goes on to what ends the wait.
    tokio::task::yield_now().await;
    theirs.commit().await.expect("committed");
    ours.await.expect("ran").expect("committed");
    assert_eq!(count(&test).await, 2);
}
