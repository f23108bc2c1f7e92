//! Whatever is sent, the answer is a 4xx in the usual envelope: never a 500, never a dropped connection. Only
//! where HTTP itself is broken, the answer is a bare 400.

mod bodies;
mod fuzz;
mod paths;
mod protocol;
mod versions;
mod wire;

use ashlar_db::testing;
use ashlar_testkit::{Cloud, Plan, cloud};
use wire::Request;

/// One request and what must come of it.
struct Case {
    /// What is odd about it.
    name: &'static str,
    request: Request,
    status: u16,
    /// A part of the fault's message.
    says: &'static str,
}

impl Case {
    fn new(name: &'static str, request: Request, status: u16, says: &'static str) -> Self {
        Self { name, request, status, says }
    }
}

/// A cloud on each database: what one of them stores or compares, another may refuse.
async fn clouds() -> Vec<Cloud> {
    let mut clouds = Vec::new();
    for place in testing::databases().await {
        clouds.push(Cloud::on(place, Plan::with_sim(&cloud::sim())).await);
    }
    clouds
}

/// Sends every case on every database.
async fn check_everywhere(cases: &[Case]) {
    for cloud in clouds().await {
        check(&cloud, cases).await;
    }
}

/// Sends every case; all that went otherwise is told at once.
async fn check(cloud: &Cloud, cases: &[Case]) {
    let mut otherwise = Vec::new();
    for Case { name, request, status, says } in cases {
        let answer = request.send(cloud.address).await;
        let fits = if *status < 400 {
            answer.status == *status
        } else {
            answer.status == *status && answer.fault().is_some_and(|message| message.contains(says))
        };
        if !fits {
            let body: String = answer.body.chars().take(300).collect();
            otherwise.push(format!("{name}: {} {body}, not {status} {says:?}", answer.status));
        }
    }
    let engine = cloud.db.engine();
    assert!(otherwise.is_empty(), "on {engine:?}:\n{}", otherwise.join("\n"));
    assert_alive(cloud).await;
}

/// The server still answers.
async fn assert_alive(cloud: &Cloud) {
    assert_eq!(Request::to("GET", "/healthcheck").send(cloud.address).await.status, 200);
}
