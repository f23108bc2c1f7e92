//! From a declared option to its value: finds the text, substitutes `$name`, reads the type, and says where
//! and why when that fails.

use super::error::{ConfigError, Origin};
use super::option::{BACKEND, Entry, FromText, Opt};
use super::options;
use super::settings::exports::machine_address;
use super::sources::{Given, Sources};
use super::substitute::expand;

/// Reads values out of the sources.
#[derive(Debug, Clone)]
pub(crate) struct Values {
    pub(crate) sources: Sources,
    /// What `host` is when nobody sets it.
    host: String,
}

/// References that lead to references: more than any file needs, so more is a circle.
const MAX_DEPTH: usize = 16;

impl Values {
    /// Reads out of `sources`; `host` is the machine's name.
    pub(crate) fn new(sources: Sources, host: String) -> Self {
        Self { sources, host }
    }

    /// The value of an option, or `None` when it is not set and has no default.
    pub(crate) fn get<T: FromText>(&self, option: &Opt<T>) -> Result<Option<T>, ConfigError> {
        self.get_in(option.entry.section, option)
    }

    /// The same for a backend's option: from its own section, else from `[backend_defaults]`, else the default.
    pub(crate) fn get_in<T: FromText>(
        &self,
        section: &str,
        option: &Opt<T>,
    ) -> Result<Option<T>, ConfigError> {
        match self.given(section, &option.entry) {
            Some(given) => self.read(section, &option.entry, &given).map(Some),
            None => Ok(None),
        }
    }

    /// The value of an option that has a default.
    pub(crate) fn require<T: FromText>(&self, option: &Opt<T>) -> Result<T, ConfigError> {
        self.require_in(option.entry.section, option)
    }

    /// The value of a backend's option; an error when nobody set it and it has no default.
    pub(crate) fn require_in<T: FromText>(
        &self,
        section: &str,
        option: &Opt<T>,
    ) -> Result<T, ConfigError> {
        self.get_in(section, option)?
            .ok_or_else(|| self.refuse_in(section, &option.entry, "is not set"))
    }

    /// All values of a backend's option that repeats; those of its own section replace the shared ones.
    pub(crate) fn all_in<T: FromText>(
        &self,
        section: &str,
        option: &Opt<T>,
    ) -> Result<Vec<T>, ConfigError> {
        let entry = &option.entry;
        let mut given = self.sources.find_all(&names(section, entry));
        if given.is_empty() && entry.section == BACKEND {
            given = self.sources.find_all(&names(BACKEND, entry));
        }
        given.iter().map(|given| self.read(section, entry, given)).collect()
    }

    /// Where the option's value comes from.
    pub(crate) fn origin(&self, entry: &Entry) -> Origin {
        self.origin_in(entry.section, entry)
    }

    /// The same for an option of a backend.
    pub(crate) fn origin_in(&self, section: &str, entry: &Entry) -> Origin {
        self.given(section, entry).map_or(Origin::Default, |given| given.origin)
    }

    /// An error about the option's value, with its place.
    pub(crate) fn refuse(&self, entry: &Entry, problem: impl Into<String>) -> ConfigError {
        self.refuse_in(entry.section, entry, problem)
    }

    /// The same for an option of a backend. A value that nobody gave is placed at the section's header.
    pub(crate) fn refuse_in(
        &self,
        section: &str,
        entry: &Entry,
        problem: impl Into<String>,
    ) -> ConfigError {
        let given = self.given(section, entry);
        let given = given.filter(|given| given.origin != Origin::Default);
        let section = given.as_ref().map_or(section, |given| &given.section).to_owned();
        let origin = match given {
            Some(given) => given.origin,
            None => self.sources.header(&section).unwrap_or(Origin::Default),
        };
        ConfigError::Option {
            origin,
            section,
            option: entry.name.to_owned(),
            problem: problem.into(),
        }
    }

    fn given(&self, section: &str, entry: &Entry) -> Option<Given> {
        let own = self.sources.find(&names(section, entry));
        let shared = || match entry.section {
            BACKEND => self.sources.find(&names(BACKEND, entry)),
            _ => None,
        };
        let default = || {
            Some(Given {
                text: entry.default?.to_owned(),
                section: section.to_owned(),
                origin: Origin::Default,
            })
        };
        own.or_else(shared).or_else(default)
    }

    fn read<T: FromText>(
        &self,
        section: &str,
        entry: &Entry,
        given: &Given,
    ) -> Result<T, ConfigError> {
        let wrong = |problem| ConfigError::Option {
            origin: given.origin.clone(),
            section: given.section.clone(),
            option: entry.name.to_owned(),
            problem,
        };
        let text =
            self.substitute(&given.text, section, 0).map_err(|problem| match entry.secret {
                // The reference may be a piece of a password.
                true => {
                    wrong("has a $ that refers to no option; write $$ for a dollar sign".to_owned())
                }
                false => wrong(problem),
            })?;
        T::from_text(entry.kind, &text).ok_or_else(|| {
            let expected = entry.kind;
            wrong(match entry.secret {
                true => format!("is not {expected}"),
                false => format!("'{}' is not {expected}", text.escape_debug()),
            })
        })
    }

    /// Puts the values of other options in place of `$name`. A plain name is looked for in `section` first and in
    /// `[DEFAULT]` second.
    fn substitute(&self, text: &str, section: &str, depth: usize) -> Result<String, String> {
        if depth > MAX_DEPTH {
            return Err("refers to itself in a circle".to_owned());
        }
        expand(text, |reference| {
            let (group, name) = reference.split_once('.').unwrap_or((section, reference));
            let (found, group) = match self.raw(group, name) {
                Some(text) => (Some(text), group),
                None => (self.raw("DEFAULT", reference), "DEFAULT"),
            };
            let text = found.ok_or_else(|| {
                format!(
                    "'${reference}' refers to no option that is set; write $$ for a dollar sign"
                )
            })?;
            self.substitute(&text, group, depth + 1)
        })
    }

    /// The text of any option, known to us or not.
    fn raw(&self, section: &str, name: &str) -> Option<String> {
        let backend = self.sources.has_section(section);
        match options::find(section, name, backend) {
            Some(entry) => self.given(section, entry).map(|given| given.text),
            None => self.sources.find(&[(section, name)]).map(|given| given.text),
        }
        .or_else(|| match (section, name) {
            ("DEFAULT", "host") => Some(self.host.clone()),
            ("DEFAULT", "my_ip") => Some(machine_address()),
            _ => None,
        })
    }

    /// The machine's name.
    pub(crate) fn machine(&self) -> &str {
        &self.host
    }
}

/// All names of an option in `section`, the current one first.
fn names<'a>(section: &'a str, entry: &'a Entry) -> Vec<(&'a str, &'a str)> {
    let current = [(section, entry.name)];
    current.into_iter().chain(entry.deprecated.iter().copied()).collect()
}
