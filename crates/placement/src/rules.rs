//! Which filters and weighers apply, with their settings: the scheduler's part of the configuration, checked.

use ashlar_types::{Gib, Pool};

use crate::Reason;
use crate::capacity::{self, Provisioning};
use crate::filters::{self, Filter};
use crate::weighers::{self, Weigher};

/// `scheduler_default_filters`, when not set.
pub const DEFAULT_FILTERS: [&str; 3] =
    ["AvailabilityZoneFilter", "CapacityFilter", "CapabilitiesFilter"];
/// `scheduler_default_weighers`, when not set.
pub const DEFAULT_WEIGHERS: [&str; 1] = ["CapacityWeigher"];
/// `max_over_subscription_ratio`, when not set.
pub const DEFAULT_RATIO: f64 = 20.0;
/// `scheduler_max_attempts`, when not set.
pub const DEFAULT_MAX_ATTEMPTS: u32 = 3;

/// How pools are judged.
#[derive(Debug, Clone)]
pub struct Rules {
    filters: Vec<&'static Filter>,
    weighers: Vec<(&'static Weigher, f64)>,
    max_over_subscription_ratio: Option<f64>,
    max_attempts: u32,
}

/// A setting of the scheduler that makes no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RulesError {
    /// No filter has this name.
    #[error("scheduler_default_filters: there is no filter '{name}'; there are {known}")]
    UnknownFilter {
        /// As configured.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// No weigher has this name.
    #[error("scheduler_default_weighers: there is no weigher '{name}'; there are {known}")]
    UnknownWeigher {
        /// As configured.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// A multiplier is infinite or not a number.
    #[error("{option}: {value} is no number to multiply with")]
    BadMultiplier {
        /// The option.
        option: String,
        /// Its value.
        value: f64,
    },
    /// The ratio is below 1 or not a number.
    #[error("max_over_subscription_ratio: {0} will not do, it must be 'auto' or at least 1")]
    BadRatio(f64),
    /// At least one attempt is needed.
    #[error("scheduler_max_attempts: 0 will not do, it must be at least 1")]
    NoAttempts,
}

impl Rules {
    /// Rules from the configuration's words.
    ///
    /// Filters and weighers are named by class (`CapacityFilter`) or by its whole path, of which the last part counts.
    /// `multipliers` are pairs of an option's name (`capacity_weight_multiplier`) and its value; what is not there has
    /// the weigher's default. `max_over_subscription_ratio` is `None` for `auto`.
    ///
    /// # Errors
    ///
    /// The option that makes no sense, and what would.
    pub fn from_names<S: AsRef<str>>(
        filters: &[S],
        weighers: &[S],
        multipliers: &[(&str, f64)],
        max_over_subscription_ratio: Option<f64>,
        max_attempts: u32,
    ) -> Result<Self, RulesError> {
        if let Some(&(option, value)) = multipliers.iter().find(|(_, value)| !value.is_finite()) {
            return Err(RulesError::BadMultiplier { option: option.to_owned(), value });
        }
        if let Some(ratio) = max_over_subscription_ratio
            && !(ratio.is_finite() && ratio >= 1.0)
        {
            return Err(RulesError::BadRatio(ratio));
        }
        if max_attempts == 0 {
            return Err(RulesError::NoAttempts);
        }
        let multiplier = |weigher: &Weigher| {
            let set = multipliers.iter().find(|(option, _)| *option == weigher.option);
            set.map_or(weigher.multiplier, |&(_, value)| value)
        };
        Ok(Self {
            filters: filters.iter().map(|name| filter(name.as_ref())).collect::<Result<_, _>>()?,
            weighers: weighers
                .iter()
                .map(|name| weigher(name.as_ref()).map(|weigher| (weigher, multiplier(weigher))))
                .collect::<Result<_, _>>()?,
            max_over_subscription_ratio,
            max_attempts,
        })
    }

    /// Filters, in the order in which they are asked.
    #[must_use]
    pub fn filters(&self) -> &[&'static Filter] {
        &self.filters
    }

    /// Weighers with their multipliers.
    #[must_use]
    pub fn weighers(&self) -> &[(&'static Weigher, f64)] {
        &self.weighers
    }

    /// The ratio for pools that report none; `None` is `auto`.
    #[must_use]
    pub fn max_over_subscription_ratio(&self) -> Option<f64> {
        self.max_over_subscription_ratio
    }

    /// How many pools may be tried for one request, the first included.
    #[must_use]
    pub fn max_attempts(&self) -> u32 {
        self.max_attempts
    }

    /// Whether `additional` GiB may be taken from `pool` as it is now: for creating (the whole size), extending (the
    /// difference) and snapshots (the volume's size). The very arithmetic of the `CapacityFilter`, whether or not
    /// that is enabled; to be asked in the transaction that then holds the capacity.
    ///
    /// # Errors
    ///
    /// Why not, in numbers.
    pub fn admit(
        &self,
        pool: &Pool,
        additional: Gib,
        provisioning: Provisioning,
    ) -> Result<(), Reason> {
        capacity::check(pool, additional, provisioning, self.max_over_subscription_ratio)
    }
}

impl Default for Rules {
    /// Cinder's defaults.
    fn default() -> Self {
        Self::from_names(
            &DEFAULT_FILTERS[..],
            &DEFAULT_WEIGHERS[..],
            &[],
            Some(DEFAULT_RATIO),
            DEFAULT_MAX_ATTEMPTS,
        )
        .expect("the defaults name filters and weighers of this crate")
    }
}

fn last_part(name: &str) -> &str {
    name.trim().rsplit('.').next().unwrap_or_default()
}

fn filter(name: &str) -> Result<&'static Filter, RulesError> {
    let wanted = last_part(name);
    filters::ALL.iter().copied().find(|filter| filter.name == wanted).ok_or_else(|| {
        let known: Vec<_> = filters::ALL.iter().map(|filter| filter.name).collect();
        RulesError::UnknownFilter { name: name.to_owned(), known: known.join(", ") }
    })
}

fn weigher(name: &str) -> Result<&'static Weigher, RulesError> {
    let wanted = last_part(name);
    weighers::ALL.iter().copied().find(|weigher| weigher.name == wanted).ok_or_else(|| {
        let known: Vec<_> = weighers::ALL.iter().map(|weigher| weigher.name).collect();
        RulesError::UnknownWeigher { name: name.to_owned(), known: known.join(", ") }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(filters: &[&str], weighers: &[&str]) -> Result<Rules, RulesError> {
        Rules::from_names(filters, weighers, &[("capacity_weight_multiplier", -2.0)], None, 1)
    }

    #[test]
    fn filters_and_weighers_are_found_by_class_or_by_path() {
        let path = "cinder.scheduler.filters.capacity_filter.CapacityFilter";
        let rules = rules(&["IgnoreAttemptedHostsFilter", path], &["CapacityWeigher"])
            .expect("known names");
        let names: Vec<_> = rules.filters().iter().map(|filter| filter.name).collect();
        assert_eq!(names, ["IgnoreAttemptedHostsFilter", "CapacityFilter"], "order is kept");
        assert_eq!(rules.weighers()[0].1, -2.0, "the option's multiplier");
        assert_eq!(Rules::default().weighers()[0].1, 1.0, "the default multiplier");
    }

    #[test]
    fn an_unknown_name_is_told_with_the_known_ones() {
        let error = rules(&["CapacityFlter"], &[]).expect_err("no such filter").to_string();
        assert!(error.contains("'CapacityFlter'") && error.contains("CapacityFilter"), "{error}");
        let error = rules(&[], &["Heavy"]).expect_err("no such weigher").to_string();
        assert!(error.contains("'Heavy'") && error.contains("CapacityWeigher"), "{error}");
    }

    #[test]
    fn settings_that_make_no_sense_are_refused() {
        let none: [&str; 0] = [];
        let make = |multiplier, ratio, attempts| {
            let set = [("capacity_weight_multiplier", multiplier)];
            Rules::from_names(&none, &none, &set, ratio, attempts)
        };
        assert!(matches!(make(f64::NAN, None, 1), Err(RulesError::BadMultiplier { .. })));
        assert!(matches!(make(1.0, Some(0.5), 1), Err(RulesError::BadRatio(_))));
        assert!(matches!(make(1.0, Some(f64::INFINITY), 1), Err(RulesError::BadRatio(_))));
        assert!(matches!(make(1.0, None, 0), Err(RulesError::NoAttempts)));
    }
}
