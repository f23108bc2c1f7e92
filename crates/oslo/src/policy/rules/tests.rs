//! Rules together: references, circles, defaults that a file overrides.

use super::super::facts::{Fact, Nothing};
use super::*;

struct Caller {
    roles: Vec<String>,
    project: &'static str,
}

impl Facts for Caller {
    fn look_up(&self, name: &str) -> Option<Fact<'_>> {
        match name {
            "roles" => Some(Fact::List(&self.roles)),
            "project_id" => Some(Fact::Text(self.project)),
            "is_admin" => Some(Fact::Flag(false)),
            "domain_id" => Some(Fact::Null),
            _ => None,
        }
    }
}

fn caller(roles: &[&str]) -> Caller {
    Caller { roles: roles.iter().map(|&role| role.to_owned()).collect(), project: "p" }
}

fn compile(rules: &[(&str, &str)]) -> Result<Rules, RulesError> {
    let rules: Vec<(&str, Definition)> =
        rules.iter().map(|&(name, text)| (name, Definition::Text(text.to_owned()))).collect();
    Rules::compile(rules.iter().map(|(name, definition)| (*name, definition)), "default")
}

fn passes(text: &str, caller: &Caller) -> bool {
    let rules = compile(&[("a", text)]).expect(text);
    rules.passes("a", caller, caller).expect("the rule is there")
}

#[test]
fn checks_compare_credentials_with_the_target() {
    let member = caller(&["Member", "reader"]);
    for (text, wanted) in [
        ("", true),
        ("@", true),
        ("!", false),
        ("role:member", true),
        ("role:MEMBER", true),
        ("role:admin", false),
        ("project_id:%(project_id)s", true),
        ("project_id:p", true),
        ("project_id:%(tenant)s", false),
        ("tenant:%(project_id)s", false),
        ("is_admin:False", true),
        ("is_admin:True", false),
        ("domain_id:None", true),
        ("None:%(domain_id)s", true),
        ("'p':%(project_id)s", true),
        ("roles:reader", true),
        ("roles:READER", false),
        ("project_id.x:p", false),
        ("role:member and not role:admin", true),
    ] {
        assert_eq!(passes(text, &member), wanted, "{text}");
    }
}

#[test]
fn of_two_rules_with_one_name_the_later_counts() {
    let rules = compile(&[("a", "!"), ("b", "rule:a"), ("a", "@")]).expect("rules");
    assert_eq!(rules.passes("b", &Nothing, &Nothing), Some(true));
    assert_eq!(rules.iter().count(), 2);
    assert_eq!(rules.passes("c", &Nothing, &Nothing), None);
}

#[test]
fn a_missing_rule_is_the_default_rule_or_nobody() {
    let rules = compile(&[("a", "rule:none")]).expect("rules");
    assert_eq!(rules.passes("a", &Nothing, &Nothing), Some(false));
    assert_eq!(rules.missing(), [("none".to_owned(), "a".to_owned())].into());
    let rules = compile(&[("a", "rule:none"), ("default", "@")]).expect("rules");
    assert_eq!(rules.passes("a", &Nothing, &Nothing), Some(true));
}

#[test]
fn a_circle_is_refused_with_its_way() {
    let error =
        compile(&[("x", "@"), ("a", "rule:x or not rule:b"), ("b", "rule:c"), ("c", "rule:a")])
            .expect_err("a circle");
    assert_eq!(error.to_string(), "rule a: refers to itself in a circle: a -> b -> c -> a");
    // By way of the default rule.
    compile(&[("default", "rule:none")]).expect_err("a circle");
}

#[test]
fn a_question_that_could_take_for_ever_is_refused() {
    let doubled: Vec<(String, String)> = (1..40)
        .map(|n| (format!("r{n}"), format!("rule:r{0} or rule:r{0}", n - 1)))
        .chain([("r0".to_owned(), "!".to_owned())])
        .collect();
    let doubled: Vec<(&str, &str)> =
        doubled.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert!(matches!(compile(&doubled), Err(RulesError::TooLarge { .. })));
    let chain: Vec<(String, String)> =
        (0..50_000).map(|n| (format!("r{n}"), format!("rule:r{}", n + 1))).collect();
    let chain: Vec<(&str, &str)> = chain.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert!(matches!(compile(&chain), Err(RulesError::TooLarge { .. })));
}

#[test]
fn an_explanation_names_every_part_with_its_answer() {
    let rules = compile(&[
        ("mine", "project_id:%(project_id)s"),
        ("a", "role:admin or (role:x and rule:mine)"),
    ])
    .expect("rules");
    let caller = caller(&["reader"]);
    let told = rules.explain("a", &caller, &caller).expect("the rule is there");
    assert_eq!(
        told,
        "no  a\n  no  one of:\n    no  role:admin\n    no  all of:\n      no  role:x\n      yes rule:mine\n        \
         yes project_id:%(project_id)s\n"
    );
}
