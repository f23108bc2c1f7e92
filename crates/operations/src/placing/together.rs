//! One backend for volumes of several types: where a group goes. Nothing is held, since a group takes no space.

use std::sync::Arc;

use ashlar_db::DbError;
use ashlar_placement::{Apart, Facts, Request, choose_together, explain};
use ashlar_types::{PoolName, RequestSpec};

use super::Placer;
use crate::submit::computed;

impl Placer {
    /// The pool that is best for the first of `wanted` (a blank volume without size for each type, and what was
    /// looked up for it), on a backend that will do for all of them; or why there is none, in one line.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub(crate) async fn place_together(
        &self,
        wanted: Vec<(RequestSpec, Facts)>,
    ) -> Result<Result<PoolName, String>, DbError> {
        self.inner.pools.ensure_fresh().await?;
        let inner = Arc::clone(&self.inner);
        // Thousands of pools take some milliseconds for each type.
        Ok(computed(move || {
            let picture = inner.pools.picture();
            let request = |(spec, facts)| {
                let spec: &RequestSpec = spec;
                let seed = spec.volume_id.0.as_u128() as u64;
                Request::new(spec, &[], facts, &picture, seed)
            };
            let requests: Vec<Request<'_>> =
                wanted.iter().map(|(spec, facts)| request((spec, facts))).collect();
            match choose_together(&requests, &picture, &inner.rules) {
                Ok(index) => Ok(picture.candidates()[index].pool.name.clone()),
                Err(Apart::Request(number, choice)) => {
                    let verdict = choice.verdict(&requests[number], &picture, &inner.rules);
                    let name = &wanted[number].0.volume_type.name;
                    Err(format!("volume type {name}: {}", explain::summary(&verdict, None)))
                }
                Err(Apart::Backends) => Err("no backend will do for all volume types".to_owned()),
            }
        })
        .await)
    }
}
