//! What the cases were about: a generator that draws nothing but trifles shows nothing.

use std::collections::BTreeMap;

use serde_json::Value;

use super::cases::{FILTERS, STOCHASTIC, WEIGHERS};
use super::requests::OPERATORS;

/// Number of cases that the smallest numbers below are for.
const PER: u64 = 20_000;

/// How many cases were of each kind.
#[derive(Debug, Default)]
pub(super) struct Coverage(BTreeMap<String, u64>);

impl Coverage {
    /// Counts a case with Cinder's answer.
    pub(super) fn count(&mut self, case: &Value, answer: &Value) {
        let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let (request, rules) = (&case["request"], &case["rules"]);
        let passing = list(&answer["passing"]).len();
        let (filters, weighers) = (list(&rules["filters"]), list(&rules["weighers"]));
        self.when(passing >= 1, "some pool passes");
        self.when(passing >= 2, "several pools pass");
        let default = filters == FILTERS[..3] && weighers == WEIGHERS[..1];
        self.when(default && passing >= 2, "several pools pass Cinder's default rules");
        self.when(filters.is_empty(), "no filters");
        self.when(weighers.is_empty() && passing >= 2, "no weighers");
        self.when(!answer["raised"].is_null(), "Cinder raises");
        self.when(!answer["raised"].is_null() && passing >= 1, "Cinder raises for some pools");
        let drawn = rules["handler"] == STOCHASTIC && passing >= 2;
        self.when(drawn && !weighers.is_empty(), "several pools in the stochastic draw");
        let pinned = list(&answer["order"]).len() < passing;
        self.when(pinned, "pools pass that the pin rules out");
        self.when(pinned && !answer["chosen"].is_null(), "a pin that can be met");
        self.when(!request["new_size"].is_null() && passing >= 1, "a volume grows");
        let weights = answer["weights"].as_object().map_or(0, |weights| {
            let mut texts: Vec<String> = weights.values().map(Value::to_string).collect();
            texts.sort();
            texts.dedup();
            texts.len()
        });
        self.when(weights < passing && weights > 1, "a tie among unequal weights");
        for filter in &filters {
            if let (Some(name), 1) = (filter.as_str(), filters.len()) {
                self.when(true, &format!("{name} alone"));
            }
        }
        for filter in FILTERS {
            let refused = answer["refused"].as_object();
            let by = refused.is_some_and(|refused| refused.values().any(|name| name == filter));
            self.when(by, &format!("{filter} refuses"));
            let asked = filters.iter().any(|name| name == filter);
            self.when(asked && passing >= 1, &format!("{filter} lets pass"));
        }
        for weigher in WEIGHERS {
            let alone = weighers.len() == 1 && weighers[0] == weigher;
            self.when(alone && weights >= 2, &format!("{weigher} alone tells pools apart"));
        }
        self.when(weighers.len() == WEIGHERS.len() && weights >= 2, "all weighers together");
        self.count_specs(request, passing >= 1 && filters.iter().any(|f| f == FILTERS[2]));
    }

    fn count_specs(&mut self, request: &Value, met: bool) {
        for (key, wanted) in request["extra_specs"].as_object().into_iter().flatten() {
            let scope = key.split_once(':').map_or("", |(scope, _)| scope);
            if scope == "provisioning" {
                self.when(wanted == "thick" && met, "a thick type");
                continue;
            }
            let word = wanted.as_str().unwrap_or("null").split(' ').next().unwrap_or_default();
            let operator = OPERATORS.iter().find(|known| **known == word).unwrap_or(&"");
            self.when(true, &format!("operator '{operator}' wanted"));
            let judged = scope.is_empty() || scope == "capabilities";
            self.when(judged && met, &format!("operator '{operator}' met"));
            self.when(met, &format!("scope '{scope}' met"));
        }
    }

    fn when(&mut self, holds: bool, kind: &str) {
        *self.0.entry(kind.to_owned()).or_default() += u64::from(holds);
    }

    /// Adds another's counts.
    pub(super) fn add(&mut self, other: Self) {
        for (kind, count) in other.0 {
            *self.0.entry(kind).or_default() += count;
        }
    }

    /// Kinds with too few among so many cases.
    pub(super) fn lacking(&self, cases: u64) -> Vec<String> {
        let mut lacking = Vec::new();
        for (kind, count) in &self.0 {
            let smallest = match kind.as_str() {
                "some pool passes" => 8_000,
                "several pools pass" => 5_000,
                "several pools pass Cinder's default rules" => 800,
                "Cinder raises" | "Cinder raises for some pools" => 1_000,
                kind if kind.contains("refuses") || kind.contains("lets pass") => 200,
                kind if kind.contains("alone") => 80,
                kind if kind.ends_with("met") => 5,
                _ => 100,
            };
            if count * PER < smallest * cases {
                lacking.push(format!("{kind}: {count} of {cases} cases"));
            }
        }
        lacking
    }
}

impl std::fmt::Display for Coverage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|(kind, count)| writeln!(f, "{count:>7}  {kind}"))
    }
}
