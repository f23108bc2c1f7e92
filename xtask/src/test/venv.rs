//! Python programs that the tests run: each `tests/conformance/requirements-NAME.txt` becomes a virtual
//! environment, and `ASHLAR_TEST_NAME` names the directory of its programs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::programs;

/// Where the lists of pinned packages are.
const LISTS: &str = "tests/conformance";

/// Where the environments are made.
const PLACE: &str = "target/conformance/venv";

/// One list and what came of it.
pub(super) struct Prepared {
    /// The list, relative to the top of the checkout.
    pub(super) requirements: String,
    /// The environment variable for the tests.
    pub(super) outcome: Result<(String, String)>,
}

/// Makes the environments; one that is already there for the same list stays.
pub(super) fn prepare(root: &Path) -> Result<Vec<Prepared>> {
    lists(root)?
        .into_iter()
        .map(|(name, list)| {
            let requirements = list.strip_prefix(root)?.display().to_string();
            let outcome = environment(root, &name, &list);
            Ok(Prepared { requirements, outcome })
        })
        .collect()
}

/// Makes one environment, if need be, and says where its programs are.
pub(super) fn programs_of(root: &Path, name: &str) -> Result<PathBuf> {
    programs_from(root, name, &root.join(LISTS).join(format!("requirements-{name}.txt")))
}

/// Makes one environment of any list, if need be, and says where its programs are.
pub(super) fn programs_from(root: &Path, name: &str, list: &Path) -> Result<PathBuf> {
    let (_, programs) = environment(root, name, list)?;
    Ok(PathBuf::from(programs))
}

/// Whether there is a list but no Python that can make an environment.
pub(super) fn lacks_python(root: &Path) -> bool {
    lists(root).is_ok_and(|lists| !lists.is_empty()) && python().is_err()
}

/// The lists by name, in order.
fn lists(root: &Path) -> Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(root.join(LISTS)) else { return Ok(found) };
    for entry in entries {
        let path = entry?.path();
        let file = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let name = file.strip_prefix("requirements-").and_then(|rest| rest.strip_suffix(".txt"));
        if let Some(name) = name {
            found.push((name.to_owned(), path.clone()));
        }
    }
    found.sort();
    Ok(found)
}

fn python() -> Result<PathBuf> {
    let python = programs::find(&["python3"]).context("needs Python 3: apt-get install python3")?;
    let status = Command::new(&python)
        .args(["-c", "import venv, ensurepip"])
        .stderr(Stdio::null())
        .status()
        .context("cannot run python3")?;
    if !status.success() {
        bail!("needs Python's venv module: apt-get install python3-venv");
    }
    Ok(python)
}

fn environment(root: &Path, name: &str, list: &Path) -> Result<(String, String)> {
    let directory = root.join(PLACE).join(name);
    let programs = directory.join("bin");
    let stamp = directory.join("made-from.txt");
    // The programs in it begin with its own path: a checkout that was moved needs it anew.
    let wanted = format!("# {}\n{}", directory.display(), fs::read_to_string(list)?);
    if fs::read_to_string(&stamp).ok().as_deref() != Some(wanted.as_str()) {
        println!("installing {name} with pip into {PLACE}/{name}");
        run(Command::new(python()?).args(["-m", "venv", "--clear"]).arg(&directory))?;
        run(Command::new(programs.join("python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .arg("--requirement")
            .arg(list))?;
        fs::write(&stamp, &wanted)?;
    }
    Ok((variable(name), programs.display().to_string()))
}

fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status()?;
    if !status.success() {
        bail!("{} failed, see above", command.get_program().display());
    }
    Ok(())
}

fn variable(name: &str) -> String {
    format!("ASHLAR_TEST_{}", name.to_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_list_has_a_name_and_a_variable() {
        let place = tempfile::tempdir().expect("a temporary directory");
        let directory = place.path().join(LISTS);
        fs::create_dir_all(&directory).expect("directory made");
        for file in ["requirements-old-cinder.txt", "requirements-clients.txt", "README.md"] {
            fs::write(directory.join(file), "").expect("file written");
        }
        let lists = lists(place.path()).expect("listed");
        let variables: Vec<String> = lists.iter().map(|(name, _)| variable(name)).collect();
        assert_eq!(variables, ["ASHLAR_TEST_CLIENTS", "ASHLAR_TEST_OLD_CINDER"]);
    }
}
