//! Cleaning up: what waits for another attempt is attempted now.

use std::time::Duration;

use ashlar_db::flows;
use ashlar_db::{DbError, args, transact};
use ashlar_testkit::{Cloud, Plan, cloud};
use ashlar_types::Clock;
use serde_json::json;

#[tokio::test]
async fn what_was_left_to_wait_is_done_after_the_cleaning() {
    let plan = Plan::with_sim(&cloud::sim()).idle();
    let idle = Cloud::planned(plan).await;
    let admin = idle.admin();
    let made = admin.create_volume(json!({ "size": 1 })).await;
    let id = made["id"].as_str().expect("an id").to_owned();
    let later = Clock::System.now().after(Duration::from_secs(3600)).micros();
    let sql = "UPDATE ashlar_flows SET not_before = ? WHERE resource_id = ?";
    let delayed: Result<u64, DbError> =
        transact!(idle.db, tx => tx.execute(sql, args![later, &id]).await);
    assert_eq!(delayed.expect("the database answers"), 1);
    let wish = json!({ "resource_id": id, "is_up": true });
    let cleaned = admin.post("/workers/cleanup", &wish).await.expect(202);
    assert_eq!(cleaned.body["unavailable"], json!([]));
    let cleaning = &cleaned.body["cleaning"][0];
    assert_eq!(
        (&cleaning["binary"], &cleaning["host"]),
        (&json!("cinder-scheduler"), &json!(cloud::HOST))
    );
    let runner = idle.runner.clone();
    let stop = tokio_util::sync::CancellationToken::new();
    let ends = stop.clone();
    let worker = tokio::spawn(async move { runner.run(ends).await });
    admin.wait_for("volumes", &id, "available").await;
    stop.cancel();
    worker.await.expect("the runner ends");
    let mut tx = idle.db.read().await.expect("reads");
    let filter = flows::Filter { unfinished: true, ..flows::Filter::default() };
    assert!(flows::list(&mut tx, &filter).await.expect("read").is_empty());
    let refused = admin.post("/workers/cleanup", &wish).await.expect(400);
    assert!(refused.message().contains("pending cleanup"), "{}", refused.body);
    idle.check().await;
}
