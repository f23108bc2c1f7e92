//! The resources that have a limit, and the limits of classes.

use std::collections::BTreeMap;

use ashlar_db::listing::Filter;
use ashlar_db::quotas::{self, Limits};
use ashlar_db::volume_types::{self, TypeFilter, TypePage, Visibility};
use ashlar_db::{DbError, Tx};
use ashlar_types::Caller;
use ashlar_types::quota::UNLIMITED;
use serde_json::{Map, Value};

use crate::fault::Fault;

/// Resources that do not depend on a type.
const PLAIN: [&str; 7] = [
    "volumes",
    "per_volume_gigabytes",
    "snapshots",
    "gigabytes",
    "backups",
    "backup_gigabytes",
    "groups",
];
/// What each type adds, before its name.
const OF_TYPE: [&str; 3] = ["volumes", "gigabytes", "snapshots"];
/// The class whose limits hold where nothing else does.
const DEFAULT_CLASS: &str = "default";
/// Longest name of a project or a class, in characters: what the column holds.
const LONGEST_NAME: usize = 255;

/// All resources that the caller may know of: three for each type that they see, an administrator every type.
/// Cinder names private types to everybody here.
///
/// # Errors
/// [`DbError`].
pub async fn of(tx: &mut Tx, caller: &Caller) -> Result<Vec<String>, DbError> {
    let visibility = if caller.is_admin {
        Visibility::All
    } else {
        Visibility::Project(caller.project_id.clone())
    };
    let filter = TypeFilter { visibility, columns: Filter::default() };
    let types = volume_types::list(tx, &filter, &TypePage::default()).await?.unwrap_or_default();
    let plain = PLAIN.iter().map(|&name| name.to_owned());
    let typed =
        types.iter().flat_map(|found| OF_TYPE.iter().map(|kind| format!("{kind}_{}", found.name)));
    Ok(plain.chain(typed).collect())
}

/// The limits of `class` for these resources: its own, else the default class's, else the configuration's.
///
/// # Errors
/// [`DbError`].
pub async fn class_limits(
    tx: &mut Tx,
    class: &str,
    resources: &[String],
    limits: &Limits,
) -> Result<BTreeMap<String, i64>, DbError> {
    let mut known = limits.defaults.clone();
    known.extend(quotas::classes(tx, DEFAULT_CLASS).await?);
    if class != DEFAULT_CLASS {
        known.extend(quotas::classes(tx, class).await?);
    }
    Ok(choose(resources, &known))
}

/// The limits of a project without any of its own.
///
/// # Errors
/// [`DbError`].
pub async fn default_limits(
    tx: &mut Tx,
    resources: &[String],
    limits: &Limits,
) -> Result<BTreeMap<String, i64>, DbError> {
    if limits.use_default_class {
        class_limits(tx, DEFAULT_CLASS, resources, limits).await
    } else {
        Ok(choose(resources, &limits.defaults))
    }
}

fn choose(resources: &[String], known: &BTreeMap<String, i64>) -> BTreeMap<String, i64> {
    let limit = |name: &String| known.get(name).copied().unwrap_or(UNLIMITED);
    resources.iter().map(|name| (name.clone(), limit(name))).collect()
}

/// All `keys` are resources.
///
/// # Errors
/// 400 "Invalid input received: Bad key(s) in `what`: …".
pub fn check_keys<'k>(
    keys: impl Iterator<Item = &'k String>,
    resources: &[String],
    what: &str,
) -> Result<(), Fault> {
    let bad: Vec<&str> = keys.filter(|key| !resources.contains(key)).map(String::as_str).collect();
    if bad.is_empty() {
        return Ok(());
    }
    Err(Fault::invalid_input(format!("Bad key(s) in {what}: {}", bad.join(", "))))
}

/// The name of a project or class fits its column; `what` is what Cinder calls it.
///
/// # Errors
/// 400 "Invalid input received: `what` has N characters, more than 255."
pub fn check_name(name: &str, what: &str) -> Result<(), Fault> {
    let length = name.chars().count();
    if length <= LONGEST_NAME {
        return Ok(());
    }
    let reason = format!("{what} has {length} characters, more than {LONGEST_NAME}.");
    Err(Fault::invalid_input(reason))
}

/// Limits as a JSON object.
#[must_use]
pub fn view(limits: BTreeMap<String, i64>) -> Map<String, Value> {
    limits.into_iter().map(|(name, limit)| (name, limit.into())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_resource_without_a_limit_is_unlimited() {
        let known = BTreeMap::from([("volumes".to_owned(), 10)]);
        let resources = ["volumes".to_owned(), "volumes_gold".to_owned()];
        let chosen = choose(&resources, &known);
        assert_eq!(chosen.into_values().collect::<Vec<_>>(), [10, UNLIMITED]);
    }

    #[test]
    fn bad_keys_are_named_together() {
        let keys = ["volumes", "colour", "size"].map(str::to_owned);
        let resources = ["volumes".to_owned()];
        let fault = check_keys(keys.iter(), &resources, "quota set").expect_err("refused");
        assert_eq!(
            fault.message(),
            "Invalid input received: Bad key(s) in quota set: colour, size"
        );
    }

    #[test]
    fn a_name_has_at_most_255_characters() {
        assert!(check_name(&"ä".repeat(255), "quota_set_name").is_ok());
        let fault = check_name(&"a".repeat(256), "quota_set_name").expect_err("refused");
        assert_eq!(
            fault.message(),
            "Invalid input received: quota_set_name has 256 characters, more than 255."
        );
    }
}
