//! What the schedulers `chance` and `simple` go by. No configuration can name these.

use super::{Weighed, Weigher};
use crate::figures::float;
use crate::lot::lot;
use crate::reason::Trouble;

/// A lot for each backend, however many pools it has.
pub(crate) static BACKEND_LOT: Weigher =
    Weigher { name: "lot of the backend", option: "", multiplier: 1.0, score: backend_lot };
/// A lot for each pool.
pub(crate) static POOL_LOT: Weigher =
    Weigher { name: "lot of the pool", option: "", multiplier: 1.0, score: pool_lot };
/// Gigabytes of the backend's volumes and snapshots: the fewest first.
pub(crate) static BACKEND_GIGABYTES: Weigher = Weigher {
    name: "gigabytes of the backend",
    option: "",
    multiplier: -1.0,
    score: backend_gigabytes,
};
/// The same of the pool.
pub(crate) static POOL_GIGABYTES: Weigher =
    Weigher { name: "gigabytes of the pool", option: "", multiplier: -1.0, score: pool_gigabytes };

/// All of them.
pub(crate) static ALL: &[&Weigher] =
    &[&BACKEND_LOT, &POOL_LOT, &BACKEND_GIGABYTES, &POOL_GIGABYTES];

fn backend_lot(weighed: &Weighed<'_, '_>) -> Result<f64, Trouble> {
    let name = weighed.candidate.pool.name.as_str();
    let backend = name.split('#').next().unwrap_or(name);
    Ok(lot(weighed.request.seed, backend))
}

fn pool_lot(weighed: &Weighed<'_, '_>) -> Result<f64, Trouble> {
    Ok(lot(weighed.request.seed, weighed.candidate.pool.name.as_str()))
}

fn backend_gigabytes(weighed: &Weighed<'_, '_>) -> Result<f64, Trouble> {
    Ok(float(weighed.picture.gigabytes_of(weighed.candidate.backend)))
}

fn pool_gigabytes(weighed: &Weighed<'_, '_>) -> Result<f64, Trouble> {
    let pool = &weighed.candidate.pool;
    Ok(float(pool.allocated.saturating_add(pool.held)))
}
