//! What rules can ask: the caller's credentials by oslo.context's names, and the values of the target.

use ashlar_oslo::policy::{Fact, Facts};
use ashlar_types::Caller;

/// What a request is about: the owner of what was loaded. What is not said is the caller's own, as in Cinder.
#[derive(Debug, Clone, Copy, Default)]
pub struct Target<'a> {
    /// Its project.
    pub project_id: Option<&'a str>,
    /// The user who made it.
    pub user_id: Option<&'a str>,
    /// Further values by name.
    pub more: &'a [(&'a str, &'a str)],
}

impl<'a> Target<'a> {
    /// Something of this project and user.
    #[must_use]
    pub fn of(project_id: &'a str, user_id: &'a str) -> Self {
        Self { project_id: Some(project_id), user_id: Some(user_id), more: &[] }
    }
}

/// A caller's credentials.
pub(super) struct Who<'a>(pub(super) &'a Caller);

impl Facts for Who<'_> {
    fn look_up(&self, name: &str) -> Option<Fact<'_>> {
        let caller = self.0;
        let scope = &caller.scope;
        Some(match name {
            "roles" => Fact::List(&caller.roles),
            "project_id" => return owned(&caller.project_id),
            "user_id" => return owned(&caller.user_id),
            "is_admin" => Fact::Flag(caller.is_admin),
            "is_admin_project" => Fact::Flag(scope.is_admin_project),
            "system_scope" => optional(scope.system.as_deref()),
            "system" => Fact::Text(scope.system.as_deref()?),
            "domain_id" => optional(scope.domain_id.as_deref()),
            "user_domain_id" => optional(scope.user_domain_id.as_deref()),
            "project_domain_id" => optional(scope.project_domain_id.as_deref()),
            "service_roles" => Fact::List(&scope.service_roles),
            "service_user_id"
            | "service_user_domain_id"
            | "service_project_id"
            | "service_project_domain_id" => Fact::Null,
            _ => return None,
        })
    }
}

/// The names that [`Who`] knows.
pub(super) const CREDENTIALS: &[&str] = &[
    "roles",
    "project_id",
    "user_id",
    "is_admin",
    "is_admin_project",
    "system_scope",
    "system",
    "domain_id",
    "user_domain_id",
    "project_domain_id",
    "service_roles",
    "service_user_id",
    "service_user_domain_id",
    "service_project_id",
    "service_project_domain_id",
];

/// The target of a request.
pub(super) struct About<'a> {
    pub(super) caller: &'a Caller,
    pub(super) target: &'a Target<'a>,
}

impl Facts for About<'_> {
    fn look_up(&self, name: &str) -> Option<Fact<'_>> {
        match name {
            "project_id" => owned(self.target.project_id.unwrap_or(&self.caller.project_id)),
            "user_id" => owned(self.target.user_id.unwrap_or(&self.caller.user_id)),
            _ => {
                let found = self.target.more.iter().find(|(key, _)| *key == name);
                found.map(|(_, value)| Fact::Text(value))
            }
        }
    }
}

fn optional(value: Option<&str>) -> Fact<'_> {
    value.map_or(Fact::Null, Fact::Text)
}

/// Nobody's project is no project: a token without one has none in common with anything. In Cinder it reads as `None`
/// on both sides and is the same.
fn owned(id: &str) -> Option<Fact<'_>> {
    (!id.is_empty()).then_some(Fact::Text(id))
}
