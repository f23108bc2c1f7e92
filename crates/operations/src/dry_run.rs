//! Where a volume would go, if it were asked for now: all that creating one checks and looks up, and the choice; nothing
//! is written, nothing held. Quota is not judged: it says how much a project may have, not where there is room for it.

use ashlar_db::pools;
use ashlar_placement::page::Case;
use ashlar_placement::{Picture, Request, Rules, choose, nearest};
use ashlar_types::{Caller, Clock, PoolName};

use crate::create_volume::{self, check};
use crate::facts::Sources;
use crate::placing::types_to_suggest;
use crate::submit::computed;
use crate::{ApiContext, Refusal, encrypted_types};

/// What a dry run decides by: the same as the schedulers.
pub struct Judge {
    rules: Rules,
    sources: Sources,
}

/// What a dry run comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The pool that the volume would go to now.
    pub chosen: Option<PoolName>,
    /// Every pool's verdict, and what would fit when none does.
    pub case: Case,
}

impl Judge {
    /// Decides by `rules`, and asks `sources` for facts.
    #[must_use]
    pub fn new(rules: Rules, sources: Sources) -> Self {
        Self { rules, sources }
    }

    /// Cinder's default rules, and nobody to ask.
    #[must_use]
    pub fn plain(clock: Clock) -> Self {
        Self::new(Rules::default(), Sources::none(clock))
    }
}

/// Judges the request on the pools as they are now.
///
/// # Errors
/// [`Refusal`]: what creating the volume would answer, but for quota.
pub async fn run(
    cx: &ApiContext,
    caller: &Caller,
    request: &create_volume::Request,
) -> Result<Outcome, Refusal> {
    let (_, spec) = check(cx, caller, request).await?;
    let Judge { rules, sources } = &*cx.judge;
    let facts = sources.look_up(&cx.db, &spec, rules).await?;
    let now = cx.clock.now();
    let mut tx = cx.db.read().await?;
    encrypted_types::refuse(&mut tx, spec.volume_type.id, &spec.volume_type.name).await?;
    let pools = pools::list(&mut tx, now, cx.settings.service_down_time).await?;
    let others = types_to_suggest(&mut tx, &spec.project_id).await?;
    drop(tx);
    let judge = std::sync::Arc::clone(&cx.judge);
    // Thousands of pools take some milliseconds, which other requests are not to wait for.
    let judge = move || {
        let rules = &judge.rules;
        let picture = Picture::new(pools, rules.max_over_subscription_ratio(), now);
        let seed = spec.volume_id.0.as_u128() as u64;
        let request = Request::new(&spec, &[], &facts, &picture, seed);
        let choice = choose(&request, &picture, rules);
        let chosen = choice.best(rules).map(|index| picture.candidates()[index].pool.name.clone());
        let misses = match chosen {
            Some(_) => Vec::new(),
            None => nearest::misses(&request, &picture, rules, &others),
        };
        Outcome { chosen, case: Case::of(&request, &choice, &picture, rules, misses) }
    };
    Ok(computed(judge).await)
}
