//! Long lists apart from the rest: on an embedded database they compute for milliseconds at a stretch, on a
//! thread that others wait for.
//!
//! Measured with 24 clients that list 1000 volumes each, on two cores: without this a look at `/healthcheck`
//! waits until it is its turn behind all of them. Here as many lists as there are cores are on the way at once,
//! each on a thread that the runtime replaces, so that the system shares the cores out among lists and the rest.
//! Projects take turns, as they do at the gate before it.

use std::future::Future;
use std::num::NonZero;
use std::time::Duration;

use ashlar_db::Engine;
use ashlar_types::metric;
use tokio::runtime::{Handle, RuntimeFlavor};

use crate::app::App;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::gate::{Gate, Limits, Refused};
use crate::request::Request;

/// A list of up to so many items is done before a thread would be there for it.
const SHORT: usize = 100;

/// More than the gate of what reads lets in at once, so nobody is turned away for this.
const WAITING: usize = 2048;
/// Whoever waited so long is turned away.
const PATIENCE: Duration = Duration::from_secs(30);

/// Places for lists on their way.
#[derive(Debug)]
pub struct Places(Gate);

impl Default for Places {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        let limits =
            Limits { working: cores, waiting: WAITING, project: cores, patience: PATIENCE };
        Self(Gate::new(limits))
    }
}

/// Does `work`, which lists up to `limit` items, without holding up short requests.
///
/// # Errors
/// 503 when its turn did not come in time; what `work` comes to.
pub async fn apart(
    request: &Request,
    limit: usize,
    work: impl Future<Output = Outcome>,
) -> Outcome {
    apart_for(&request.app, request.project_or_user(), limit, work).await
}

async fn apart_for(
    app: &App,
    project: &str,
    limit: usize,
    work: impl Future<Output = Outcome>,
) -> Outcome {
    let runtime = Handle::current();
    // The other databases compute elsewhere. A runtime of one thread has no other to go on with.
    if limit <= SHORT
        || app.db.engine() != Engine::Sqlite
        || runtime.runtime_flavor() != RuntimeFlavor::MultiThread
    {
        return work.await;
    }
    let _place = app.places.0.enter(project).await.map_err(turned_away)?;
    tokio::task::block_in_place(|| runtime.block_on(work))
}

fn turned_away(refused: Refused) -> Fault {
    let reason = match refused {
        Refused::Full => "full",
        Refused::Late => "late",
    };
    metrics::counter!(metric::TURNED_AWAY, "reason" => reason).increment(1);
    Fault::unavailable("The request waited for too long. Try again later.")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use http::StatusCode;

    use super::*;
    use crate::answer::Answer;
    use crate::testing::House;

    fn done() -> Outcome {
        Ok(Answer::empty(StatusCode::OK))
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_long_list_leaves_its_thread_to_others() {
        let house = House::furnished().await;
        let (told, tells) = std::sync::mpsc::channel();
        let app = house.app.clone();
        let list = tokio::spawn(async move {
            apart_for(&app, "abc", SHORT + 1, async move {
                // Blocks its thread, the only one of the runtime, until another task has run.
                tells.recv().expect("the other task runs");
                done()
            })
            .await
        });
        let other = tokio::spawn(async move { told.send(()) });
        assert!(list.await.expect("it ends").is_ok());
        other.await.expect("it ends").expect("somebody listens");
    }

    #[tokio::test]
    async fn a_runtime_of_one_thread_lists_as_well() {
        let house = House::furnished().await;
        assert!(apart_for(&house.app, "abc", 1000, async { done() }).await.is_ok());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn many_lists_of_one_project_do_not_keep_another_waiting() {
        let house = House::furnished().await;
        let mut held = Vec::new();
        while held.len() < std::thread::available_parallelism().map_or(1, NonZero::get) {
            held.push(house.app.places.0.enter("loud").await.expect("a place"));
        }
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut lists = Vec::new();
        for (waiting, project) in ["loud", "loud", "loud", "loud", "quiet"].into_iter().enumerate()
        {
            let (app, order) = (house.app.clone(), Arc::clone(&order));
            lists.push(tokio::spawn(async move {
                let list = async {
                    order.lock().expect("whole").push(project);
                    done()
                };
                apart_for(&app, project, SHORT + 1, list).await
            }));
            while house.app.places.0.load().1 <= waiting {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
        // One place, in which they come one after the other.
        held.pop();
        for list in lists {
            assert!(list.await.expect("it ends").is_ok());
        }
        let order = order.lock().expect("whole");
        let turn = order.iter().position(|project| *project == "quiet").expect("it was listed");
        assert!(turn <= 1, "{order:?}");
    }
}
