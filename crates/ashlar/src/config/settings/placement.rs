//! Choosing pools: from the scheduler's options to its rules.

use std::path::PathBuf;

use ashlar_placement::{Handler, Rules, RulesError, RulesSettings, Strategy};

use super::text::{Scheduler, WeightHandler};
use crate::config::error::ConfigError;
use crate::config::option::Opt;
use crate::config::options::scheduler as options;
use crate::config::values::Values;

pub(super) fn rules(values: &Values) -> Result<Rules, ConfigError> {
    let multipliers = [
        &options::CAPACITY_WEIGHT_MULTIPLIER,
        &options::ALLOCATED_CAPACITY_WEIGHT_MULTIPLIER,
        &options::VOLUME_NUMBER_MULTIPLIER,
    ];
    let multiplier = |option: &Opt<f64>| Ok((option.entry.name, values.require(option)?));
    let settings = RulesSettings {
        strategy: match values.require(&options::SCHEDULER_DRIVER)? {
            Scheduler::Filter => Strategy::Filter,
            Scheduler::Chance => Strategy::Chance,
            Scheduler::Simple => {
                Strategy::Simple { max_gigabytes: values.require(&options::MAX_GIGABYTES)? }
            }
        },
        filters: values.require(&options::SCHEDULER_DEFAULT_FILTERS)?,
        weighers: values.require(&options::SCHEDULER_DEFAULT_WEIGHERS)?,
        handler: match values.require(&options::SCHEDULER_WEIGHT_HANDLER)? {
            WeightHandler::Ordered => Handler::Ordered,
            WeightHandler::Stochastic => Handler::Stochastic,
        },
        multipliers: multipliers.into_iter().map(multiplier).collect::<Result<_, ConfigError>>()?,
        max_over_subscription_ratio: values.require(&options::MAX_OVER_SUBSCRIPTION_RATIO)?.0,
        max_attempts: values.require(&options::SCHEDULER_MAX_ATTEMPTS)?,
    };
    Rules::from_settings(&settings).map_err(|error| refusal(values, &error))
}

fn refusal(values: &Values, error: &RulesError) -> ConfigError {
    let entry = match error {
        RulesError::UnknownFilter { .. } => &options::SCHEDULER_DEFAULT_FILTERS.entry,
        RulesError::UnknownWeigher { .. } => &options::SCHEDULER_DEFAULT_WEIGHERS.entry,
        RulesError::TooMany { what: "weighers" } => &options::SCHEDULER_DEFAULT_WEIGHERS.entry,
        RulesError::TooMany { .. } => &options::SCHEDULER_DEFAULT_FILTERS.entry,
        RulesError::BadMultiplier { .. } => &options::CAPACITY_WEIGHT_MULTIPLIER.entry,
        RulesError::BadRatio(_) => &options::MAX_OVER_SUBSCRIPTION_RATIO.entry,
        RulesError::NoAttempts => &options::SCHEDULER_MAX_ATTEMPTS.entry,
    };
    // The error names its option too; once is enough.
    let text = error.to_string();
    let problem = text.strip_prefix(entry.name).and_then(|rest| rest.strip_prefix(": "));
    values.refuse(entry, problem.unwrap_or(&text))
}

/// `scheduler_json_config_location`; empty is none. Whether it can be read is seen when it is needed, since it may come
/// and change later.
pub(super) fn options_file(values: &Values) -> Result<Option<PathBuf>, ConfigError> {
    let place = values.get(&options::SCHEDULER_JSON_CONFIG_LOCATION)?;
    Ok(place.filter(|place| !place.is_empty()).map(PathBuf::from))
}
