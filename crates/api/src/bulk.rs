//! Long lists apart from the rest: on an embedded database they compute for milliseconds at a stretch, on a
//! thread that others wait for.
//!
//! Measured with 24 clients that list 1000 volumes each, on two cores: without this a look at `/healthcheck`
//! waits until it is its turn behind all of them. Here as many lists as there are cores are on the way at once,
//! each on a thread that the runtime replaces, so that the system shares the cores out among lists and the rest.

use std::future::Future;
use std::num::NonZero;

use ashlar_db::Engine;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;

use crate::app::App;

/// A list of up to so many items is done before a thread would be there for it.
const SHORT: usize = 100;

/// Places for lists on their way.
#[derive(Debug)]
pub struct Places(Semaphore);

impl Default for Places {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self(Semaphore::new(cores))
    }
}

/// Does `work`, which lists up to `limit` items, without holding up short requests.
pub async fn apart<T>(app: &App, limit: usize, work: impl Future<Output = T>) -> T {
    let runtime = Handle::current();
    // The other databases compute elsewhere. A runtime of one thread has no other to go on with.
    if limit <= SHORT
        || app.db.engine() != Engine::Sqlite
        || runtime.runtime_flavor() != RuntimeFlavor::MultiThread
    {
        return work.await;
    }
    // The places are never closed; without one the list would go on all the same.
    let _place = app.places.0.acquire().await;
    tokio::task::block_in_place(|| runtime.block_on(work))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::House;

    #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
    async fn a_long_list_leaves_its_thread_to_others() {
        let house = House::furnished().await;
        let (told, tells) = std::sync::mpsc::channel();
        let app = house.app.clone();
        let list = tokio::spawn(async move {
            apart(&app, SHORT + 1, async move {
                // Blocks its thread, the only one of the runtime, until another task has run.
                tells.recv().expect("the other task runs")
            })
            .await
        });
        let other = tokio::spawn(async move { told.send("meanwhile") });
        assert_eq!(list.await.expect("it ends"), "meanwhile");
        other.await.expect("it ends").expect("somebody listens");
    }

    #[tokio::test]
    async fn a_runtime_of_one_thread_lists_as_well() {
        let house = House::furnished().await;
        assert_eq!(apart(&house.app, 1000, async { 1 }).await, 1);
    }
}
