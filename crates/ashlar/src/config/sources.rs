//! Everything that was given: flags first, then the files, the later file before the earlier.

use super::error::Origin;
use super::ini::IniFile;

/// A value as text, before substitution, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    /// The text.
    pub(crate) text: String,
    /// The section where it was found (a deprecated name may lie in another one).
    pub(crate) section: String,
    /// Where.
    pub(crate) origin: Origin,
}

/// A value from the command line that stands over the files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flag {
    /// Section of the option that it replaces.
    pub(crate) section: &'static str,
    /// The option.
    pub(crate) option: &'static str,
    /// The value, taken as it is: a `$` means itself.
    pub(crate) value: String,
    /// The flag's name, for messages.
    pub(crate) flag: &'static str,
}

/// All files in the order given, and the flags.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    /// Earliest file first; the last one wins.
    pub(crate) files: Vec<IniFile>,
    /// Flags win over files.
    pub(crate) flags: Vec<Flag>,
}

impl Sources {
    /// The value of the first of `names` (section and option) that the strongest source has. Deprecated names
    /// come after the current one, and count only where that source lacks the current one, as in oslo.config.
    pub(crate) fn find(&self, names: &[(&str, &str)]) -> Option<Given> {
        self.flag(names).or_else(|| {
            self.files
                .iter()
                .rev()
                .find_map(|file| names.iter().find_map(|name| in_file(file, name).last()))
        })
    }

    /// Every value of an option that may be repeated: the earlier file's first.
    pub(crate) fn find_all(&self, names: &[(&str, &str)]) -> Vec<Given> {
        self.files
            .iter()
            .flat_map(|file| names.iter().flat_map(move |name| in_file(file, name)))
            .collect()
    }

    /// Whether any file has this section.
    pub(crate) fn has_section(&self, name: &str) -> bool {
        self.files.iter().any(|file| file.sections.iter().any(|(own, _)| same_section(own, name)))
    }

    /// The place where a section begins, in the last file that has it.
    pub(crate) fn header(&self, name: &str) -> Option<Origin> {
        self.files.iter().rev().find_map(|file| {
            let (_, line) = file.sections.iter().find(|(own, _)| same_section(own, name))?;
            Some(Origin::File { path: file.path.clone(), line: *line })
        })
    }

    fn flag(&self, names: &[(&str, &str)]) -> Option<Given> {
        let flag = self.flags.iter().find(|flag| names.contains(&(flag.section, flag.option)))?;
        Some(Given {
            // Doubled so that substitution gives back what was typed.
            text: flag.value.replace('$', "$$"),
            section: flag.section.to_owned(),
            origin: Origin::Flag(flag.flag),
        })
    }
}

fn in_file<'a>(
    file: &'a IniFile,
    &(section, option): &(&'a str, &'a str),
) -> impl Iterator<Item = Given> + use<'a> {
    file.assignments
        .iter()
        .filter(move |a| a.option == option && same_section(&a.section, section))
        .map(|a| Given {
            text: a.value.clone(),
            section: a.section.clone(),
            origin: Origin::File { path: file.path.clone(), line: a.line },
        })
}

/// Sections are equal in any case of letters, but for `DEFAULT`, which has only the one form (oslo.config).
pub(crate) fn same_section(one: &str, other: &str) -> bool {
    one == other || (one != "DEFAULT" && other != "DEFAULT" && one.eq_ignore_ascii_case(other))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::ini;
    use super::*;

    fn sources(texts: &[&str]) -> Sources {
        let files = texts
            .iter()
            .enumerate()
            .map(|(n, text)| ini::parse(Path::new(&format!("{n}.conf")), text).expect("a file"))
            .collect();
        Sources { files, flags: Vec::new() }
    }

    #[test]
    fn the_last_line_of_the_last_file_wins() {
        let sources = sources(&["[DEFAULT]\nhost=a\n", "[DEFAULT]\nhost=b\nhost=c\n"]);
        let found = sources.find(&[("DEFAULT", "host")]).expect("a value");
        assert_eq!((found.text.as_str(), found.origin.to_string().as_str()), ("c", "1.conf:3"));
    }

    #[test]
    fn a_flag_wins_over_every_file() {
        let mut sources = sources(&["[DEFAULT]\nstate_path=/a\n"]);
        sources.flags.push(Flag {
            section: "DEFAULT",
            option: "state_path",
            value: "/b".to_owned(),
            flag: "--state-dir",
        });
        assert_eq!(sources.find(&[("DEFAULT", "state_path")]).expect("a value").text, "/b");
    }

    #[test]
    fn a_deprecated_name_in_a_later_file_wins_over_the_current_name_in_an_earlier_one() {
        let sources = sources(&["[DEFAULT]\nlog_file=a\n", "[DEFAULT]\nlogfile=b\n"]);
        let names = [("DEFAULT", "log_file"), ("DEFAULT", "logfile")];
        assert_eq!(sources.find(&names).expect("a value").text, "b");
    }

    #[test]
    fn repeated_options_add_up_over_files() {
        let sources = sources(&["[a]\nx=1\nx=2\n", "[A]\nx=3\n"]);
        let all: Vec<_> = sources.find_all(&[("a", "x")]).into_iter().map(|g| g.text).collect();
        assert_eq!(all, ["1", "2", "3"]);
    }

    #[test]
    fn only_default_cares_about_case() {
        assert!(same_section("LVM", "lvm"));
        assert!(!same_section("default", "DEFAULT"));
    }
}
