//! The policy language: a rule, printed, reads the same; `not` turns every answer around; files never break the reader.
#![no_main]

use ashlar_oslo::policy::{Check, Definition, Fact, Facts, Rules, file};
use libfuzzer_sys::fuzz_target;

/// Somebody, and something that belongs to them.
struct Somebody(Vec<String>);

impl Facts for Somebody {
    fn look_up(&self, name: &str) -> Option<Fact<'_>> {
        match name {
            "roles" => Some(Fact::List(&self.0)),
            "user_id" | "project_id" => Some(Fact::Text("1")),
            "is_admin" => Some(Fact::Flag(true)),
            "domain_id" => Some(Fact::Null),
            "target" | "user" => Some(Fact::Map(self)),
            "id" => Some(Fact::Number(1)),
            _ => None,
        }
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    match text.strip_prefix("---") {
        Some(file) => read_file(file),
        None => read_rule(text),
    }
});

fn read_rule(text: &str) {
    let Ok(check) = Check::parse(text) else { return };
    let printed = check.to_string();
    match Check::parse(&printed) {
        Ok(again) => assert_eq!(again, check, "printed as {printed:?}"),
        // What is printed has parentheses that were not needed.
        Err(error) => {
            let error = error.to_string();
            assert!(
                error.contains("within each other") || error.contains("longer than"),
                "{error}"
            );
        }
    }
    let rule = Definition::Text(printed.clone());
    let turned = Definition::Text(format!("not {printed}"));
    let Ok(rules) = Rules::compile([("rule", &rule), ("turned", &turned)], "rule") else { return };
    let somebody = Somebody(vec!["admin".to_owned(), "Member".to_owned()]);
    // A rule that refers to itself is refused above.
    let passes = rules.passes("rule", &somebody, &somebody).expect("it is there");
    assert_ne!(rules.passes("turned", &somebody, &somebody), Some(passes));
    assert!(rules.explain("rule", &somebody, &somebody).is_some());
}

fn read_file(text: &str) {
    let Ok(entries) = file::parse(text) else { return };
    // YAML takes a carriage return for the end of a line too.
    let lines = text.split(['\n', '\r']).count() as u64;
    assert!(
        entries.iter().all(|entry| (1..=lines).contains(&entry.line)),
        "a line that is not there"
    );
    let definitions = entries.iter().map(|entry| (entry.name.as_str(), &entry.definition));
    let Ok(rules) = Rules::compile(definitions, "default") else { return };
    let somebody = Somebody(vec!["reader".to_owned()]);
    for rule in rules.iter() {
        assert!(rules.passes(&rule.name, &somebody, &somebody).is_some());
    }
    let _ = rules.missing();
}
