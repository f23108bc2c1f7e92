//! Facts about the language; `tests/it/expressions.rs` compares it with Cinder's own evaluator case by case.

use std::borrow::Cow;

use serde_json::json;

use super::{
    Expression, ExpressionError, MAX_DEPTH, MAX_LENGTH, Problem, Value, Variable, Variables,
};

struct Given(serde_json::Value);

impl Variables for Given {
    fn lookup(&self, namespace: &str, key: &str) -> Option<Variable<'_>> {
        match (namespace, key) {
            ("odd", "infinite") => Some(Variable::Float(f64::INFINITY)),
            ("odd", "nan") => Some(Variable::Float(f64::NAN)),
            ("odd", "vast") => Some(Variable::Float(1e300)),
            _ => self.0.get(namespace)?.get(key).map(Variable::from),
        }
    }
}

fn given() -> Given {
    Given(json!({
        "stats": {
            "free": 12.7, "below": -0.5, "thin": true, "none": null, "list": [1], "object": {},
            "protocol": "iSCSI", "padded": " 12 ", "grouped": "1_000", "power": "1e3", "quoted": "it's",
            "wrong": "1__0", "vast": 18_446_744_073_709_551_615_u64, "long": "9".repeat(60),
        },
        "volume": { "size": 10 },
    }))
}

fn value(text: &str) -> Result<Value<'static>, ExpressionError> {
    let given = given();
    let expression = Expression::parse(text)?;
    expression.evaluate(&given).map(Value::into_owned)
}

#[track_caller]
fn is(text: &str, wanted: Value<'_>) {
    assert_eq!(value(text), Ok(wanted.into_owned()), "{text}");
}

#[track_caller]
fn int(text: &str, wanted: i128) {
    is(text, Value::Int(wanted));
}

#[track_caller]
fn truth(text: &str, wanted: bool) {
    is(text, Value::Bool(wanted));
}

#[track_caller]
fn text(text: &str, wanted: &str) {
    is(text, Value::Text(Cow::Borrowed(wanted)));
}

#[track_caller]
fn problem(text: &str) -> Problem {
    value(text).expect_err(text).problem
}

fn is_syntax(text: &str) -> bool {
    matches!(Expression::parse(text), Err(ExpressionError { problem: Problem::Syntax { .. }, .. }))
}

#[test]
fn operators_bind_as_the_table_says() {
    int("1 + 2 * 3", 7);
    int("-2 ^ 2", -4);
    int("2 ^ 3 ^ 2", 512);
    int("10 - 2 - 3", 5);
    truth("not 1 == 2", false);
    truth("1 + 1 == 2 and 3 < 4", true);
    int("0 or 5 and 7", 7);
    int("1 < 2 ? 3 + 4 : 5", 7);
    int("max(1, 2) + 1", 3);
    int("- abs 3 + 1", -2);
}

#[test]
fn a_function_takes_what_follows_it() {
    int("abs 3", 3);
    int("max(1, volume.size, 3)", 10);
    int("min((1, 2))", 1);
    int("max(1, max(2, 3))", 3);
    text("max 'abc'", "c");
    assert_eq!(problem("max(1)").to_string(), "max is not for an integer");
    assert!(is_syntax("max()"));
}

#[test]
fn a_word_before_an_operand_is_a_function() {
    let error = value("stats.free and volume.size").expect_err("no such function");
    assert_eq!(
        error.to_string(),
        "there is no function and; there are abs, max and min (column 12)"
    );
    int("(stats.free) and volume.size", 10);
    // Not called, not missed.
    int("0 ? foo(1) : 7", 7);
    truth("2 < 1 < foo(1)", false);
}

#[test]
fn word_operators_need_no_space() {
    int("1and2", 2);
    text("0orange", "ange");
    truth("notx", false);
    text("not", "not");
    truth("not == 'not'", true);
    truth("not != 'not'", false);
    truth("not !1", true);
}

#[test]
fn comparisons_chain() {
    truth("1 < 2 < 3", true);
    truth("1 < 3 < 2", false);
    truth("1 == 1.0 != 2", true);
    truth("'a' < 'b'", true);
    truth("1 == '1'", false);
    truth("(1, 2) < (1, 3)", true);
    truth("9007199254740993 > 9007199254740992.0", true);
    truth("nan == nan", false);
    assert_eq!(problem("1 < 'a'").to_string(), "< is not for an integer and a text");
}

#[test]
fn later_operands_of_and_or_and_choices_are_ignored() {
    int("1 and 2 and 0", 2);
    int("1 or 0 or stats.nothing", 1);
    int("0 ? 2 : 3 ? 4 : 5", 3);
    // The second one counts even when the first decides.
    assert!(matches!(problem("1 or stats.nothing"), Problem::UnknownVariable { .. }));
}

#[test]
fn variables_become_integers_where_python_can() {
    int("stats.free", 12);
    int("stats.below", 0);
    int("stats.thin", 1);
    int("stats.padded", 12);
    int("stats.grouped", 1000);
    is("stats.power", Value::Float(1000.0));
    text("stats.protocol", "iSCSI");
    text("stats.quoted", "its");
    text("stats.wrong", "1__0");
    int("stats.vast", 18_446_744_073_709_551_615);
    assert!(matches!(value("odd.nan"), Ok(Value::Float(number)) if number.is_nan()));
}

#[test]
fn what_is_no_number_and_no_text_is_an_error() {
    for name in ["stats.none", "stats.list", "stats.object", "odd.infinite"] {
        assert!(matches!(problem(name), Problem::NoValue { .. }), "{name}");
    }
    for name in ["stats.nothing", "nowhere.size"] {
        assert!(matches!(problem(name), Problem::UnknownVariable { .. }), "{name}");
    }
    text("stats.", "stats.");
    text("a.b.c", "a.b.c");
}

#[test]
fn texts_lose_all_quotes_and_keep_backslashes() {
    text("\"iSCSI\"", "iSCSI");
    text("'12 '", "12 ");
    text("\"it's\"", "its");
    text("'a''b'", "ab");
    text(r"'\x41'", r"\x41");
    text("'a\tb'", "a      b");
    text("'a' + 'b' * 2", "abb");
    text("-'a'", "");
    for broken in ["'a", "\"\"\"", r"'\x'", "'a\nb'", "a'b"] {
        assert!(is_syntax(broken), "{broken}");
    }
}

#[test]
fn division_gives_a_float_and_refuses_zero() {
    is("4 / 2", Value::Float(2.0));
    is("5 / '2.5'", Value::Float(2.0));
    assert_eq!(problem("1 / 0"), Problem::DivisionByZero);
    assert_eq!(problem("0 ^ (-1)"), Problem::DivisionByZero);
}

#[test]
fn powers_follow_python() {
    is("2 ^ (-1)", Value::Float(0.5));
    is("4 ^ 0.5", Value::Float(2.0));
    int("(-1) ^ 99999999999", -1);
    assert_eq!(problem("10.0 ^ 400"), Problem::Overflow);
    assert_eq!(problem("(-8) ^ 0.5"), Problem::Complex);
    assert!(is_syntax("2 ^ -1"));
}

#[test]
fn a_syntax_error_says_what_and_where() {
    let error = |text| Expression::parse(text).expect_err("no expression").to_string();
    assert_eq!(error("1 + (2 * 3"), "expected an operator or ')' (column 11)");
    assert_eq!(error("'é' 5"), "expected an operator or the end (column 5)");
    assert_eq!(error("1 ? 2"), "expected an operator or ':' (column 6)");
    assert_eq!(error("5 +"), format!("expected {} (column 4)", super::parse::OPERAND));
    for text in ["", " ", "()", "1 2", "5.", "1.5.2", "1 = 1", "1 And 2", "1 ! = 2", "1 +!1", "é"]
    {
        assert!(is_syntax(text), "{text}");
    }
}

#[test]
fn values_have_bounds() {
    for text in [
        "9999999999 ^ 99",
        "stats.long",
        "odd.vast",
        "'a' * 99999999999",
        "(1, 2) * 99999",
        "((1, 2) * 999) * 999",
        "('a' * 60000) + ('a' * 60000)",
    ] {
        assert_eq!(problem(text), Problem::TooLarge, "{text}");
    }
}

#[test]
fn texts_of_any_length_and_depth_are_answered() {
    let deep = MAX_DEPTH / 2;
    int(&format!("{}1{}", "(".repeat(deep), ")".repeat(deep)), 1);
    for piece in ["(", "-", "not ", "1^", "abs ", "1+(", "1?(", "!", "1,(", "'a"] {
        let text = piece.repeat(MAX_LENGTH / piece.len());
        Expression::parse(&text).expect_err(piece);
        Expression::parse(&format!("{}1", &text[..text.len() - 1])).expect_err(piece);
    }
    let flat = format!("{}1", "1+".repeat(30_000));
    int(&flat, 30_001);
    let long = format!("{}1", " ".repeat(MAX_LENGTH));
    assert_eq!(Expression::parse(&long).expect_err("too long").problem, Problem::TooLong);
}
