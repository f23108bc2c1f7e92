//! What a pool may still hand out, worked out once from its report and what was taken since: one arithmetic for the
//! `CapacityFilter`, the `CapacityWeigher` and admission in the placing transaction.
//!
//! It is Cinder's arithmetic on a report of ours: what was taken since the report is added to what is provisioned and
//! taken from what is free. Odd values are read as Python would; where Cinder raises, the pool cannot be judged.

mod number;
mod rounding;
#[cfg(test)]
mod tests;

use ashlar_types::Pool;
use serde_json::Value;

use crate::reason::Trouble;
use crate::refusal::Refusal;
pub(crate) use number::{Capacity, Number, is_truthy};
pub use rounding::two_decimals;

/// Ratio of an `auto` pool in which nothing is provisioned (Cinder's constant).
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
    pub fn of(volume_type: &ashlar_types::VolumeType) -> Self {
        if volume_type.spec("provisioning:type") == Some("thick") {
            Self::Thick
        } else {
            Self::Thin
        }
    }
}

/// Room for one kind of provisioning, GiB, rounded to two decimals as Cinder does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Room {
    /// What may still be handed out; may be negative.
    pub free: f64,
    /// What may be handed out in all: the total without the reserve, times the ratio when thin.
    pub available: f64,
}

/// What the `CapacityFilter` sees before it looks at room.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Gate {
    /// The capacity is infinite or unknown: no reason to refuse.
    Open,
    /// Refused whatever is asked for.
    Shut(Refusal),
    /// The room decides.
    Room,
}

/// A pool's capacity in plain numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    gate: Gate,
    /// Free or total is infinite or unknown.
    pub(crate) limitless: bool,
    thin_room: Result<Room, Trouble>,
    thick_room: Result<Room, Trouble>,
    /// Why what is taken cannot be counted. Only odd pools pass as candidates with that: thin ones, and those without
    /// limits.
    pub(crate) uncountable: Option<Trouble>,
    /// It can provision thinly.
    pub(crate) thin: bool,
    /// The over-subscription ratio in force.
    pub(crate) ratio: f64,
    /// What is provisioned, with what was taken since the report.
    pub(crate) provisioned: f64,
    /// The total, when it is a number.
    pub(crate) total: f64,
    /// Percentage that is not handed out.
    pub(crate) reserved_percentage: f64,
}

impl Figures {
    /// Works them out. `default_ratio` stands in where the pool reports none; `None` is `auto`.
    ///
    /// # Errors
    /// The report is so odd that Cinder could not even take it in: its over-subscription ratio cannot be told.
    pub fn new(pool: &Pool, default_ratio: Option<f64>) -> Result<Self, Trouble> {
        let reported = Reported::read(pool);
        let ratio = reported.ratio(pool, default_ratio)?;
        let provisioned = reported.provisioned(pool);
        let reserved = reported.reserved_percentage.as_float().map(|percentage| percentage / 100.0);
        let total = reported.total.as_float();
        let provisioned_number = provisioned.as_operand().unwrap_or(0.0);
        let room = |thin: bool| -> Result<Room, Trouble> {
            let total = total.ok_or(Trouble::Total)?;
            let reserved = reserved.ok_or(Trouble::ReservedPercentage)?;
            let kept = (total * reserved).floor();
            if !kept.is_finite() {
                return Err(Trouble::Total);
            }
            let unreserved = total - kept;
            let provisioned = provisioned.as_operand().ok_or(Trouble::Provisioned)?;
            let (free, available) = if thin && reported.thin {
                let available = unreserved * ratio;
                (available - provisioned, available)
            } else {
                let unsold = unreserved - provisioned;
                let free =
                    reported.free.as_operand().ok_or(Trouble::Free)? - float(pool.unreported);
                (if free < unsold { free } else { unsold }, unreserved)
            };
            Ok(Room { free: two_decimals(free), available: two_decimals(available) })
        };
        Ok(Self {
            gate: reported.gate(total, reserved),
            limitless: reported.free.is_limitless() || reported.total.is_limitless(),
            thin_room: room(true),
            thick_room: room(false),
            uncountable: reported.uncountable(provisioned),
            thin: reported.thin,
            ratio,
            provisioned: provisioned_number,
            total: total.unwrap_or(0.0),
            reserved_percentage: reserved.map_or(0.0, |reserved| reserved * 100.0),
        })
    }

    /// The room, however limited the pool; for the weigher, which does not ask the filter first.
    ///
    /// # Errors
    /// It cannot be told.
    pub(crate) fn room(&self, provisioning: Provisioning) -> Result<Room, Trouble> {
        match provisioning {
            Provisioning::Thin => self.thin_room,
            Provisioning::Thick => self.thick_room,
        }
    }

    /// Whether `needed` GiB more fit. Nothing more (0) always fits.
    ///
    /// # Errors
    /// Why not.
    #[inline]
    pub fn check(&self, needed: u64, provisioning: Provisioning) -> Result<(), Refusal> {
        if needed == 0 {
            return Ok(());
        }
        match self.gate {
            Gate::Open => return Ok(()),
            Gate::Shut(refusal) => return Err(refusal),
            Gate::Room => {}
        }
        let room = self.room(provisioning).map_err(Refusal::Trouble)?;
        let needed = float(needed);
        if provisioning == Provisioning::Thin && self.thin {
            // A ratio that is no number at all is as unusable as one below 1.
            if self.ratio < 1.0 || self.ratio.is_nan() {
                return Err(Refusal::RatioUnusable);
            }
            if room.available == 0.0 {
                return Err(Refusal::Trouble(Trouble::NothingAvailable));
            }
            // The ratio is in `available` already, so this test alone would allow ratio² over-subscription. It is
            // Cinder's all the same; the test below is the one that binds.
            if (self.provisioned + needed) / room.available > self.ratio {
                return Err(Refusal::OverSubscribed { available: room.available });
            }
            if room.free < needed || room.free.is_nan() {
                return Err(Refusal::Space { free: room.free, thin: true });
            }
        } else if room.free < needed {
            return Err(Refusal::Space { free: room.free, thin: false });
        }
        Ok(())
    }
}

/// The figures of a report as they came.
struct Reported<'a> {
    total: Capacity<'a>,
    free: Capacity<'a>,
    provisioned: Option<Number<'a>>,
    reserved_percentage: Number<'a>,
    thin: bool,
    ratio: Option<&'a Value>,
}

impl<'a> Reported<'a> {
    fn read(pool: &'a Pool) -> Self {
        let report = &pool.stats;
        Self {
            total: Capacity::read(report.get("total_capacity_gb")),
            free: Capacity::read(report.get("free_capacity_gb")),
            provisioned: report.get("provisioned_capacity_gb").map(Number::read),
            reserved_percentage: report
                .get("reserved_percentage")
                .map_or(Number::Float(0.0), Number::read),
            thin: report.get("thin_provisioning_support").is_some_and(is_truthy),
            ratio: report.get("max_over_subscription_ratio").filter(|ratio| is_truthy(ratio)),
        }
    }

    /// What is provisioned now. A backend that reports it may hold more than our tables know of; one that does not
    /// holds what they say.
    fn provisioned(&self, pool: &Pool) -> Number<'a> {
        match self.provisioned {
            None => Number::Float(float(pool.allocated.saturating_add(pool.held))),
            Some(Number::Float(reported)) => Number::Float(reported + float(pool.unreported)),
            Some(odd) => odd,
        }
    }

    /// The over-subscription ratio, from the report alone: what was taken since is no news from the backend.
    fn ratio(&self, pool: &Pool, default_ratio: Option<f64>) -> Result<f64, Trouble> {
        if !self.thin || self.total.is_limitless() || self.free.is_limitless() {
            return Ok(1.0);
        }
        match (self.ratio, default_ratio) {
            (Some(Value::String(auto)), _) if auto == "auto" => {}
            (Some(ratio), _) => return Number::read(ratio).as_float().ok_or(Trouble::Ratio),
            (None, Some(ratio)) => return Ok(ratio),
            (None, None) => {}
        }
        let allocated = pool.stats.get("allocated_capacity_gb").and_then(Value::as_u64);
        let allocated = Number::Float(float(allocated.unwrap_or(pool.allocated)));
        let provisioned = self.provisioned.unwrap_or(allocated);
        if provisioned == Number::Float(0.0) {
            return Ok(AUTO_RATIO_OF_AN_EMPTY_POOL);
        }
        let (Some(total), Some(free)) = (self.total.as_operand(), self.free.as_operand()) else {
            return Err(Trouble::Ratio);
        };
        let used = total - free + 1.0;
        let provisioned = provisioned.as_float().ok_or(Trouble::Provisioned)?;
        if used == 0.0 { Err(Trouble::Ratio) } else { Ok(1.0 + provisioned / used) }
    }

    /// Why nothing can be added to what is provisioned or taken from what is free.
    fn uncountable(&self, provisioned: Number<'_>) -> Option<Trouble> {
        if provisioned.as_operand().is_none() {
            return Some(Trouble::Provisioned);
        }
        let free = self.free.is_limitless() || self.free.as_operand().is_some();
        if free { None } else { Some(Trouble::Free) }
    }

    fn gate(&self, total: Option<f64>, reserved: Option<f64>) -> Gate {
        if matches!(self.free, Capacity::Number(Number::Null)) {
            return Gate::Shut(Refusal::FreeUnset);
        }
        let Some(reserved) = reserved else {
            return Gate::Shut(Refusal::Trouble(Trouble::ReservedPercentage));
        };
        if self.free.is_limitless() {
            return Gate::Open;
        }
        if self.total.is_limitless() {
            return if reserved == 0.0 {
                Gate::Open
            } else {
                Gate::Shut(Refusal::ReserveOfUnknown)
            };
        }
        match total {
            None => Gate::Shut(Refusal::Trouble(Trouble::Total)),
            Some(total) if total <= 0.0 => Gate::Shut(Refusal::NoStorage),
            Some(_) => Gate::Room,
        }
    }
}

/// A whole number of GiB as a float; exact up to 2^53.
#[allow(clippy::cast_precision_loss)]
pub(crate) fn float(gib: u64) -> f64 {
    gib as f64
}
