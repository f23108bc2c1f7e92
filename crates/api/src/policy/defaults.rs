//! The rules as they are without any file.

use std::borrow::Cow;

use super::rules;

/// What a rule wants of the caller's roles by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultRole {
    /// The administrator.
    Admin,
    /// A member of the project, or the administrator.
    Member,
    /// A reader of the project, or the administrator. Keystone makes every member a reader too.
    Reader,
    /// Whoever has a token.
    AnyToken,
    /// Anybody, without a token too.
    None,
}

impl DefaultRole {
    /// The same in the policy language.
    fn text(self) -> &'static str {
        match self {
            Self::Admin => "rule:admin_api",
            Self::Member => "rule:xena_system_admin_or_project_member",
            Self::Reader => "rule:xena_system_admin_or_project_reader",
            Self::AnyToken | Self::None => "",
        }
    }
}

/// The role that `rule` wants by default; none for a rule that there is not, or that only other rules refer to.
#[must_use]
pub fn default_role(rule: &str) -> Option<DefaultRole> {
    [
        (rules::READER, DefaultRole::Reader),
        (rules::MEMBER, DefaultRole::Member),
        (rules::ADMIN, DefaultRole::Admin),
    ]
    .into_iter()
    .find_map(|(names, role)| names.binary_search(&rule).is_ok().then_some(role))
}

/// Every rule with what it says by default in the policy language: those that others refer to first, then by name.
#[must_use]
pub fn defaults() -> Vec<(&'static str, Cow<'static, str>)> {
    let lists = [
        (rules::ADMIN, DefaultRole::Admin),
        (rules::MEMBER, DefaultRole::Member),
        (rules::READER, DefaultRole::Reader),
    ];
    let named =
        lists.iter().flat_map(|(names, role)| names.iter().map(|&name| (name, role.text().into())));
    let mut named: Vec<_> = named.collect();
    named.sort_unstable_by_key(|(name, _)| *name);
    rules::BASE.iter().map(|&(name, text)| (name, text.into())).chain(named).collect()
}

/// Whether there is a rule of this name without any file, or there was under this older name.
#[must_use]
pub fn known(rule: &str) -> bool {
    default_role(rule).is_some()
        || rules::BASE.iter().any(|(name, _)| *name == rule)
        || rules::RENAMED.iter().any(|(_, old)| *old == rule)
}
