//! Who may do what: the default roles of Cinder's policy rules, and of a few of our own.
//!
//! One place answers [`allows`]; a compiler of `policy.yaml` can take it over without touching handlers.

mod rules;

use ashlar_types::Caller;

/// What a rule wants of the caller's roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultRole {
    /// The administrator.
    Admin,
    /// A member of the project, or the administrator.
    Member,
    /// A reader of the project, a member, or the administrator.
    Reader,
    /// Whoever has a token.
    AnyToken,
    /// Anybody, without a token too.
    None,
}

impl DefaultRole {
    /// Whether `caller` has it. Keystone's implied roles hold: admin is a member, a member is a reader.
    #[must_use]
    pub fn admits(self, caller: &Caller) -> bool {
        let has = |role: &str| caller.roles.iter().any(|held| held.eq_ignore_ascii_case(role));
        match self {
            Self::Admin => caller.is_admin,
            Self::Member => caller.is_admin || has("member"),
            Self::Reader => caller.is_admin || has("member") || has("reader"),
            Self::AnyToken | Self::None => true,
        }
    }
}

/// The role that `rule` wants by default; none for a rule that there is not.
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

/// Whether `caller` passes `rule`. An unknown rule admits nobody.
#[must_use]
pub fn allows(caller: &Caller, rule: &str) -> bool {
    default_role(rule).is_some_and(|role| role.admits(caller))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(roles: &[&str]) -> Caller {
        Caller {
            user_id: "u".to_owned(),
            project_id: "p".to_owned(),
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            is_admin: roles.contains(&"admin"),
            request_id: String::new(),
        }
    }

    #[test]
    fn every_list_is_sorted_and_no_rule_stands_twice() {
        let mut all: Vec<&str> = Vec::new();
        for names in [rules::ADMIN, rules::MEMBER, rules::READER] {
            assert!(names.is_sorted());
            all.extend(names);
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn a_role_implies_the_lesser_ones() {
        let rules = ["volume:get_all", "volume:create", "volume_extension:services:index"];
        let passed = |roles: &[&str]| rules.map(|rule| allows(&caller(roles), rule));
        assert_eq!(passed(&["admin"]), [true, true, true]);
        assert_eq!(passed(&["member"]), [true, true, false]);
        assert_eq!(passed(&["reader"]), [true, false, false]);
        assert_eq!(passed(&[]), [false, false, false]);
    }

    #[test]
    fn an_unknown_rule_admits_nobody() {
        assert!(!allows(&caller(&["admin"]), "volume:no_such_rule"));
    }
}
