//! Quota under attack: many clients at once, one limit, not one volume too many or too few.

use ashlar_db::testing;
use ashlar_testkit::{Cloud, Plan, cloud};
use serde_json::json;

const CLIENTS: usize = 64;
const EACH: usize = 4;
const LIMIT: i64 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn clients_that_create_at_once_get_exactly_what_the_limit_allows() {
    for place in testing::databases().await {
        let limits = [("volumes", LIMIT), ("gigabytes", -1)];
        let cloud = Cloud::on(place, Plan::with_sim(&cloud::sim()).limits(&limits)).await;
        let project = cloud::project();
        let attackers: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let client = cloud.client(&project, &[]);
                tokio::spawn(async move {
                    let mut answers = Vec::new();
                    for _ in 0..EACH {
                        answers
                            .push(client.post("/volumes", &json!({"volume": {"size": 1}})).await);
                    }
                    answers
                })
            })
            .collect();
        let (mut accepted, mut refused) = (0, 0);
        for attacker in attackers {
            for answer in attacker.await.expect("an attacker ends") {
                match answer.status {
                    202 => accepted += 1,
                    413 => {
                        refused += 1;
                        assert_eq!(
                            answer.message(),
                            "VolumeLimitExceeded: Maximum number of volumes allowed (100) exceeded \
                             for quota 'volumes'."
                        );
                        assert_eq!(answer.body["overLimit"]["retryAfter"], "0");
                    }
                    other => panic!("unexpected answer {other}: {}", answer.body),
                }
            }
        }
        assert_eq!(accepted, LIMIT, "on {}", cloud.db.engine().name());
        assert_eq!(refused, i64::try_from(CLIENTS * EACH).expect("a small number") - LIMIT);
        cloud.check().await;
        let client = cloud.client(&project, &[]);
        let listed = client.get("/volumes?limit=1000").await.expect(200);
        assert_eq!(listed.body["volumes"].as_array().map(Vec::len), Some(100));
    }
}
