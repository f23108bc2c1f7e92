//! `PUT /os-quota-sets/{project}`: all values are checked before any is written.

use std::collections::BTreeMap;

use ashlar_db::quotas::{self, Limits};
use ashlar_db::{DbError, Tx, transact};
use ashlar_types::quota::{UNLIMITED, Usage};
use ashlar_types::{Caller, Timestamp};
use serde_json::{Map, Value, json};

use super::resources;
use crate::answer::Answer;
use crate::body::pieces;
use crate::endpoint::Outcome;
use crate::fault::{Fault, GENERIC};
use crate::request::Request;

/// Keys of what clients read and send back, which are no resources.
const NO_RESOURCES: [&str; 2] = ["id", "tenant_id"];
/// Largest number in Cinder's integer columns.
const MOST: i64 = i32::MAX as i64;

/// A set that is not empty. What its keys and values may be depends on the types that there are.
pub(super) fn schema() -> Value {
    pieces::wrapped("quota_set", json!({ "type": "object", "minProperties": 1 }))
}

/// Gives the project limits of its own.
pub(super) async fn update(request: &Request) -> Outcome {
    let project = request.param("target_project_id");
    resources::check_name(project, "quota_set_name")?;
    let wish = Wish {
        project,
        caller: &request.caller,
        set: request.object("quota_set"),
        limits: &request.app.operations.settings.limits,
    };
    let (db, now) = (&request.app.db, request.app.clock.now());
    let stored: Result<Result<BTreeMap<String, i64>, Fault>, DbError> =
        transact!(db, tx => wish.store(tx, now).await);
    Ok(Answer::ok(&json!({ "quota_set": resources::view(stored??) })))
}

struct Wish<'a> {
    project: &'a str,
    caller: &'a Caller,
    set: &'a Map<String, Value>,
    limits: &'a Limits,
}

impl Wish<'_> {
    /// The limits that then hold; a fault when nothing was written.
    async fn store(
        &self,
        tx: &mut Tx,
        now: Timestamp,
    ) -> Result<Result<BTreeMap<String, i64>, Fault>, DbError> {
        let names = resources::of(tx, self.caller).await?;
        let used = quotas::usages(tx, self.project).await?;
        let wanted = match read(self.set, &names, &used) {
            Ok(wanted) => wanted,
            Err(fault) => return Ok(Err(fault)),
        };
        for (name, limit) in wanted {
            quotas::set_project_limit(tx, self.project, name, limit, now).await?;
        }
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        quotas::limits_of(tx, self.project, &names, self.limits).await.map(Ok)
    }
}

/// The limits that the set asks for, if all are legal.
fn read<'s>(
    set: &'s Map<String, Value>,
    names: &[String],
    used: &BTreeMap<String, Usage>,
) -> Result<Vec<(&'s str, i64)>, Fault> {
    let counts = |key: &&String| !NO_RESOURCES.contains(&key.as_str());
    let known = set.iter().filter(|(key, _)| counts(key) && names.contains(key));
    let wanted = known.map(|(key, value)| Ok((key.as_str(), number(key, value)?)));
    let wanted: Vec<_> = wanted.collect::<Result<_, Fault>>()?;
    resources::check_keys(set.keys().filter(counts), names, "quota set")?;
    if wanted.iter().any(|(key, _)| set[*key].is_string()) {
        return Err(Fault::bad_request(GENERIC));
    }
    for (key, limit) in &wanted {
        check_used(key, *limit, used.get(*key).copied().unwrap_or_default())?;
    }
    Ok(wanted)
}

/// A limit between −1 and the column's largest number. A string of digits passes so far, as in Cinder, whose
/// refusal of it says less than those before.
fn number(key: &str, value: &Value) -> Result<i64, Fault> {
    let number = match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match number {
        None => Err(Fault::bad_request(format!("{key} must be an integer"))),
        Some(number) if number < UNLIMITED => {
            Err(Fault::bad_request(format!("{key} must be >= {UNLIMITED}")))
        }
        Some(number) if number > MOST => {
            Err(Fault::bad_request(format!("{key} must be <= {MOST}")))
        }
        Some(number) => Ok(number),
    }
}

/// A limit is not below what is used; `per_volume_gigabytes` limits no sum.
fn check_used(key: &str, limit: i64, usage: Usage) -> Result<(), Fault> {
    let used = usage.in_use.saturating_add(usage.reserved);
    if limit == UNLIMITED || key == "per_volume_gigabytes" || limit >= used {
        return Ok(());
    }
    Err(Fault::bad_request(format!(
        "Quota {key} limit must be equal or greater than existing resources. Current usage is \
         {used} and the requested limit is {limit}."
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(set: Value) -> Result<Vec<(String, i64)>, String> {
        let names = ["volumes", "gigabytes", "per_volume_gigabytes"].map(str::to_owned);
        let usage = Usage { in_use: 3, reserved: 2 };
        let used = names.iter().map(|name| (name.clone(), usage)).collect();
        let set = set.as_object().expect("an object");
        read(set, &names, &used)
            .map(|wanted| wanted.into_iter().map(|(key, limit)| (key.to_owned(), limit)).collect())
            .map_err(|fault| fault.message().to_owned())
    }

    #[test]
    fn keys_that_clients_send_back_are_ignored() {
        let wanted = check(json!({ "id": "x", "tenant_id": [], "volumes": 5, "gigabytes": -1 }));
        assert_eq!(wanted, Ok(vec![("gigabytes".to_owned(), -1), ("volumes".to_owned(), 5)]));
    }

    #[test]
    fn wrong_values_are_refused_in_cinders_words() {
        for (value, message) in [
            (json!(-2), "volumes must be >= -1"),
            (json!(2_147_483_648_i64), "volumes must be <= 2147483647"),
            (json!(true), "volumes must be an integer"),
            (json!(1.0), "volumes must be an integer"),
            (json!(null), "volumes must be an integer"),
            (json!("many"), "volumes must be an integer"),
            (json!("10"), GENERIC),
        ] {
            assert_eq!(check(json!({ "volumes": value })), Err(message.to_owned()), "{value}");
        }
        assert_eq!(
            check(json!({ "volumes": 10, "colour": 1 })),
            Err("Invalid input received: Bad key(s) in quota set: colour".to_owned())
        );
    }

    #[test]
    fn a_limit_below_what_is_used_is_refused() {
        assert_eq!(
            check(json!({ "volumes": 4 })),
            Err("Quota volumes limit must be equal or greater than existing resources. Current \
                 usage is 5 and the requested limit is 4."
                .to_owned())
        );
        assert!(check(json!({ "volumes": 5, "per_volume_gigabytes": 1 })).is_ok());
    }
}
