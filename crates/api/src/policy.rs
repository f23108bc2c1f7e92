//! Who may do what: Cinder's policy rules and a few of our own, in the language of oslo.policy, with what `policy.yaml`
//! says in place of their defaults.
//!
//! [`Policy`] is all rules at one moment; a request keeps the one that it came in under. [`Enforcer`] has the newest,
//! and reads the files again when they change. Asking [`Policy::allows`] allocates nothing.

mod defaults;
mod enforcer;
mod facts;
mod files;
mod rules;

use std::path::PathBuf;

use ashlar_oslo::policy::Rules;
use ashlar_types::Caller;

pub use defaults::{DefaultRole, default_role, defaults, known};
pub use enforcer::Enforcer;
pub use facts::Target;
pub use files::{Settings, read};

use crate::fault::Fault;
use facts::{About, Who};

/// All rules at one moment.
#[derive(Debug)]
pub struct Policy {
    rules: Rules,
    given: Vec<Given>,
    /// What was read, in order.
    files: Vec<PathBuf>,
    warnings: Vec<String>,
}

/// A rule that a file has given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The rule.
    pub name: String,
    /// File and line, `policy.yaml:12`.
    pub place: String,
}

impl Policy {
    /// Whether `caller` passes `rule` for `target`. A rule that there is not admits nobody.
    #[must_use]
    pub fn allows(&self, rule: &str, caller: &Caller, target: &Target<'_>) -> bool {
        self.rules.passes(rule, &Who(caller), &About { caller, target }).unwrap_or(false)
    }

    /// Whether `caller` is an administrator: the rule `context_is_admin`, asked about the caller.
    #[must_use]
    pub fn is_admin(&self, caller: &Caller) -> bool {
        self.rules.passes(rules::IS_ADMIN, &Who(caller), &Who(caller)).unwrap_or(false)
    }

    /// Why `caller` passes `rule` or does not: a line for each part of it. None when there is no such rule.
    #[must_use]
    pub fn explain(&self, rule: &str, caller: &Caller, target: &Target<'_>) -> Option<String> {
        self.rules.explain(rule, &Who(caller), &About { caller, target })
    }

    /// What `rule` says, in the policy language; none when there is no such rule.
    #[must_use]
    pub fn text(&self, rule: &str) -> Option<String> {
        self.rules.get(rule).map(|rule| rule.check.to_string())
    }

    /// File and line that give `rule`; none for one that has its default.
    #[must_use]
    pub fn place(&self, rule: &str) -> Option<&str> {
        self.given.iter().find(|given| given.name == rule).map(|given| given.place.as_str())
    }

    /// The names of all rules, Cinder's and ours first and then those that only a file has.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.rules.iter().map(|rule| rule.name.as_str())
    }

    /// What is most likely a mistake in the files, a sentence each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The caller passes `rule` for `target`.
    ///
    /// # Errors
    /// 403 "Policy doesn't allow RULE to be performed."; the log learns what the rule says.
    pub fn require(&self, rule: &str, caller: &Caller, target: &Target<'_>) -> Result<(), Fault> {
        if self.allows(rule, caller, target) {
            return Ok(());
        }
        if tracing::enabled!(tracing::Level::DEBUG) {
            let explained = self.explain(rule, caller, target).unwrap_or_default();
            tracing::debug!(request_id = caller.request_id, rule, explained, "refused by policy");
        }
        Err(Fault::forbidden(rule).caused_by(self.refusal(rule, caller)))
    }

    /// For the log: what refused the caller.
    fn refusal(&self, rule: &str, caller: &Caller) -> String {
        let place = self.place(rule).unwrap_or("default");
        let says = self.text(rule).unwrap_or_else(|| "no such rule".to_owned());
        let roles = caller.roles.join(",");
        format!("{rule} is \"{says}\" ({place}); the caller's roles: {roles}")
    }
}

#[cfg(test)]
mod tests;
