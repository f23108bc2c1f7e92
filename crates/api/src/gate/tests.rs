//! Who comes in, and when.

use super::*;

const LIMITS: Limits =
    Limits { working: 2, waiting: 4, project: 2, patience: Duration::from_secs(3600) };

/// Asks for a place in the order of the calls; what came of it is told later.
fn ask(gate: &Gate, project: &'static str) -> tokio::task::JoinHandle<Result<Pass, Refused>> {
    let gate = gate.clone();
    tokio::spawn(async move { gate.enter(project).await })
}

async fn settle() {
    for _ in 0..20 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn projects_take_turns_whatever_the_length_of_their_queues() {
    let gate = Gate::new(LIMITS);
    let held = [gate.enter("loud").await.expect("free"), gate.enter("loud").await.expect("free")];
    let loud = [ask(&gate, "loud"), ask(&gate, "loud"), ask(&gate, "loud")];
    settle().await;
    let quiet = ask(&gate, "quiet");
    settle().await;
    assert_eq!(gate.load(), (2, 4));
    let [first, second] = held;
    drop(first);
    settle().await;
    drop(second);
    settle().await;
    assert!(quiet.is_finished(), "the second place goes to the other project");
    assert_eq!(loud.iter().filter(|asked| asked.is_finished()).count(), 1);
}

#[tokio::test]
async fn when_the_queues_are_full_the_longest_loses_its_newest() {
    let gate = Gate::new(LIMITS);
    let _held = [gate.enter("loud").await.expect("free"), gate.enter("loud").await.expect("free")];
    let mut loud: Vec<_> = (0..4).map(|_| ask(&gate, "loud")).collect();
    settle().await;
    assert_eq!(gate.enter("loud").await.expect_err("its own queue is the longest"), Refused::Full);
    let quiet = ask(&gate, "quiet");
    settle().await;
    assert!(!quiet.is_finished(), "it waits");
    let newest = loud.pop().expect("four");
    assert_eq!(newest.await.expect("no panic").expect_err("turned away"), Refused::Full);
    assert_eq!(gate.load(), (2, 4));
}

#[tokio::test]
async fn a_project_leaves_the_places_beyond_its_share_to_others() {
    let gate = Gate::new(Limits { working: 3, project: 2, ..LIMITS });
    let held = [gate.enter("loud").await.expect("free"), gate.enter("loud").await.expect("free")];
    let third = ask(&gate, "loud");
    settle().await;
    assert!(!third.is_finished());
    let other = gate.enter("quiet").await.expect("there is a place");
    assert_eq!(gate.load(), (3, 1));
    drop(held);
    assert!(third.await.expect("no panic").is_ok());
    drop(other);
    assert_eq!(gate.load(), (0, 0));
}

#[tokio::test]
async fn who_goes_away_costs_no_place() {
    let gate = Gate::new(LIMITS);
    let held = [gate.enter("a").await.expect("free"), gate.enter("a").await.expect("free")];
    let (gone, stays) = (ask(&gate, "a"), ask(&gate, "b"));
    settle().await;
    gone.abort();
    settle().await;
    drop(held);
    let pass = stays.await.expect("no panic").expect("its turn");
    assert_eq!(gate.load(), (1, 0));
    drop(pass);
    assert_eq!(gate.load(), (0, 0));
    assert!(gate.lock().projects.is_empty(), "nothing is remembered of projects that are gone");
}

#[tokio::test]
async fn who_goes_away_just_as_the_turn_comes_gives_the_place_back() {
    let gate = Gate::new(Limits { working: 1, ..LIMITS });
    let held = gate.enter("a").await.expect("free");
    let Ok(Entry::Queued(waiting)) = gate.queue("a") else { panic!("it waits") };
    drop(held);
    assert_eq!(gate.load(), (1, 0), "the place is given, and nobody has taken it");
    drop(waiting);
    assert_eq!(gate.load(), (0, 0));
}

#[tokio::test]
async fn few_go_ahead_and_only_while_others_wait() {
    let gate = Gate::new(Limits { working: 20, project: 2, ..LIMITS });
    let first = gate.enter("loud").await.expect("free");
    assert!(!first.goes_ahead(), "nobody waits");
    let second = gate.enter("loud").await.expect("free");
    let third = ask(&gate, "loud");
    settle().await;
    let mut quiet = Vec::new();
    for project in ["a", "b", "c", "d", "e"] {
        quiet.push(gate.enter(project).await.expect("free"));
    }
    let ahead: Vec<bool> = quiet.iter().map(Pass::goes_ahead).collect();
    assert_eq!(ahead, [true, true, true, true, false], "four are ahead");
    drop(quiet.remove(0));
    assert!(gate.enter("f").await.expect("free").goes_ahead(), "one has ended");
    assert!(!gate.enter("e").await.expect("free").goes_ahead(), "its project has another inside");
    drop((first, second));
    let third = third.await.expect("no panic").expect("its turn");
    assert!(!third.goes_ahead(), "nobody else waits");
}

#[tokio::test]
async fn patience_ends() {
    let gate = Gate::new(Limits { working: 1, patience: Duration::from_millis(20), ..LIMITS });
    let _held = gate.enter("a").await.expect("free");
    assert_eq!(gate.enter("b").await.expect_err("in vain"), Refused::Late);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nothing_is_lost_when_many_come_and_go() {
    let gate = Gate::new(Limits { working: 3, waiting: 16, project: 2, ..LIMITS });
    let all = (0..400_u32).map(|number| {
        let gate = gate.clone();
        tokio::spawn(async move {
            let project = ["a", "b", "c", "d", "e"][number as usize % 5];
            let asked = gate.enter(project);
            if number % 7 == 0 {
                drop(tokio::time::timeout(Duration::from_micros(u64::from(number)), asked).await);
            } else if let Ok(_pass) = asked.await {
                assert!(gate.load().0 <= 3);
                tokio::task::yield_now().await;
            }
        })
    });
    for ended in futures::future::join_all(all).await {
        ended.expect("no panic");
    }
    // Those who went away in a queue are passed over when a turn comes by.
    drop(gate.enter("a").await.expect("free"));
    assert_eq!(gate.load(), (0, 0));
    assert!(gate.lock().projects.is_empty());
}
