//! The laws of flows, for every operation in the registry and on every database.
//!
//! Whatever task fails, everything is as before or says what went wrong; a task or revert done twice
//! gives the same; a worker that dies at any moment costs nothing but a little time. After each trouble
//! the invariants of `testkit::clean` are checked: nothing stuck, leaked or miscounted.

mod scenarios;
mod trouble;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use ashlar_db::testing;
use ashlar_flow::Fate;
use ashlar_operations::registry;
use ashlar_testkit::glance::FakeGlance;
use ashlar_testkit::{Cloud, Plan, cloud};

use scenarios::{End, SCENARIOS, Scenario};
use trouble::{At, Trouble};

#[test]
fn every_operation_of_the_registry_has_a_scenario() {
    let covered: BTreeSet<&str> = SCENARIOS.iter().map(|scenario| scenario.flow).collect();
    let registered: BTreeSet<&str> = registry::flows().iter().map(|flow| flow.name()).collect();
    assert_eq!(covered, registered);
}

/// Images for volumes and from them. Its image has a name that every scenario knows.
async fn glance() -> FakeGlance {
    let glance = FakeGlance::start().await;
    glance.add(scenarios::IMAGE, "raw", vec![7; 100_000]);
    glance
}

/// One cloud on each database, with trouble to be armed later.
async fn clouds(glance: &FakeGlance) -> Vec<(Cloud, Arc<Trouble>)> {
    let mut clouds = Vec::new();
    for place in testing::databases().await {
        let trouble = Arc::new(Trouble::default());
        let sim = cloud::sim();
        let mut plan = Plan::with_sim(&sim).interrupt(trouble.clone());
        plan =
            plan.limits(&[("volumes", -1), ("snapshots", -1), ("gigabytes", -1), ("groups", -1)]);
        plan.lease = Duration::from_millis(300);
        plan.images = Some(glance.images(&std::env::temp_dir()));
        clouds.push((Cloud::on(place, plan).await, trouble));
    }
    clouds
}

/// The tasks of a flow, and whether each has a revert.
fn tasks(flow: &str) -> Vec<(&'static str, bool)> {
    let flow = registry::flows().into_iter().find(|known| known.name() == flow);
    let flow = flow.expect("a scenario names a flow of the registry");
    flow.outline().into_iter().map(|(task, _, reverts)| (task, reverts)).collect()
}

/// Runs the scenario once with this trouble and checks what must hold.
async fn once(cloud: &Cloud, trouble: &Trouble, scenario: &Scenario, plan: Vec<(At, Fate)>) -> End {
    let client = cloud.admin();
    let prepared = (scenario.prepare)(client.clone()).await;
    cloud.quiet().await;
    let told = format!("{} with {plan:?}", scenario.name);
    trouble.arm(scenario.flow, plan);
    let end = (scenario.act)(client, prepared).await;
    cloud.quiet().await;
    trouble.spent().await;
    assert!(trouble.disarm(), "{told}: the trouble never came");
    cloud.check().await;
    end
}

async fn fails_at_each_task(scenario: &Scenario) {
    let glance = glance().await;
    for (cloud, trouble) in clouds(&glance).await {
        for (task, _) in tasks(scenario.flow) {
            for at in [At::Execute(task), At::Executed(task)] {
                let end = once(&cloud, &trouble, scenario, vec![(at, Fate::Fail)]).await;
                // A task past the point of no return goes on until it works.
                let final_task = matches!(task, "publish" | "settle" | "withdraw");
                let wanted = if final_task { End::Done } else { End::Undone };
                assert_eq!(end, wanted, "{} failing at {at:?}", scenario.name);
            }
        }
    }
}

async fn repeats_each_task(scenario: &Scenario) {
    let glance = glance().await;
    for (cloud, trouble) in clouds(&glance).await {
        for (task, _) in tasks(scenario.flow) {
            let plan = vec![(At::Executed(task), Fate::Again)];
            let end = once(&cloud, &trouble, scenario, plan).await;
            assert_eq!(end, End::Done, "{} doing {task} twice", scenario.name);
        }
    }
}

async fn repeats_each_revert(scenario: &Scenario) {
    let glance = glance().await;
    for (cloud, trouble) in clouds(&glance).await {
        for (task, _) in tasks(scenario.flow).into_iter().filter(|(_, reverts)| *reverts) {
            let plan = vec![(At::Executed(task), Fate::Fail), (At::Reverted(task), Fate::Again)];
            let end = once(&cloud, &trouble, scenario, plan).await;
            assert_eq!(end, End::Undone, "{} reverting {task} twice", scenario.name);
        }
    }
}

async fn survives_death_at_each_moment(scenario: &Scenario) {
    let glance = glance().await;
    for (cloud, trouble) in clouds(&glance).await {
        for (task, reverts) in tasks(scenario.flow) {
            for at in [At::Execute(task), At::Executed(task), At::Recorded(task)] {
                let end = once(&cloud, &trouble, scenario, vec![(at, Fate::Die)]).await;
                assert_eq!(end, End::Done, "{} dying at {at:?}", scenario.name);
            }
            if !reverts {
                continue;
            }
            for at in [At::Revert(task), At::Reverted(task)] {
                let plan = vec![(At::Executed(task), Fate::Fail), (at, Fate::Die)];
                let end = once(&cloud, &trouble, scenario, plan).await;
                assert_eq!(end, End::Undone, "{} dying at {at:?}", scenario.name);
            }
        }
    }
}

macro_rules! laws {
    ($($name:ident = $index:literal;)*) => {$(
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn fails_at_each_task_and_leaves_nothing_behind() {
                fails_at_each_task(&SCENARIOS[$index]).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn does_each_task_twice_with_the_same_result() {
                repeats_each_task(&SCENARIOS[$index]).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn does_each_revert_twice_with_the_same_result() {
                repeats_each_revert(&SCENARIOS[$index]).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn survives_the_death_of_its_worker_at_each_moment() {
                survives_death_at_each_moment(&SCENARIOS[$index]).await;
            }
        }

        #[cfg(test)]
        const _: () = assert!($index < SCENARIOS.len());
    )*
        #[test]
        fn every_scenario_is_run() {
            assert_eq!([$($index),*].len(), SCENARIOS.len());
        }
    };
}

laws! {
    create_blank = 0;
    create_from_snapshot = 1;
    create_from_volume = 2;
    extend = 3;
    create_snapshot = 4;
    delete_snapshot = 5;
    delete_volume = 6;
    delete_volume_with_snapshots = 7;
    create_from_image = 8;
    upload = 9;
    connect = 10;
    disconnect = 11;
    revert = 12;
    reimage = 13;
    retype = 14;
    manage_volume = 15;
    manage_snapshot = 16;
    unmanage_volume = 17;
    unmanage_snapshot = 18;
    list_manageable = 19;
    create_group_snapshot = 20;
    delete_group_snapshot = 21;
    create_group_from_snapshot = 22;
    create_group_from_group = 23;
    create_group = 24;
    create_in_group = 25;
    update_group = 26;
    delete_group = 27;
    replicate_group = 28;
}
