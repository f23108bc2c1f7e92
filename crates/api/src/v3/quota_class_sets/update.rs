//! `PUT /os-quota-class-sets/{class}`.

use std::collections::BTreeMap;

use ashlar_db::quotas::{self, Limits};
use ashlar_db::{DbError, Tx, transact};
use ashlar_types::{Caller, Timestamp};
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::pieces;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::request::Request;
use crate::v3::quota_sets::resources;

/// Limits by resource: integers from −1 on, or strings of digits.
pub(super) fn schema() -> Value {
    let limit = json!({
        "type": ["integer", "string"], "pattern": "^[0-9]*$", "minLength": 1,
        "minimum": -1, "maximum": i32::MAX,
    });
    pieces::wrapped("quota_class_set", pieces::map("^[a-zA-Z0-9-_:. ]{1,300}$", &limit))
}

/// Gives the class limits; it comes to be by that.
pub(super) async fn update(request: &Request) -> Outcome {
    let class = request.param("class");
    resources::check_name(class, "quota_class_name")?;
    let pairs = request.object("quota_class_set").iter();
    let wanted = pairs.filter_map(|(key, value)| Some((key.clone(), number(value)?))).collect();
    let wish = Wish {
        class,
        caller: &request.caller,
        wanted,
        limits: &request.app.operations.settings.limits,
    };
    let (db, now) = (&request.app.db, request.app.clock.now());
    let stored: Result<Result<BTreeMap<String, i64>, Fault>, DbError> =
        transact!(db, tx => wish.store(tx, now).await);
    Ok(Answer::ok(&json!({ "quota_class_set": resources::view(stored??) })))
}

/// The number of a value that passed the schema.
fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

struct Wish<'a> {
    class: &'a str,
    caller: &'a Caller,
    wanted: BTreeMap<String, i64>,
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
        if let Err(fault) = resources::check_keys(self.wanted.keys(), &names, "quota class set") {
            return Ok(Err(fault));
        }
        for (name, limit) in &self.wanted {
            quotas::set_class_limit(tx, self.class, name, *limit, now).await?;
        }
        resources::class_limits(tx, self.class, &names, self.limits).await.map(Ok)
    }
}
