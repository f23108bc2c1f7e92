//! The operators of extra specs: no text and no reported value breaks them, and they agree with each other.
#![no_main]

use ashlar_placement::requirement::{Answer, Requirement};
use ashlar_types::Report;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (wanted, value) = text.split_once('\n').unwrap_or((text, ""));
    // What is no JSON is a text.
    let value: Value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    let report = Report(Map::from_iter([("key".to_owned(), value.clone())]));
    let ask = |wanted: &str| {
        let demand = Requirement::new("key", Some(wanted)).expect("a key without a scope");
        assert_eq!(demand.wanted(), Some(wanted));
        demand.check(&report)
    };
    ask(wanted);
    let word = wanted.split(separates).rfind(|word| !word.is_empty()).unwrap_or_default();
    if word.is_empty() || value.is_array() {
        return;
    }
    let with = |operator: &str| ask(&format!("{operator} {word}"));
    let both = |one: Answer, other: Answer| one == Answer::Met && other == Answer::Met;
    // One value, one word.
    for prefix in ["", "s"] {
        let (equal, differs) = (with(&format!("{prefix}==")), with(&format!("{prefix}!=")));
        assert!(!both(equal, differs), "equal and not");
        let (most, least) = (with(&format!("{prefix}<=")), with(&format!("{prefix}>=")));
        assert_eq!(
            both(most, least),
            equal == Answer::Met && most == Answer::Met,
            "at most and at least"
        );
    }
    assert_eq!(with("="), with(">="), "two names for one operator");
    assert!(!both(with("s<"), with("s>=")), "below and not below");
    assert!(!both(with("s>"), with("s<=")), "above and not above");
    if value == *word {
        assert_eq!(with("<or>"), Answer::Met);
        assert_eq!(with("<in>"), Answer::Met);
        assert_eq!(with("s=="), Answer::Met);
    }
});

/// What parts words in Python, whose rules these are: also the four separators that are no white space in Unicode.
fn separates(sign: char) -> bool {
    sign.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&sign)
}
