//! What the parser reads, and where it stops at what it does not.

use super::*;

fn shown(text: &str) -> String {
    Check::parse(text).expect(text).to_string()
}

#[test]
fn not_binds_closer_than_and_and_and_closer_than_or() {
    assert_eq!(shown("role:a or role:b and not role:c"), "(role:a or (role:b and not role:c))");
    assert_eq!(
        shown("role:a and role:b or role:c and role:d"),
        "((role:a and role:b) or (role:c and role:d))"
    );
    assert_eq!(shown("(role:a or role:b) and role:c"), "((role:a or role:b) and role:c)");
    assert_eq!(shown("not not (role:a)"), "not not role:a");
}

#[test]
fn words_count_in_any_case_and_white_space_is_free() {
    assert_eq!(shown("\n role:a  OR\tNot ( role:b )"), "(role:a or not role:b)");
    assert_eq!(shown("((project_id:%(project_id)s))"), "project_id:%(project_id)s");
    assert_eq!(shown(""), "@");
    assert_eq!(shown("@ and !"), "(@ and !)");
}

#[test]
fn an_error_says_where_and_what_was_expected() {
    for (text, column, wanted) in [
        ("role:a and", 11, "expected a check"),
        ("  ", 3, "expected a check"),
        ("role:a role:b", 8, "expected 'and'"),
        ("(role:a or role:b", 18, "')' for the '(' at column 1"),
        ("role:a)", 7, "closes nothing"),
        ("or role:a", 1, "expected a check"),
        ("role:a and member", 12, "kind:match"),
        ("role:a and 'x'", 12, "kind:match"),
        ("not(role:a)", 1, "expected role"),
        ("é:x", 1, "expected role"),
        ("role:a or project_id:%project_id", 22, "%(name)s"),
        ("role:a or http://there/%(name)s", 11, "not built"),
        ("https://there", 1, "not built"),
    ] {
        let error = Check::parse(text).expect_err(text);
        assert_eq!(error.column, column, "{text}: {error}");
        assert!(error.problem.contains(wanted), "{text}: {error}");
    }
}

#[test]
fn depth_and_length_have_bounds() {
    let nested = |depth: usize| format!("{}role:a{}", "(".repeat(depth), ")".repeat(depth));
    Check::parse(&nested(DEEPEST - 1)).expect("deep");
    Check::parse(&nested(DEEPEST)).expect_err("too deep");
    Check::parse(&format!("{}role:a", "not ".repeat(10_000 / 4))).expect_err("too deep");
    Check::parse(&"(".repeat(LONGEST)).expect_err("too deep");
    Check::parse(&"a".repeat(LONGEST + 1)).expect_err("too long");
}

#[test]
fn lists_are_alternatives_of_conditions() {
    let lists = |lists: &[&[&str]]| {
        let owned: Vec<Vec<String>> =
            lists.iter().map(|list| list.iter().map(|&text| text.to_owned()).collect()).collect();
        Check::parse_lists(&owned).map(|check| check.to_string())
    };
    assert_eq!(lists(&[]).as_deref(), Ok("@"));
    assert_eq!(lists(&[&[]]).as_deref(), Ok("!"));
    assert_eq!(lists(&[&["role:a"]]).as_deref(), Ok("role:a"));
    assert_eq!(
        lists(&[&["role:a", "role:b"], &[], &["@"]]).as_deref(),
        Ok("((role:a and role:b) or @)")
    );
    lists(&[&["role"]]).expect_err("no check");
}
