//! Work under a key whose client has gone: it has its place in the gate, and an end.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ashlar_db::{migrate, services};
use tokio::sync::Semaphore;

use super::*;
use crate::app::ApiSettings;
use crate::endpoint::Endpoint;
use crate::run;

/// Longer than any test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(60);
/// More than any gate lets in.
const MANY: usize = 2_000;

static BEGUN: AtomicUsize = AtomicUsize::new(0);
static GO: Semaphore = Semaphore::const_new(0);
static LEFT: AtomicBool = AtomicBool::new(false);

async fn held(_: &Request) -> Outcome {
    BEGUN.fetch_add(1, Ordering::SeqCst);
    let _go = GO.acquire().await;
    Ok(Answer::empty(http::StatusCode::ACCEPTED))
}

/// Changes something and comes to no end.
async fn endless(request: &Request) -> Outcome {
    struct Leaving;
    impl Drop for Leaving {
        fn drop(&mut self) {
            LEFT.store(true, Ordering::SeqCst);
        }
    }
    let _leaving = Leaving;
    let now = request.app.clock.now();
    let changed: Result<(), DbError> = transact!(request.app.db, tx =>
        services::heartbeat(tx, "host", "thing", "nova", now).await.map(drop));
    changed?;
    std::future::pending().await
}

static TABLE: &[Endpoint] = &[
    Endpoint::post("thing.held", "/held", run!(held)),
    Endpoint::post("thing.endless", "/endless", run!(endless)),
];

async fn house(request_timeout: Duration) -> House {
    let settings = ApiSettings { request_timeout, ..ApiSettings::default() };
    let house = House::with_settings(&[TABLE], settings).await;
    migrate::sync(&house.app.db).await.expect("tables");
    house
}

async fn until(mut is: impl FnMut() -> bool) {
    while !is() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn work_whose_client_hung_up_keeps_its_place_in_the_gate() {
    let house = house(PATIENCE).await;
    let mut begun = 0;
    let mut queued = None;
    while queued.is_none() && begun < MANY {
        let key = format!("k{begun}");
        let asking = {
            let house = &house;
            async move { post(house, "me:abc", &key, "/v3/held", &json!({})).await }
        };
        let mut asking = Box::pin(asking);
        tokio::select! {
            _ = &mut asking => panic!("nobody has let it go on"),
            // Its client hangs up here.
            () = until(|| BEGUN.load(Ordering::SeqCst) > begun) => begun += 1,
            () = tokio::time::sleep(Duration::from_secs(1)) => queued = Some(asking),
        }
    }
    let queued = queued.expect("the gate has so many places and no more");
    assert_eq!(BEGUN.load(Ordering::SeqCst), begun);
    GO.add_permits(MANY);
    let got = tokio::time::timeout(PATIENCE, queued).await.expect("its turn comes");
    assert_eq!((got.status, BEGUN.load(Ordering::SeqCst)), (202, begun + 1));
}

#[tokio::test]
async fn work_that_comes_to_no_end_is_ended_and_the_client_that_comes_again_hears_of_it() {
    let house = house(Duration::from_secs(5)).await;
    let first = post(&house, "me:abc", "k", "/v3/endless", &json!({})).await;
    assert_eq!((first.status, &first.headers["retry-after"]), (503, &HeaderValue::from(5)));
    let left = tokio::time::timeout(PATIENCE, until(|| LEFT.load(Ordering::SeqCst)));
    left.await.expect("the work ends though nobody waits for it");
    house.app.clock.advance(house.app.settings.request_timeout + MARGIN);
    let again = post(&house, "me:abc", "k", "/v3/endless", &json!({})).await;
    let (status, message) = again.fault();
    assert_eq!(status, 409);
    assert!(message.ends_with("was carried out, but its answer was lost."), "{message}");
}
