//! Several scheduler processes, more requests at once than there is room for, and reports that are old: what is
//! admitted is exactly what there is, on every database, also when a scheduler is killed midway.

mod house;
mod outcome;
pub(crate) mod watch;

use std::time::Duration;

use ashlar_db::testing::{self, TestDb};
use ashlar_testkit::{Client, clean, cloud};
use futures::future::join_all;
use serde_json::json;

use house::{House, Setup};
use watch::Watch;

/// Volumes asked for at once.
const REQUESTS: usize = 400;
/// Size of each, in GiB.
const SIZE: u64 = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_and_two_schedulers_admit_exactly_what_there_is() {
    for schedulers in [1, 2] {
        everywhere(schedulers).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_and_five_schedulers_admit_exactly_what_there_is() {
    for schedulers in [3, 5] {
        everywhere(schedulers).await;
    }
}

/// One pool and four, on every database.
async fn everywhere(schedulers: usize) {
    for pools in [1, 4] {
        for place in testing::databases().await {
            let setup = Setup { schedulers, pools, ..Setup::default() };
            let house = House::start(&place, &setup).await;
            let reported = watch::reported(&place.db).await;
            let watch = Watch::start(&place.db, &house.limits());
            ask(&house.client).await;
            clean::check(&place.db, &[], false).await;
            watch.end().await;
            assert_eq!(watch::reported(&place.db).await, reported, "the reports are not old");
            outcome::check(&place.db, &house, &setup.name()).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thin_pools_are_oversold_by_exactly_their_ratio() {
    for place in testing::databases().await {
        let setup = Setup { schedulers: 3, pools: 1, ratio: Some(1.5), ..Setup::default() };
        let house = House::start(&place, &setup).await;
        let watch = Watch::start(&place.db, &house.limits());
        ask(&house.client).await;
        clean::check(&place.db, &[], false).await;
        watch.end().await;
        outcome::check(&place.db, &house, &setup.name()).await;
    }
}

/// While the others wait for the claims of the dead to run out nobody works, so the databases take their turns at
/// the same time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_scheduler_leaves_is_finished_by_the_others() {
    for (schedulers, pools) in [(2, 1), (5, 4)] {
        let setup = Setup { schedulers, pools, ..Setup::default() };
        let places = testing::databases().await;
        let left = join_all(places.iter().map(|place| kill_midway(place, &setup, false))).await;
        assert!(left.iter().sum::<u64>() > 0, "whoever was killed had nothing to do");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_killed_scheduler_leaves_is_finished_by_its_next_life() {
    let mut left = 0;
    for place in testing::databases().await {
        let setup = Setup { schedulers: 1, pools: 4, ..Setup::default() };
        left += kill_midway(&place, &setup, true).await;
    }
    assert!(left > 0, "it was always killed when it had nothing to do");
}

/// All schedulers find all requests waiting, and one is killed in the midst of its work when some volumes have a
/// place. Answers how many claims it left behind.
async fn kill_midway(place: &TestDb, setup: &Setup, restart: bool) -> u64 {
    let mut house = House::start_without_schedulers(place, setup).await;
    ask(&house.client).await;
    let mut watch = Watch::start(&place.db, &house.limits());
    house.start_schedulers();
    watch.until_taken(2 * SIZE).await;
    let (victim, left) = house.kill_one_at_work(&place.db).await;
    if restart {
        house.start_again(victim);
    }
    clean::check(&place.db, &[], false).await;
    watch.end().await;
    outcome::check(&place.db, &house, &setup.name()).await;
    left
}

/// A report may count twice what is being made while the backend is asked, so a first wave can leave some room; it
/// never takes more than there is, and the next wave takes the rest.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_in_the_midst_never_make_room_that_is_not_there() {
    for place in testing::databases().await {
        let setup = Setup {
            schedulers: 3,
            pools: 4,
            spare: 10,
            polling: Duration::from_secs(3),
            latency: Duration::from_millis(100),
            ..Setup::default()
        };
        let house = House::start(&place, &setup).await;
        let watch = Watch::start(&place.db, &house.limits());
        // Small ones whose removal makes the backend report; their room is too small for what is asked for.
        let small: Vec<String> = join_all((0..10).map(|_| house.client.volume(1))).await;
        let reported = watch::reported(&place.db).await;
        let removing = async {
            for id in &small {
                let _ = house.client.delete(&format!("/volumes/{id}")).await.expect(202);
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        };
        tokio::join!(ask(&house.client), removing);
        clean::check(&place.db, &[], false).await;
        assert_ne!(watch::reported(&place.db).await, reported, "no report came");
        let first = outcome::count(&place.db, "available").await;
        assert!(first > 0 && first <= house.fits(), "{}: {first} in the first wave", setup.name());
        watch::until_all_reported(&place.db).await;
        ask(&house.client).await;
        clean::check(&place.db, &[], false).await;
        watch.end().await;
        let all = outcome::count(&place.db, "available").await;
        assert_eq!(all, house.fits(), "{}: after the second wave", setup.name());
    }
}

/// Asks for all volumes at once. Not one request fails.
async fn ask(client: &Client) {
    let requests = (0..REQUESTS).map(|number| {
        let client = client.clone();
        tokio::spawn(async move {
            let volume = json!({ "size": SIZE, "name": format!("volume {number}") });
            client.create_volume(volume).await;
        })
    });
    for request in join_all(requests).await {
        request.expect("the request is accepted");
    }
}

/// An administrator of a project of its own.
fn client_of(server: &crate::server::Server) -> Client {
    server.client(&cloud::project())
}
