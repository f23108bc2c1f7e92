//! Each operator, with values that meet it and values that do not.

use serde_json::{Value, json};

use super::*;
use crate::samples;

/// Whether a pool that reports `cap` as `value` meets `cap=wanted`.
fn met(wanted: &str, value: Value) -> bool {
    let mut pool = samples::pool("h@b#p", 10.0, 10.0);
    samples::report(&mut pool, "cap", value);
    Requirement::new("cap", Some(wanted)).expect("no scope").check(&pool.stats) == Answer::Met
}

fn assert_met(rows: &[(&str, Value, bool)]) {
    for (wanted, value, expected) in rows {
        assert_eq!(met(wanted, value.clone()), *expected, "'{wanted}' of {value}");
    }
}

#[test]
fn without_an_operator_the_text_must_be_the_same() {
    assert_met(&[
        ("fast", json!("fast"), true),
        ("fast", json!("Fast"), false),
        ("two  words", json!("two  words"), true),
        ("two  words", json!("two words"), false),
        ("", json!(""), true),
        ("", json!(null), false),
        ("True", json!(true), false),
        ("1", json!(1), false),
    ]);
}

#[test]
fn numbers_compare_as_numbers() {
    assert_met(&[
        ("= 5", json!(5), true),
        ("= 5", json!("6.5"), true),
        ("= 5", json!(4.9), false),
        (">= 5", json!(5), true),
        (">= 5", json!(4), false),
        ("<= 5", json!(5), true),
        ("<= 5", json!(6), false),
        ("== 5", json!("5.0"), true),
        ("== 5", json!(6), false),
        ("!= 5", json!(6), true),
        ("!= 5", json!(5), false),
        ("= 1", json!(true), true),
        ("== 5 ignored words", json!(5), true),
    ]);
}

#[test]
fn what_is_no_number_meets_no_numeric_demand() {
    for operator in ["=", "==", "!=", ">=", "<="] {
        for value in [json!("many"), json!(null), json!({"a": 1}), json!([[1]])] {
            assert!(!met(&format!("{operator} 1"), value.clone()), "{operator} 1 of {value}");
        }
        assert!(!met(&format!("{operator} many"), json!(1)), "{operator} many");
        assert!(!met(operator, json!(1)), "{operator} alone");
    }
    assert!(!met("== nan", json!("nan")));
    assert!(met("!= nan", json!("nan")));
}

#[test]
fn texts_compare_by_code_point() {
    assert_met(&[
        ("s== b", json!("b"), true),
        ("s== b", json!("c"), false),
        ("s!= b", json!("c"), true),
        ("s!= b", json!("b"), false),
        ("s< b", json!("a"), true),
        ("s< b", json!("b"), false),
        ("s<= b", json!("b"), true),
        ("s<= b", json!("c"), false),
        ("s> b", json!("c"), true),
        ("s> b", json!("b"), false),
        ("s>= b", json!("b"), true),
        ("s>= b", json!("B"), false),
        ("s>= 10", json!("9"), true),
        ("s== 1", json!(1), false),
        ("s!= 1", json!(1), true),
        ("s< 1", json!(0), false),
    ]);
}

#[test]
fn in_asks_for_a_part() {
    assert_met(&[
        ("<in> ast", json!("fast"), true),
        ("<in> ask", json!("fast"), false),
        ("<in> a", json!({"a": 1}), true),
        ("<in> a", json!([["a", "b"]]), true),
        ("<in> a", json!([["ab"]]), false),
        ("<in> 1", json!(1), false),
        ("<in>", json!(""), false),
    ]);
}

#[test]
fn is_asks_for_a_truth_value() {
    assert_met(&[
        ("<is> True", json!(true), true),
        ("<is> True", json!(false), false),
        ("<is> true", json!("yes"), true),
        ("<is> yes", json!(1), true),
        ("<is> True", json!(1.0), false),
        ("<is> False", json!(0), true),
        ("<is> no", json!("whatever"), true),
        ("<is> maybe", json!(false), true),
        ("<is> False", json!({}), true),
        ("<is> False", json!(null), false),
        ("<is>", json!(true), false),
    ]);
}

#[test]
fn or_asks_for_any_of_several_texts() {
    assert_met(&[
        ("<or> a <or> b", json!("a"), true),
        ("<or> a <or> b", json!("b"), true),
        ("<or> a <or> b", json!("c"), false),
        ("<or> a x b", json!("b"), true),
        ("<or> a x b", json!("x"), false),
        ("<or> 1 <or> 2", json!(1), false),
        ("<or>", json!("a"), false),
        ("<or> a <or>", json!("a"), true),
    ]);
}

#[test]
fn any_value_of_a_list_will_do() {
    assert_met(&[
        ("a", json!(["b", "a"]), true),
        ("a", json!([]), false),
        ("= 3", json!([1, 2, 3]), true),
        ("<is> True", json!([false, true]), true),
        ("s!= a", json!(["a", "b"]), true),
    ]);
}

#[test]
fn a_null_demand_is_met_by_null_only() {
    let check = |value: Value| {
        let mut pool = samples::pool("h@b#p", 10.0, 10.0);
        samples::report(&mut pool, "cap", value);
        Requirement::new("cap", None).expect("no scope").check(&pool.stats) == Answer::Met
    };
    assert!(check(json!(null)) && check(json!([1, null])));
    assert!(!check(json!("")) && !check(json!(false)));
}

#[test]
fn only_bare_keys_and_the_scope_of_capabilities_count() {
    for key in ["provisioning:type", "vendor:x:y", "RESKEY:availability_zones", ":cap"] {
        assert!(Requirement::new(key, Some("x")).is_none(), "{key}");
    }
    let mut pool = samples::pool("h@b#p", 10.0, 10.0);
    samples::report(&mut pool, "disk", json!({"kind": "ssd"}));
    let answer =
        |key, wanted| Requirement::new(key, Some(wanted)).expect("in scope").check(&pool.stats);
    assert_eq!(answer("capabilities:disk:kind", "ssd"), Answer::Met);
    assert_eq!(answer("capabilities:disk:kind", "hdd"), Answer::Differs);
    assert_eq!(answer("capabilities:disk:size", "1"), Answer::Missing);
    assert_eq!(answer("capabilities:disk:kind:x", "1"), Answer::Missing);
    assert_eq!(answer("cap", "x"), Answer::Missing);
    assert_eq!(answer("capabilities:", "x"), Answer::Missing);
    assert_eq!(answer("capabilities", "<in> disk"), Answer::Met, "the whole report is an object");
}

#[test]
fn what_cinder_cannot_compare_is_unanswerable_and_ends_the_search_in_a_list() {
    let answer = |wanted: &str, value: Value| {
        let mut pool = samples::pool("h@b#p", 10.0, 10.0);
        samples::report(&mut pool, "cap", value);
        Requirement::new("cap", Some(wanted)).expect("no scope").check(&pool.stats)
    };
    for (wanted, value) in [
        ("= 1", json!({"a": 1})),
        ("!= 1", json!([[1]])),
        ("s< b", json!(1)),
        ("s>= b", json!(true)),
        ("<in> 1", json!(1)),
        ("<in> 1", json!(true)),
        ("<or>", json!("a")),
        ("s< b", json!([1, "a"])),
    ] {
        assert_eq!(answer(wanted, value.clone()), Answer::Unanswerable, "'{wanted}' of {value}");
    }
    assert_eq!(answer("s< b", json!(["a", 1])), Answer::Met, "the first that meets it ends it");
    for (wanted, value) in [("s== b", json!(1)), ("<or> a", json!(1)), ("= x", json!(1))] {
        assert_eq!(answer(wanted, value.clone()), Answer::Differs, "'{wanted}' of {value}");
    }
}

#[test]
fn every_spelling_of_a_protocol_matches() {
    for (reported, wanted, expected) in [
        ("iSCSI", "iscsi", true),
        ("fc", "<in> fibre", true),
        ("NVMeOF", "<or> x <or> NVMe-oF", true),
        ("NFS", "iSCSI", false),
        ("ceph", "ceph", true),
    ] {
        let mut pool = samples::pool("h@b#p", 10.0, 10.0);
        samples::report(&mut pool, "storage_protocol", json!(reported));
        let requirement = Requirement::new("storage_protocol", Some(wanted)).expect("no scope");
        assert_eq!(
            requirement.check(&pool.stats) == Answer::Met,
            expected,
            "{reported} for {wanted}"
        );
    }
}
