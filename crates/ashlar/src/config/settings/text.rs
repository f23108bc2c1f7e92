//! Values with a form of their own: addresses, ratios, capabilities, schedulers.

use std::net::{IpAddr, Ipv4Addr};

use serde_json::{Map, Value};

use crate::config::option::{FromText, Kind};

/// An address to listen on; `localhost` is 127.0.0.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Listener(pub(crate) IpAddr);

impl FromText for Listener {
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        let text = text.trim();
        if text == "localhost" {
            return Some(Self(Ipv4Addr::LOCALHOST.into()));
        }
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        bare.parse().ok().map(Self)
    }
}

/// How often a thin capacity may be sold; `None` is `auto`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ratio(pub(crate) Option<f64>);

impl FromText for Ratio {
    /// Cinder admits digits with at most one point, and refuses less than 1.0 when it starts.
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        if text == "auto" {
            return Some(Self(None));
        }
        if !text.chars().all(|c| c == '.' || c.is_ascii_digit()) {
            return None;
        }
        let ratio = text.parse().ok().filter(|ratio: &f64| ratio.is_finite() && *ratio >= 1.0)?;
        Some(Self(Some(ratio)))
    }
}

/// `scheduler_driver`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scheduler {
    /// Filter and weigh.
    Filter,
    /// Any that is up.
    Chance,
    /// Fewest gigabytes first.
    Simple,
}

impl FromText for Scheduler {
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        Some(match text.trim() {
            "filter" | "FilterScheduler" | "cinder.scheduler.filter_scheduler.FilterScheduler" => {
                Self::Filter
            }
            "chance" | "ChanceScheduler" | "cinder.scheduler.chance.ChanceScheduler" => {
                Self::Chance
            }
            "simple" | "SimpleScheduler" | "cinder.scheduler.simple.SimpleScheduler" => {
                Self::Simple
            }
            _ => return None,
        })
    }
}

/// `scheduler_weight_handler`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WeightHandler {
    /// The heaviest pool wins.
    Ordered,
    /// Lots are drawn by weight.
    Stochastic,
}

impl FromText for WeightHandler {
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        Some(match text.trim() {
            "OrderedHostWeightHandler" | "cinder.scheduler.weights.OrderedHostWeightHandler" => {
                Self::Ordered
            }
            "StochasticHostWeightHandler"
            | "cinder.scheduler.weights.stochastic.StochasticHostWeightHandler" => Self::Stochastic,
            _ => return None,
        })
    }
}

/// Capabilities by name, as `extra_capabilities` has them.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Capabilities(pub(crate) Map<String, Value>);

impl FromText for Capabilities {
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Kind = Kind::Text;

    #[test]
    fn an_address_is_an_ip_or_localhost() {
        let read = |text| Listener::from_text(ANY, text).map(|l| l.0.to_string());
        assert_eq!(read("0.0.0.0").as_deref(), Some("0.0.0.0"));
        assert_eq!(read("[::1]").as_deref(), Some("::1"));
        assert_eq!(read("localhost").as_deref(), Some("127.0.0.1"));
        assert_eq!(read("example.org"), None);
    }

    #[test]
    fn a_ratio_is_auto_or_at_least_one() {
        let read = |text| Ratio::from_text(ANY, text).map(|r| r.0);
        assert_eq!(read("auto"), Some(None));
        assert_eq!(read("20.0"), Some(Some(20.0)));
        assert_eq!(read("1"), Some(Some(1.0)));
        for wrong in ["0.5", "-2", "1e3", "inf", "", ".", "Auto"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn capabilities_are_a_json_object() {
        let read = |text| Capabilities::from_text(ANY, text);
        assert_eq!(read("{\"tier\": \"gold\"}").map(|c| c.0.len()), Some(1));
        assert_eq!(read("[]"), None);
        assert_eq!(read("gold"), None);
    }
}
