//! What backends say of themselves in expressions: `filter_function` (may the volume come?) and `goodness_function` (how
//! gladly?).

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use ashlar_types::Pool;
use serde_json::Value as Json;

use crate::candidate::{Candidate, Function};
use crate::expression::{Value, Variable, Variables};
use crate::figures::float;
use crate::reason::Trouble;
use crate::request::Request;

/// What a `filter_function` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It holds, or there is none.
    Yes,
    /// It does not.
    No,
    /// It cannot be evaluated: no, as in Cinder.
    Failed,
}

/// The best goodness there is.
const PERFECT: f64 = 100.0;

/// Whether the pool's `filter_function` holds: for a protocol with several spellings, with any of them.
pub(crate) fn passes(request: &Request<'_>, candidate: &Candidate) -> Verdict {
    let Some(function) = &candidate.compiled.filter_function else { return Verdict::Yes };
    let Ok(expression) = &function.expression else { return Verdict::Failed };
    let mut verdict = Verdict::Failed;
    for spelling in spellings(function, candidate) {
        let known = Known { request, candidate, spelling, of_filter: true };
        match expression.evaluate(&known) {
            Ok(value) if value.is_true() => return Verdict::Yes,
            Ok(_) => verdict = Verdict::No,
            Err(_) => {}
        }
    }
    verdict
}

/// What is wrong with a `filter_function` that cannot be evaluated.
pub(crate) fn complaint(request: &Request<'_>, candidate: &Candidate) -> String {
    let Some(function) = &candidate.compiled.filter_function else { return String::new() };
    match &function.expression {
        Err(complaint) => complaint.clone(),
        Ok(expression) => {
            let spelling = spellings(function, candidate).next().flatten();
            let known = Known { request, candidate, spelling, of_filter: true };
            expression.evaluate(&known).err().map(|error| error.to_string()).unwrap_or_default()
        }
    }
}

/// The pool's goodness from 0 to 100: what its function gives, the highest over the spellings of its protocol; true is
/// 100, and no function, a faulty one and what is out of range are 0.
///
/// # Errors
/// The function gives a text or a list, at which Cinder raises; or what is "not a number", which Cinder cannot sort.
pub(crate) fn goodness(request: &Request<'_>, candidate: &Candidate) -> Result<f64, Trouble> {
    let Some(function) = &candidate.compiled.goodness_function else { return Ok(0.0) };
    let Ok(expression) = &function.expression else { return Ok(0.0) };
    let mut best = 0.0_f64;
    for spelling in spellings(function, candidate) {
        let known = Known { request, candidate, spelling, of_filter: false };
        let Ok(value) = expression.evaluate(&known) else { continue };
        #[allow(clippy::cast_precision_loss)]
        let goodness = match value {
            Value::Bool(truth) => f64::from(u8::from(truth)) * PERFECT,
            Value::Int(number) => number as f64,
            Value::Float(number) => number,
            Value::Text(_) | Value::List(_) => return Err(Trouble::Goodness),
        };
        if goodness.is_nan() {
            return Err(Trouble::Goodness);
        }
        if (0.0..=PERFECT).contains(&goodness) {
            best = best.max(goodness);
        }
    }
    Ok(best)
}

/// The spellings to evaluate the function for; one that stands for "as reported" when it makes no difference.
fn spellings<'c>(
    function: &Function,
    candidate: &'c Candidate,
) -> impl Iterator<Item = Option<&'c Json>> {
    let family: &[Json] = if function.uses_protocol { &candidate.compiled.protocols } else { &[] };
    let as_reported = family.is_empty().then_some(None);
    family.iter().map(Some).chain(as_reported)
}

/// What an expression can ask for.
struct Known<'k> {
    request: &'k Request<'k>,
    candidate: &'k Candidate,
    spelling: Option<&'k Json>,
    /// A filter function may also ask who the pool is in a cluster.
    of_filter: bool,
}

impl Variables for Known<'_> {
    fn lookup(&self, namespace: &str, key: &str) -> Option<Variable<'_>> {
        match namespace {
            "volume" => self.volume(key),
            "capabilities" => self.capability(key),
            "stats" => self.stat(key),
            "extra" => {
                let value = self.request.spec.volume_type.extra_specs.get(key)?;
                Some(value.as_deref().map_or(Variable::Null, text))
            }
            "qos" => self.request.facts.qos_specs.get(key).map(|value| text(value)),
            _ => None,
        }
    }
}

/// What an expression can ask for that stays the same as long as the pool's report does.
pub(crate) struct Fixed<'p>(pub(crate) &'p Pool);

impl Variables for Fixed<'_> {
    fn lookup(&self, namespace: &str, key: &str) -> Option<Variable<'_>> {
        match namespace {
            // This one may have several spellings.
            "capabilities" if key != "storage_protocol" => {
                self.0.stats.get(key).map(Variable::from)
            }
            "stats" => fixed_stat(self.0, key),
            _ => None,
        }
    }
}

/// What of a backend's state comes from its report alone.
fn fixed_stat<'p>(pool: &'p Pool, key: &str) -> Option<Variable<'p>> {
    let reported = |otherwise| Some(pool.stats.get(key).map_or(otherwise, Variable::from));
    match key {
        "host" => Some(text(pool.name.as_str())),
        "volume_backend_name" | "vendor_name" | "driver_version" => reported(Variable::Null),
        "QoS_support" => reported(Variable::Bool(false)),
        "total_capacity_gb" | "reserved_percentage" => reported(Variable::Int(0)),
        _ => None,
    }
}

impl Known<'_> {
    fn capability(&self, key: &str) -> Option<Variable<'_>> {
        match (self.spelling, key) {
            (Some(spelling), "storage_protocol") => Some(Variable::from(spelling)),
            _ => self.candidate.pool.stats.get(key).map(Variable::from),
        }
    }

    /// What Cinder calls the state of a backend: figures with what was taken since the report.
    fn stat(&self, key: &str) -> Option<Variable<'_>> {
        let pool = &self.candidate.pool;
        match key {
            "backend_id" if self.of_filter => Some(text(pool.name.as_str())),
            "cluster_name" if self.of_filter => Some(Variable::Null),
            "storage_protocol" => self.capability(key).or(Some(Variable::Null)),
            "allocated_capacity_gb" => {
                Some(Variable::Int(i128::from(pool.allocated) + i128::from(pool.held)))
            }
            "free_capacity_gb" => Some(match &self.candidate.compiled.free {
                None => Variable::Int(-i128::from(pool.unreported)),
                Some(Json::Number(number)) if pool.unreported > 0 => match number.as_i64() {
                    Some(free) => Variable::Int(i128::from(free) - i128::from(pool.unreported)),
                    None => {
                        let free = number.as_f64().unwrap_or(f64::NAN);
                        Variable::Float(free - float(pool.unreported))
                    }
                },
                Some(value) => Variable::from(value),
            }),
            // A moment, which no expression can compute with.
            "updated" => Some(Variable::Object),
            _ => fixed_stat(pool, key),
        }
    }

    /// The properties of the volume to make.
    fn volume(&self, key: &str) -> Option<Variable<'_>> {
        let spec = self.request.spec;
        let owned = |value: Option<String>| {
            Some(value.map_or(Variable::Null, |value| Variable::Text(Cow::Owned(value))))
        };
        match key {
            "size" => Some(Variable::Int(i128::from(spec.size.0))),
            "project_id" => Some(text(&spec.project_id)),
            "user_id" => Some(text(&spec.user_id)),
            // Of several zones none is the volume's yet.
            "availability_zone" => match spec.availability_zones.as_slice() {
                [zone] => Some(text(zone)),
                _ => None,
            },
            "volume_type_id" => owned(Some(spec.volume_type.id.to_string())),
            "snapshot_id" | "source_volid" => owned(spec.source.named(key)),
            "status" => Some(text("creating")),
            "attach_status" => Some(text("detached")),
            "metadata" => Some(Variable::Object),
            "consistencygroup_id"
            | "group_id"
            | "cgsnapshot_id"
            | "encryption_key_id"
            | "replication_status" => Some(Variable::Null),
            _ => None,
        }
    }
}

fn text(value: &str) -> Variable<'_> {
    Variable::Text(Cow::Borrowed(value))
}
