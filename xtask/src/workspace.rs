//! Where the project lies on this disk, and which of its files people wrote.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Directories that hold products of tools, whatever their depth.
const PRODUCTS: [&str; 4] = ["target", "ashlar-data", "__pycache__", "node_modules"];

/// Directories whose name starts with a dot and which are ours all the same.
const DOTTED: [&str; 3] = [".cargo", ".ci", ".config"];

/// The top of the checkout: the directory above this crate.
pub(crate) fn root() -> Result<PathBuf> {
    let here = std::env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    let root = here.parent().context("the xtask crate has no directory above it")?;
    Ok(root.to_path_buf())
}

/// Every file below `root` that is not a product of a tool, relative to `root`, in order.
pub(crate) fn files(root: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    walk(root, root, &mut found)?;
    found.sort();
    Ok(found)
}

fn walk(root: &Path, directory: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(directory).with_context(|| format!("cannot list {}", directory.display()))?;
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        let path = entry.path();
        if kind.is_dir() {
            if is_ours(&entry.file_name().to_string_lossy()) {
                walk(root, &path, found)?;
            }
        } else if kind.is_file() {
            found.push(path.strip_prefix(root)?.to_path_buf());
        }
    }
    Ok(())
}

fn is_ours(directory: &str) -> bool {
    let hidden = directory.starts_with('.') && !DOTTED.contains(&directory);
    !hidden && !PRODUCTS.contains(&directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_tools_are_not_listed() {
        let place = tempfile::tempdir().expect("a temporary directory");
        for path in ["a.rs", "target/b.rs", ".git/c", ".ci/run", "deep/target/d.rs", "deep/e.md"] {
            let path = place.path().join(path);
            fs::create_dir_all(path.parent().expect("has a parent")).expect("directory made");
            fs::write(path, "").expect("file written");
        }
        let found = files(place.path()).expect("listed");
        let expected: Vec<PathBuf> = [".ci/run", "a.rs", "deep/e.md"].map(PathBuf::from).into();
        assert_eq!(found, expected);
    }
}
