//! Which filters and weighers apply, with their settings: the scheduler's part of the configuration, checked.

use std::borrow::Cow;

use ashlar_types::{Gib, Pool};

use crate::figures::{Figures, Provisioning};
use crate::filters::{self, Filter, availability_zone, capacity, ignore_attempted_hosts};
use crate::reason::{self, Reason};
use crate::refusal::Refusal;
use crate::verdict::Weight;
use crate::weighers::scale::Scale;
use crate::weighers::{self, Weigher, simple};

/// `scheduler_default_filters`, when not set.
pub const DEFAULT_FILTERS: [&str; 3] =
    ["AvailabilityZoneFilter", "CapacityFilter", "CapabilitiesFilter"];
/// `scheduler_default_weighers`, when not set.
pub const DEFAULT_WEIGHERS: [&str; 1] = ["CapacityWeigher"];
/// `max_over_subscription_ratio`, when not set.
pub const DEFAULT_RATIO: f64 = 20.0;
/// `scheduler_max_attempts`, when not set.
pub const DEFAULT_MAX_ATTEMPTS: u32 = 3;

/// `max_gigabytes`, when not set.
pub const DEFAULT_MAX_GIGABYTES: u64 = 10_000;

/// How a pool is chosen: `scheduler_driver`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Strategy {
    /// Filters, then weighers.
    #[default]
    Filter,
    /// A backend at random among those that are up and were not tried.
    Chance,
    /// The backend with the fewest gigabytes.
    Simple {
        /// `max_gigabytes`: no backend gets more.
        max_gigabytes: u64,
    },
}

/// How weighed pools are put in order: `scheduler_weight_handler`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Handler {
    /// By the sum of the normalised figures times multipliers.
    #[default]
    Ordered,
    /// Drawn in proportion to the sum of the figures times multipliers.
    Stochastic,
    /// By the first weigher, then the second; for strategies that have their own weighers.
    OneAfterAnother,
}

/// The scheduler's part of the configuration, as read.
#[derive(Debug, Clone)]
pub struct RulesSettings<'s> {
    /// `scheduler_driver`
    pub strategy: Strategy,
    /// `scheduler_default_filters`: class names, or whole paths of which the last part counts.
    pub filters: Vec<String>,
    /// `scheduler_default_weighers`: likewise.
    pub weighers: Vec<String>,
    /// `scheduler_weight_handler`
    pub handler: Handler,
    /// Pairs of an option's name (`capacity_weight_multiplier`) and its value; what is not there has the weigher's
    /// default.
    pub multipliers: Vec<(&'s str, f64)>,
    /// `None` is `auto`.
    pub max_over_subscription_ratio: Option<f64>,
    /// `scheduler_max_attempts`
    pub max_attempts: u32,
}

impl Default for RulesSettings<'_> {
    fn default() -> Self {
        let owned = |name: &&str| (*name).to_owned();
        Self {
            strategy: Strategy::Filter,
            filters: DEFAULT_FILTERS.iter().map(owned).collect(),
            weighers: DEFAULT_WEIGHERS.iter().map(owned).collect(),
            handler: Handler::Ordered,
            multipliers: Vec::new(),
            max_over_subscription_ratio: Some(DEFAULT_RATIO),
            max_attempts: DEFAULT_MAX_ATTEMPTS,
        }
    }
}

/// A filter in force.
#[derive(Debug, Clone, Copy)]
pub enum Rule {
    /// One that can be configured.
    Filter(&'static Filter),
    /// The limit of the `simple` scheduler.
    MaxGigabytes(u64),
}

impl Rule {
    /// Class name, or the option's name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Filter(filter) => filter.name,
            Self::MaxGigabytes(_) => "max_gigabytes",
        }
    }
}

/// A weigher in force.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The weigher.
    pub weigher: &'static Weigher,
    /// Its multiplier.
    pub multiplier: f64,
    /// Figures count as they are.
    plain: bool,
}

impl Column {
    /// What the weigher says of a pool to which it gave `raw`.
    #[must_use]
    pub fn weight(&self, raw: f64, scale: &Scale) -> Weight {
        let raw = scale.finite(raw);
        let normalised = if self.plain { raw } else { scale.place(raw) };
        // Adding 0 turns -0 into 0: they would differ in print. A plain figure times a multiplier may be too large.
        let weighted = (normalised * self.multiplier + 0.0).clamp(f64::MIN, f64::MAX);
        Weight { weigher: Cow::Borrowed(self.weigher.name), raw, normalised, weighted }
    }
}

/// How pools are judged.
#[derive(Debug, Clone)]
pub struct Rules {
    strategy: Strategy,
    filters: Vec<Rule>,
    weighers: Vec<Column>,
    handler: Handler,
    admits_beside_filters: bool,
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
    /// Far more names than there are filters or weighers.
    #[error("scheduler_default_{what}: there are too many of them")]
    TooMany {
        /// `filters` or `weighers`.
        what: &'static str,
    },
    /// At least one attempt is needed.
    #[error("scheduler_max_attempts: 0 will not do, it must be at least 1")]
    NoAttempts,
}

impl Rules {
    /// Rules from the configuration's words.
    ///
    /// Capacity is judged as well when `CapacityFilter` is not among the filters: a pool without room would not be
    /// admitted in the transaction that decides, so it is not chosen either.
    ///
    /// # Errors
    ///
    /// The option that makes no sense, and what would.
    pub fn from_settings(settings: &RulesSettings<'_>) -> Result<Self, RulesError> {
        check(settings)?;
        // Those that are not asked are looked up too: a misspelt one is to be heard of now.
        let named = settings.filters.iter().map(|name| filter(name).map(Rule::Filter));
        let named: Vec<Rule> = named.collect::<Result<_, _>>()?;
        let plain = settings.handler == Handler::Stochastic;
        let column = |name: &String| {
            let weigher = weigher(name)?;
            let set = settings.multipliers.iter().find(|(option, _)| *option == weigher.option);
            let multiplier = set.map_or(weigher.multiplier, |&(_, value)| value);
            Ok(Column { weigher, multiplier, plain })
        };
        let columns: Vec<Column> =
            settings.weighers.iter().map(column).collect::<Result<_, RulesError>>()?;
        let own = |weigher: &'static Weigher| Column {
            weigher,
            multiplier: weigher.multiplier,
            plain: true,
        };
        let tried = Rule::Filter(&ignore_attempted_hosts::FILTER);
        let (filters, weighers, handler) = match settings.strategy {
            Strategy::Filter => (named, columns, settings.handler),
            Strategy::Chance => (
                vec![tried],
                vec![own(&simple::BACKEND_LOT), own(&simple::POOL_LOT)],
                Handler::OneAfterAnother,
            ),
            Strategy::Simple { max_gigabytes } => (
                vec![Rule::Filter(&availability_zone::FILTER), Rule::MaxGigabytes(max_gigabytes)],
                vec![own(&simple::BACKEND_GIGABYTES), own(&simple::POOL_GIGABYTES)],
                Handler::OneAfterAnother,
            ),
        };
        let by_capacity = filters.iter().any(|rule| rule.name() == capacity::FILTER.name);
        Ok(Self {
            strategy: settings.strategy,
            filters,
            weighers,
            handler,
            admits_beside_filters: !by_capacity,
            max_over_subscription_ratio: settings.max_over_subscription_ratio,
            max_attempts: settings.max_attempts,
        })
    }

    /// Rules that only put figures in order, as those did that an earlier decision was made by: these weighers with
    /// these multipliers. `None` when there is no such weigher any more.
    pub(crate) fn recalled(weighers: &[(String, f64)], handler: Handler) -> Option<Self> {
        let plain = handler != Handler::Ordered;
        let column = |(name, multiplier): &(String, f64)| {
            let weigher = weighers::ALL.iter().chain(simple::ALL).find(|it| it.name == name)?;
            Some(Column { weigher, multiplier: *multiplier, plain })
        };
        Some(Self {
            strategy: Strategy::Filter,
            filters: Vec::new(),
            weighers: weighers.iter().map(column).collect::<Option<_>>()?,
            handler,
            admits_beside_filters: false,
            max_over_subscription_ratio: None,
            max_attempts: 1,
        })
    }

    /// The same, but asking nothing that is not configured: for comparison with Cinder, and for questions that are not
    /// about space.
    #[must_use]
    pub fn without_admission(mut self) -> Self {
        self.admits_beside_filters = false;
        self
    }

    /// How a pool is chosen.
    #[must_use]
    pub fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// Filters, in the order in which they are asked.
    #[must_use]
    pub fn filters(&self) -> &[Rule] {
        &self.filters
    }

    /// Weighers with their multipliers.
    #[must_use]
    pub fn weighers(&self) -> &[Column] {
        &self.weighers
    }

    /// How weighed pools are put in order.
    #[must_use]
    pub fn handler(&self) -> Handler {
        self.handler
    }

    /// Whether capacity is judged after the filters.
    pub(crate) fn admits_beside_filters(&self) -> bool {
        self.admits_beside_filters
    }

    /// Whether backends' own functions are evaluated.
    #[must_use]
    pub fn asks_functions(&self) -> bool {
        let goodness = self.weighers.iter().any(|column| column.weigher.name == "GoodnessWeigher");
        goodness || self.has_filter("DriverFilter")
    }

    /// Whether this filter is in force.
    #[must_use]
    pub fn has_filter(&self, name: &str) -> bool {
        self.filters.iter().any(|rule| rule.name() == name)
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
        let told = |refusal, figures: Option<&Figures>| {
            reason::tell_capacity(refusal, additional.0, pool, figures)
        };
        let figures = Figures::new(pool, self.max_over_subscription_ratio)
            .map_err(|trouble| told(Refusal::Trouble(trouble), None))?;
        let checked = figures.check(additional.0, provisioning);
        // Where nothing can be counted, nothing can be promised.
        let uncountable = figures.uncountable.filter(|_| additional.0 > 0);
        let counted = uncountable.map(Refusal::Trouble).map_or(Ok(()), Err);
        checked.and(counted).map_err(|refusal| told(refusal, Some(&figures)))
    }
}

impl Default for Rules {
    /// Cinder's defaults.
    fn default() -> Self {
        Self::from_settings(&RulesSettings::default())
            .expect("the defaults name filters and weighers of this crate")
    }
}

fn check(settings: &RulesSettings<'_>) -> Result<(), RulesError> {
    if let Some(&(option, value)) = settings.multipliers.iter().find(|(_, it)| !it.is_finite()) {
        return Err(RulesError::BadMultiplier { option: option.to_owned(), value });
    }
    if let Some(ratio) = settings.max_over_subscription_ratio
        && !(ratio.is_finite() && ratio >= 1.0)
    {
        return Err(RulesError::BadRatio(ratio));
    }
    if settings.max_attempts == 0 {
        return Err(RulesError::NoAttempts);
    }
    for (what, names) in [("filters", &settings.filters), ("weighers", &settings.weighers)] {
        if names.len() > MOST_NAMES {
            return Err(RulesError::TooMany { what });
        }
    }
    Ok(())
}

/// Filters and weighers are numbered in one byte.
const MOST_NAMES: usize = 64;

fn last_part(name: &str) -> &str {
    name.trim().rsplit('.').next().unwrap_or_default()
}

fn filter(name: &str) -> Result<&'static Filter, RulesError> {
    let wanted = last_part(name);
    let alias = filters::ALIASES.iter().find(|(alias, _)| *alias == wanted);
    let wanted = alias.map_or(wanted, |(_, name)| name);
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

    fn settings(filters: &[&str], weighers: &[&str]) -> RulesSettings<'static> {
        RulesSettings {
            filters: filters.iter().map(|&name| name.to_owned()).collect(),
            weighers: weighers.iter().map(|&name| name.to_owned()).collect(),
            multipliers: vec![("capacity_weight_multiplier", -2.0)],
            ..RulesSettings::default()
        }
    }

    fn names(rules: &Rules) -> Vec<&'static str> {
        rules.filters().iter().map(Rule::name).collect()
    }

    #[test]
    fn filters_and_weighers_are_found_by_class_or_by_path() {
        let path = "cinder.scheduler.filters.capacity_filter.CapacityFilter";
        let rules = Rules::from_settings(&settings(&["RetryFilter", path], &["CapacityWeigher"]))
            .expect("known names");
        assert_eq!(names(&rules), ["IgnoreAttemptedHostsFilter", "CapacityFilter"]);
        assert_eq!(rules.weighers()[0].multiplier, -2.0, "the option's multiplier");
        let rules = Rules::from_settings(&settings(&[], &["VolumeNumberWeigher"])).expect("known");
        assert_eq!(rules.weighers()[0].multiplier, -1.0, "the weigher's own");
    }

    #[test]
    fn what_makes_no_sense_is_refused_by_the_name_of_its_option() {
        let told = |settings: RulesSettings<'_>| {
            Rules::from_settings(&settings).expect_err("refused").to_string()
        };
        let text = told(settings(&["CapacityFiltre"], &[]));
        assert!(text.starts_with("scheduler_default_filters: there is no filter 'CapacityFiltre'"));
        assert!(text.contains("CapacityFilter"), "{text}");
        let text = told(settings(&[], &["Weigher"]));
        assert!(text.starts_with("scheduler_default_weighers"), "{text}");
        let odd = |ratio| RulesSettings {
            max_over_subscription_ratio: Some(ratio),
            ..settings(&[], &[])
        };
        assert!(told(odd(0.5)).starts_with("max_over_subscription_ratio"));
        assert!(told(odd(f64::NAN)).starts_with("max_over_subscription_ratio"));
        let odd = RulesSettings { max_attempts: 0, ..settings(&[], &[]) };
        assert!(told(odd).starts_with("scheduler_max_attempts"));
        let odd = RulesSettings { multipliers: vec![("x", f64::INFINITY)], ..settings(&[], &[]) };
        assert!(told(odd).starts_with("x: "));
        assert!(told(settings(&["CapacityFilter"; 65], &[])).contains("too many"));
    }

    #[test]
    fn a_strategy_of_its_own_asks_none_of_the_configured_filters_but_capacity() {
        let simple = Strategy::Simple { max_gigabytes: 5 };
        let of = |strategy| {
            let settings = RulesSettings { strategy, ..RulesSettings::default() };
            Rules::from_settings(&settings).expect("rules")
        };
        assert_eq!(names(&of(simple)), ["AvailabilityZoneFilter", "max_gigabytes"]);
        assert_eq!(names(&of(Strategy::Chance)), ["IgnoreAttemptedHostsFilter"]);
        assert!(of(simple).admits_beside_filters() && of(Strategy::Chance).admits_beside_filters());
        assert!(!Rules::default().admits_beside_filters());
    }
}
