//! Queries one by one: what each operator and each kind of value comes to.

use serde_json::{Map, Value, json};

use super::*;

struct Pool(Map<String, Value>);

impl Attributes for Pool {
    fn attribute(&self, name: &str) -> Option<Datum<'_>> {
        self.0.get(name).map(Datum::from)
    }
}

fn pool() -> Pool {
    let Value::Object(attributes) = json!({
        "host": "node@fast#ssd",
        "free_capacity_gb": 90.5,
        "allocated_capacity_gb": 0,
        "multiattach": false,
        "vendor_name": "",
        "updated": null,
        "storage_protocol": ["iSCSI", "iscsi"],
        "capabilities": {"vendor": "Acme", "qos": {"iops": 500, "burst": null}, "": 7},
    }) else {
        unreachable!()
    };
    Pool(attributes)
}

fn ask(query: Value) -> Result<bool, QueryError> {
    Query::compile(&query.to_string().into())?.passes(&pool())
}

#[test]
fn an_empty_hint_asks_for_nothing() {
    for hint in [json!(null), json!(""), json!([]), json!({}), json!(0), json!(false), json!("[]")]
    {
        let query = Query::compile(&hint).expect("it asks for nothing");
        assert_eq!(query.passes(&pool()), Ok(true), "{hint}");
    }
}

#[test]
fn a_comparison_holds_its_first_argument_against_each_other_one() {
    assert_eq!(ask(json!(["<", 5, 6, 7])), Ok(true));
    assert_eq!(ask(json!(["<", 5, 6, 4])), Ok(false));
    assert_eq!(ask(json!([">=", "$free_capacity_gb", 90])), Ok(true));
    assert_eq!(ask(json!(["="])), Ok(false));
    assert_eq!(ask(json!(["=", 1])), Ok(false));
    assert_eq!(ask(json!(["in", "$host", "other", "node@fast#ssd"])), Ok(true));
    assert_eq!(ask(json!(["in", "$host"])), Ok(false));
}

#[test]
fn what_is_not_there_is_left_out() {
    // each leaves one argument, and a comparison of one is false
    for gone in [json!("$nothing"), json!("$updated"), json!(""), json!(null), json!("$")] {
        assert_eq!(ask(json!(["=", 0, gone])), Ok(false), "{gone}");
        assert_eq!(ask(json!(["=", 0, gone, 0])), Ok(true), "{gone}");
    }
    assert_eq!(ask(json!(["=", 500, "$capabilities.qos.iops"])), Ok(true));
    assert_eq!(ask(json!(["and", "$capabilities.qos.burst", "$capabilities.no.iops"])), Ok(true));
    assert_eq!(ask(json!(["=", 7, "$capabilities."])), Ok(true));
}

#[test]
fn zero_and_false_and_empty_attributes_are_there() {
    assert_eq!(ask(json!(["=", "$allocated_capacity_gb", "$multiattach"])), Ok(true));
    assert_eq!(ask(json!(["or", "$vendor_name", "$allocated_capacity_gb"])), Ok(false));
    assert_eq!(ask(json!(["and", "$vendor_name"])), Ok(false));
}

#[test]
fn not_gives_a_list_of_which_any_will_do() {
    assert_eq!(ask(json!(["not", true, false])), Ok(true));
    assert_eq!(ask(json!(["not", true])), Ok(false));
    assert_eq!(ask(json!(["not"])), Ok(false));
    // as an argument it is true when it has items, whatever they are
    assert_eq!(ask(json!(["and", ["not", true]])), Ok(true));
    assert_eq!(ask(json!(["<", ["not", true, true], ["not", true, false]])), Ok(true));
}

#[test]
fn values_of_different_kinds_are_unequal_and_have_no_order() {
    assert_eq!(ask(json!(["=", 1, "1"])), Ok(false));
    assert_eq!(ask(json!(["=", 1, true, 1.0])), Ok(true));
    assert_eq!(ask(json!(["<", 1, "1"])), Err(QueryError::NoOrder(Kind::Number, Kind::Text)));
    assert_eq!(ask(json!(["<", {}, {}])), Err(QueryError::NoOrder(Kind::Map, Kind::Map)));
    // one false comparison does not hide the error of another
    assert!(ask(json!(["<", 2, 1, "1"])).is_err());
    assert!(ask(json!(["and", false, ["<", 1, "1"]])).is_err());
}

#[test]
fn whole_numbers_and_floats_are_compared_exactly() {
    let above = (1_u64 << 53) + 1;
    let power = (1_u64 << 53) as f64;
    assert_eq!(ask(json!(["=", above, power])), Ok(false));
    assert_eq!(ask(json!([">", above, power])), Ok(true));
    assert_eq!(ask(json!(["<", -1, -0.5])), Ok(true));
    assert_eq!(ask(json!(["<", -1.5, -1, 0, 0.5, 1e300])), Ok(true));
}

#[test]
fn a_path_ends_at_what_is_no_map() {
    let error = ask(json!(["and", "$capabilities.vendor.name"]));
    assert_eq!(
        error,
        Err(QueryError::NoMap { path: "$capabilities.vendor".into(), kind: Kind::Text })
    );
    assert!(ask(json!(["and", "$storage_protocol.0"])).is_err());
}

#[test]
fn a_bad_query_is_told_before_any_pool_is_judged() {
    let compile = |hint: Value| Query::compile(&hint).expect_err("it is no query");
    assert_eq!(compile(json!(["=", 1, 1])), QueryError::NotText(Kind::List));
    assert_eq!(compile(json!("true")), QueryError::NotList(Kind::Bool));
    assert_eq!(compile(json!("[[]]")), QueryError::OperatorNotText(Kind::List));
    assert_eq!(compile(json!("[\"or\", [\"==\"]]")), QueryError::UnknownOperator("==".into()));
    assert!(matches!(compile(json!("[\"=\"")), QueryError::NotJson(_)));
    assert!(matches!(compile(json!("[".repeat(200))), QueryError::NotJson(_)));
    let long = " ".repeat(MOST_BYTES + 1);
    assert_eq!(compile(json!(long)), QueryError::TooLong(MOST_BYTES + 1));
    let name = "é".repeat(100);
    let QueryError::UnknownOperator(shown) = compile(json!(json!([name]).to_string())) else {
        panic!("the operator is unknown");
    };
    assert_eq!(shown.chars().count(), 65);
}
