//! The files with rules: which there are, when they have changed, and what they say.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use ashlar_oslo::policy::file::{self, Entry};
use ashlar_oslo::policy::{Definition, FileError, Rules, RulesError};

use super::facts::CREDENTIALS;
use super::{Given, Policy, defaults, known, rules};

/// Where rules come from, `[oslo_policy]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `policy_file`: the places where it may be; the first that is there counts.
    pub file: Vec<PathBuf>,
    /// `policy_dirs`: the places where each may be. All files in the first that is there are read after `file`, by name.
    pub directories: Vec<Vec<PathBuf>>,
    /// `policy_default_rule`: stands in for rules that are referred to and not there.
    pub default_rule: String,
}

impl Default for Settings {
    /// No files.
    fn default() -> Self {
        Self { file: Vec::new(), directories: Vec::new(), default_rule: "default".to_owned() }
    }
}

/// Values of targets that are given for every resource. Others are given for some, so nothing is said about them.
const OFTEN_MISTAKEN: &[(&str, &str)] =
    &[("tenant_id", "project_id"), ("tenant", "project_id"), ("user", "user_id")];

/// Everything that tells one state of the files from another.
pub(super) type Fingerprint = Vec<(PathBuf, Option<Look>)>;

/// A file from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
    inode: u64,
}

impl Settings {
    /// The files that are there, in the order in which they are read; each one's rules stand over those before. What
    /// cannot be looked at may be there: that is an error, lest rules be lost with the right to read them.
    fn paths(&self) -> Result<Vec<PathBuf>, FileError> {
        let mut found: Vec<PathBuf> = first_there(&self.file)?.into_iter().collect();
        for places in &self.directories {
            let Some(directory) = first_there(places)? else { continue };
            let unreadable = |cause| FileError::Unreadable { path: directory.clone(), cause };
            let mut inside = Vec::new();
            for entry in fs::read_dir(&directory).map_err(unreadable)? {
                let path = entry.map_err(unreadable)?.path();
                let hidden =
                    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
                if !hidden && look(&path)?.is_some_and(|data| data.is_file()) {
                    inside.push(path);
                }
            }
            inside.sort_unstable();
            found.extend(inside);
        }
        Ok(found)
    }

    /// What the files look like from outside.
    pub(super) fn fingerprint(&self) -> Fingerprint {
        let paths = match self.paths() {
            Ok(paths) => paths,
            // Unlike any files that were read: so reading is tried, and fails for the same reason.
            Err(FileError::Unreadable { path, .. } | FileError::Content { path, .. }) => vec![path],
        };
        let seen = |path: PathBuf| {
            let seen = look(&path).ok().flatten().map(|data| Look {
                size: data.size(),
                modified: (data.mtime(), data.mtime_nsec()),
                changed: (data.ctime(), data.ctime_nsec()),
                inode: data.ino(),
            });
            (path, seen)
        };
        paths.into_iter().map(seen).collect()
    }

    /// Whether there can be any file.
    pub(super) fn is_empty(&self) -> bool {
        self.file.is_empty() && self.directories.is_empty()
    }
}

/// The file or directory at `path`; `None` when there is none.
fn look(path: &Path) -> Result<Option<fs::Metadata>, FileError> {
    match fs::metadata(path) {
        Ok(data) => Ok(Some(data)),
        Err(cause) if matches!(cause.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(cause) => Err(FileError::Unreadable { path: path.to_owned(), cause }),
    }
}

/// The first of them that is there.
fn first_there(paths: &[PathBuf]) -> Result<Option<PathBuf>, FileError> {
    for path in paths {
        if look(path)?.is_some() {
            return Ok(Some(path.clone()));
        }
    }
    Ok(None)
}

/// Reads the files and puts their rules over the defaults.
///
/// # Errors
/// A file cannot be read or is none of rules; a rule is none; or the rules do not go together. Each with file and line.
pub fn read(settings: &Settings) -> Result<Policy, FileError> {
    let files = settings.paths()?;
    let mut entries: Vec<(PathBuf, Entry)> = Vec::new();
    for path in &files {
        let read = file::read(path)?;
        for entry in read {
            entries.retain(|(_, before)| before.name != entry.name);
            entries.push((path.clone(), entry));
        }
    }
    let compiled = compile(&entries, &settings.default_rule);
    let rules = compiled.map_err(|error| placed(&error, &entries))?;
    let mut warnings = warnings(&rules, &entries);
    if let ([first, ..], false) =
        (settings.file.as_slice(), settings.file.iter().any(|path| files.contains(path)))
        && first.file_name() != Some("policy.yaml".as_ref())
    {
        warnings.push(format!("{}: there is no such file; the defaults hold", first.display()));
    }
    let given = entries.iter().map(|(path, entry)| Given {
        name: entry.name.clone(),
        place: format!("{}:{}", path.display(), entry.line),
    });
    Ok(Policy { given: renamed(given.collect()), rules, files, warnings })
}

/// The defaults alone.
pub(super) fn without_files() -> Policy {
    let rules = compile(&[], &Settings::default().default_rule);
    // They are constants, and tests compile them.
    let rules = rules.expect("the default rules go together");
    Policy { rules, given: Vec::new(), files: Vec::new(), warnings: Vec::new() }
}

fn compile(entries: &[(PathBuf, Entry)], default_rule: &str) -> Result<Rules, RulesError> {
    let in_file = |name: &str| entries.iter().find(|(_, entry)| entry.name == name);
    let mut definitions: Vec<(&str, Definition)> = defaults()
        .into_iter()
        .map(|(name, text)| (name, Definition::Text(text.into_owned())))
        .collect();
    for &(new, old) in rules::RENAMED {
        if let (None, Some((_, entry))) = (in_file(new), in_file(old))
            && !refers_to(&entry.definition, new)
        {
            definitions.push((new, entry.definition.clone()));
        }
    }
    definitions
        .extend(entries.iter().map(|(_, entry)| (entry.name.as_str(), entry.definition.clone())));
    Rules::compile(definitions.iter().map(|(name, definition)| (*name, definition)), default_rule)
}

/// Whether it says nothing but `rule:<name>`, as sample files write an older name.
fn refers_to(definition: &Definition, name: &str) -> bool {
    matches!(definition, Definition::Text(text) if text.trim().strip_prefix("rule:") == Some(name))
}

/// Marks the new names of rules that are given under their older ones.
fn renamed(mut given: Vec<Given>) -> Vec<Given> {
    for &(new, old) in rules::RENAMED {
        let find = |name: &str| given.iter().find(|given| given.name == name).cloned();
        if let (None, Some(old)) = (find(new), find(old)) {
            given.push(Given { name: new.to_owned(), place: old.place });
        }
    }
    given
}

/// The error with the place of the rule that it is about.
fn placed(error: &RulesError, entries: &[(PathBuf, Entry)]) -> FileError {
    let found = entries.iter().find(|(_, entry)| entry.name == error.rule()).or(entries.first());
    let (path, line) =
        found.map_or_else(Default::default, |(path, entry)| (path.clone(), entry.line));
    FileError::Content { path, line, problem: error.to_string() }
}

/// What is most likely a mistake.
fn warnings(rules: &Rules, entries: &[(PathBuf, Entry)]) -> Vec<String> {
    let place = |rule: &str| {
        let found = entries.iter().find(|(_, entry)| entry.name == rule);
        found.map(|(path, entry)| format!("{}:{}", path.display(), entry.line))
    };
    let mut found = Vec::new();
    for (_, entry) in entries {
        if !known(&entry.name) && !is_used(&entry.name, entries) {
            let place = place(&entry.name).unwrap_or_default();
            found.push(format!(
                "{place}: there is no rule {}, and no other refers to it",
                entry.name
            ));
        }
    }
    let mut about = |rule: &str, problem: String| {
        // The defaults are as Cinder has them.
        if let Some(place) = place(rule) {
            found.push(format!("{place}: rule {rule} {problem}"));
        }
    };
    for (name, rule) in rules.missing() {
        about(&rule, format!("refers to rule:{name}, which is not there"));
    }
    for (name, rule) in rules.credentials() {
        if !CREDENTIALS.contains(&name.as_str()) {
            about(&rule, format!("asks for {name}, which no caller has: that part never holds"));
        }
    }
    for (name, rule) in rules.target_values() {
        if let Some((_, meant)) = OFTEN_MISTAKEN.iter().find(|(wrong, _)| *wrong == name) {
            about(
                &rule,
                format!("asks for %({name})s, which is %({meant})s today: that part never holds"),
            );
        }
    }
    found
}

/// Whether another rule of the files may mean it: its name stands in one after `rule:`.
fn is_used(name: &str, entries: &[(PathBuf, Entry)]) -> bool {
    let wanted = format!("rule:{name}");
    let mentions = |text: &str| {
        text.split(|sign: char| sign.is_whitespace() || matches!(sign, '(' | ')'))
            .any(|word| word == wanted)
    };
    name == "default"
        || entries.iter().any(|(_, entry)| match &entry.definition {
            Definition::Text(text) => mentions(text),
            Definition::Lists(lists) => lists.iter().flatten().any(|text| mentions(text)),
        })
}
