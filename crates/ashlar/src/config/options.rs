//! The registry: every option that Ashlar reads, with Cinder's name, section, default and bounds.
//!
//! What is listed here is what `config check` knows and what the generated reference shows. A default or a bound
//! that is not Cinder's says so in its help.

pub(crate) mod account;
pub(crate) mod api;
pub(crate) mod backend;
pub(crate) mod database;
pub(crate) mod identity;
pub(crate) mod images;
pub(crate) mod log;
pub(crate) mod notifications;
pub(crate) mod nova;
pub(crate) mod policy;
pub(crate) mod quota;
pub(crate) mod scheduler;
pub(crate) mod service;

use super::option::{BACKEND, Entry};

/// Declares options as statics and lists them in `ENTRIES`, so that none can be read without being registered.
macro_rules! options {
    ($($name:ident: $type:ty = $option:expr;)*) => {
        $(
            #[doc = concat!("See the help of `", stringify!($name), "` in the reference.")]
            pub(crate) static $name: $crate::config::option::Opt<$type> = $option;
        )*
        /// All of this file, in its order.
        pub(crate) static ENTRIES: &[&$crate::config::option::Entry] = &[$(&$name.entry),*];
    };
}
pub(crate) use options;

/// Every option, in the order of the reference.
pub(crate) fn all() -> impl Iterator<Item = &'static Entry> {
    [
        service::ENTRIES,
        api::ENTRIES,
        scheduler::ENTRIES,
        policy::ENTRIES,
        quota::ENTRIES,
        database::ENTRIES,
        log::ENTRIES,
        notifications::ENTRIES,
        identity::ACCOUNT_ENTRIES,
        identity::ENTRIES,
        nova::ACCOUNT_ENTRIES,
        nova::ENTRIES,
        images::ENTRIES,
        backend::ENTRIES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The option with this name, or this older name, in `section`; `backend` says that `section` is a backend's.
pub(crate) fn find(section: &str, name: &str, backend: bool) -> Option<&'static Entry> {
    all().find(|entry| {
        let same =
            |own: &str| super::sources::same_section(own, section) || (backend && own == BACKEND);
        (entry.name == name && same(entry.section))
            || entry.deprecated.iter().any(|(old, older)| *older == name && same(old))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_option_is_listed_twice_and_each_has_a_sentence() {
        let mut seen = BTreeSet::new();
        for entry in all() {
            assert!(seen.insert((entry.section, entry.name)), "{} {}", entry.section, entry.name);
            assert!(entry.help.ends_with('.'), "{} has no sentence", entry.name);
        }
    }
}
