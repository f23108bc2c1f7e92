//! How much a pool may still hand out, and whether a request fits.
//!
//! One arithmetic for all who ask: the `CapacityFilter`, the `CapacityWeigher` and admission in the placing
//! transaction. It is Cinder's, with two words of our own: *provisioned* is what our tables say lives in the pool
//! plus what operations under way hold, and a number reported as *free* is taken to be less by what is held.

mod rounding;
#[cfg(test)]
mod tests;

use ashlar_types::{Capacity, Gib, Pool, VolumeType};

use crate::Reason;
pub use rounding::two_decimals;

/// Ratio of an `auto` pool that nothing lives in yet (Cinder's constant).
const AUTO_RATIO_OF_AN_EMPTY_POOL: f64 = 20.0;

/// What the volume asks for: space as it is written, or all of it at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provisioning {
    /// Thin where the pool can; otherwise it is judged as thick.
    Thin,
    /// Fully backed.
    Thick,
}

impl Provisioning {
    /// Thin, unless the type's extra spec `provisioning:type` is `thick`.
    #[must_use]
    pub fn of(volume_type: &VolumeType) -> Self {
        if volume_type.spec("provisioning:type") == Some("thick") {
            Self::Thick
        } else {
            Self::Thin
        }
    }
}

/// A pool's room for one kind of provisioning.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Room {
    /// It is infinite or unknown: no reason to refuse.
    Unlimited,
    /// So much is left.
    Limited(Limited),
}

/// Room that is known in numbers, GiB, rounded to two decimals as Cinder does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limited {
    /// What may still be handed out; may be negative.
    pub free: f64,
    /// What may be handed out in all: the total without the reserve, times the ratio when thin.
    pub available: f64,
    /// The over-subscription ratio, when the room is sold more than once.
    pub ratio: Option<f64>,
}

/// The room in `pool`.
///
/// `default_ratio` stands in where the pool reports none (0 or no number); `None` is `auto`.
///
/// # Errors
///
/// A reason why no room can be told. Where Cinder raises an exception (a capacity that is no number), this refuses.
pub fn measure(
    pool: &Pool,
    provisioning: Provisioning,
    default_ratio: Option<f64>,
) -> Result<Room, Reason> {
    let stats = &pool.stats;
    let reserved_percentage = stats.reserved_percentage;
    let (free, total) = match (stats.free, stats.total) {
        (Capacity::Infinite | Capacity::Unknown, _) => return Ok(Room::Unlimited),
        (_, Capacity::Infinite | Capacity::Unknown) if reserved_percentage == 0 => {
            return Ok(Room::Unlimited);
        }
        (_, Capacity::Infinite | Capacity::Unknown) => {
            return Err(Reason::ReserveOfUnknown { reserved_percentage });
        }
        (Capacity::Gib(free), Capacity::Gib(total)) => (free, total),
    };
    if !free.is_finite() || !total.is_finite() {
        return Err(Reason::NotANumber);
    }
    let reserved = (total * (f64::from(reserved_percentage) / 100.0)).floor();
    let unreserved = total - reserved;
    let provisioned = float(pool.allocated.saturating_add(pool.held));
    let room = if provisioning == Provisioning::Thin && stats.thin {
        let ratio = ratio_of(pool, total - free, default_ratio);
        if !ratio.is_finite() {
            return Err(Reason::RatioUnusable { ratio: None });
        }
        let available = finite(unreserved * ratio);
        Limited { free: available - provisioned, available, ratio: Some(ratio) }
    } else {
        let unsold = unreserved - provisioned;
        Limited { free: unsold.min(free - float(pool.held)), available: unreserved, ratio: None }
    };
    Ok(Room::Limited(Limited {
        free: two_decimals(room.free),
        available: two_decimals(room.available),
        ratio: room.ratio,
    }))
}

/// Whether `additional` GiB more fit into `pool`. Nothing more (0) always fits.
///
/// # Errors
///
/// Why not, in numbers.
pub fn check(
    pool: &Pool,
    additional: Gib,
    provisioning: Provisioning,
    default_ratio: Option<f64>,
) -> Result<(), Reason> {
    if additional.0 == 0 {
        return Ok(());
    }
    let Room::Limited(room) = measure(pool, provisioning, default_ratio)? else {
        return Ok(());
    };
    if let Some(total) = pool.stats.total.gib().filter(|total| *total <= 0.0) {
        return Err(Reason::NoStorage { total });
    }
    if let Some(ratio) = room.ratio {
        if ratio < 1.0 {
            return Err(Reason::RatioUnusable { ratio: Some(ratio) });
        }
        // The ratio is in `available` already, so this test alone would allow ratio² over-subscription. It is
        // Cinder's all the same; the test below is the one that binds.
        let promised = float(pool.allocated.saturating_add(pool.held).saturating_add(additional.0));
        if promised / room.available > ratio {
            return Err(Reason::OverSubscribed { promised, available: room.available, ratio });
        }
    }
    if room.free < float(additional.0) {
        return Err(Reason::Space {
            needed: additional.0,
            free: room.free,
            reserved_percentage: pool.stats.reserved_percentage,
            held: pool.held,
            ratio: room.ratio,
        });
    }
    Ok(())
}

/// The over-subscription ratio in force. `auto` follows how much of what was sold is really used; holds do not enter
/// it, as they are no news from the backend. Not finite when `auto` would divide by zero.
fn ratio_of(pool: &Pool, used: f64, default_ratio: Option<f64>) -> f64 {
    let ratio = match pool.stats.max_over_subscription_ratio {
        Some(reported) if reported == 0.0 || !reported.is_finite() => default_ratio,
        reported => reported,
    };
    match ratio {
        Some(ratio) => ratio,
        None if pool.allocated == 0 => AUTO_RATIO_OF_AN_EMPTY_POOL,
        None => 1.0 + float(pool.allocated) / (used + 1.0),
    }
}

/// A whole number of GiB as a float; exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
fn float(gib: u64) -> f64 {
    gib as f64
}

/// The nearest finite number; products of huge numbers must not become infinite, or JSON could not hold them.
fn finite(number: f64) -> f64 {
    number.clamp(f64::MIN, f64::MAX)
}
