//! The forms of the driver `sim`'s options: its pools and its planned failures.

use ashlar_drivers::FailureKind;
use ashlar_drivers::sim::{Call, PlannedFailure, When};
use serde_json::Value;

use crate::config::option::{FromText, Kind};

/// Pools by name and size in GiB; at least one, no name twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pools(pub(crate) Vec<(String, u64)>);

impl FromText for Pools {
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        let mut pools: Vec<(String, u64)> = Vec::new();
        for item in Vec::<String>::from_text(Kind::List, text)? {
            let (name, size) = item.split_once(':')?;
            let (name, gib) = (name.trim(), size.trim().parse().ok()?);
            if name.is_empty() || name.contains(['#', '@']) || pools.iter().any(|p| p.0 == name) {
                return None;
            }
            pools.push((name.to_owned(), gib));
        }
        (!pools.is_empty()).then_some(Self(pools))
    }
}

/// A planned failure: `<call> <when> <kind> [after]`.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Failure(pub(crate) PlannedFailure);

impl FromText for Failure {
    fn from_text(_: Kind, text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (call, when, kind, after) = match words[..] {
            [call, when, kind] => (call, when, kind, false),
            [call, when, kind, "after"] => (call, when, kind, true),
            _ => return None,
        };
        Some(Self(PlannedFailure {
            call: read_call(call)?,
            when: read_when(when)?,
            kind: serde_json::from_value::<FailureKind>(Value::from(kind)).ok()?,
            after,
        }))
    }
}

fn read_call(word: &str) -> Option<Call> {
    Some(match word {
        "check_setup" => Call::CheckSetup,
        "stats" => Call::Stats,
        "ensure_volume" => Call::EnsureVolume,
        "ensure_volume_from_snapshot" => Call::EnsureVolumeFromSnapshot,
        "ensure_clone" => Call::EnsureClone,
        "ensure_filled_volume" => Call::EnsureFilledVolume,
        "open_volume" => Call::OpenVolume,
        "ensure_export" => Call::EnsureExport,
        "destroy_export" => Call::DestroyExport,
        "connect" => Call::Connect,
        "disconnect" => Call::Disconnect,
        "ensure_size" => Call::EnsureSize,
        "ensure_snapshot" => Call::EnsureSnapshot,
        "destroy_snapshot" => Call::DestroySnapshot,
        "destroy_volume" => Call::DestroyVolume,
        "list" => Call::List,
        _ => return None,
    })
}

fn read_when(word: &str) -> Option<When> {
    if word == "always" {
        return Some(When::Always);
    }
    let (word, number) = word.split_once(':')?;
    match word {
        "nth" => number.parse().ok().filter(|n| *n > 0).map(When::Nth),
        "first" => number.parse().ok().filter(|n| *n > 0).map(When::First),
        "chance" => number.parse().ok().filter(|c| (0.0..=1.0).contains(c)).map(When::Chance),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Kind = Kind::Text;

    #[test]
    fn pools_have_names_and_sizes() {
        let pools = Pools::from_text(ANY, "fast:10, slow: 250").expect("two pools");
        assert_eq!(pools.0, [("fast".to_owned(), 10), ("slow".to_owned(), 250)]);
        for wrong in ["", "fast", "fast:-1", "a:1,a:2", ":1", "a#b:1", "a:ten", "a:1.5"] {
            assert_eq!(Pools::from_text(ANY, wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_failure_says_which_call_when_and_how() {
        let read = |text| Failure::from_text(ANY, text).map(|failure| failure.0);
        assert_eq!(
            read("ensure_volume nth:3 no_space"),
            Some(PlannedFailure::before(Call::EnsureVolume, When::Nth(3), FailureKind::NoSpace))
        );
        assert_eq!(
            read("list chance:0.5 unavailable after"),
            Some(PlannedFailure::after(Call::List, When::Chance(0.5), FailureKind::Unavailable))
        );
        for wrong in [
            "",
            "list",
            "list always",
            "list nth:0 busy",
            "fly always busy",
            "list always odd",
            "list chance:2 busy",
            "list always busy before",
        ] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
