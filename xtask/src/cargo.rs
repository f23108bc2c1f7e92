//! Running cargo from a program that cargo itself started.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// What `cargo run` tells the program about its own package. A build script that watches one of these
/// would run again for nothing.
const OWN_PACKAGE: [&str; 5] =
    ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_BIN_NAME", "CARGO_CRATE_NAME", "OUT_DIR"];

/// A cargo command in the checkout, free of what the outer cargo said about this package.
pub(crate) fn command(root: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root);
    for name in OWN_PACKAGE {
        command.env_remove(name);
    }
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") {
            command.env_remove(name);
        }
    }
    command
}

/// What `cargo metadata` says about the packages of this workspace.
pub(crate) fn metadata(root: &Path) -> Result<Value> {
    let output = command(root)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata failed");
    }
    serde_json::from_slice(&output.stdout).context("cargo metadata printed something unexpected")
}

/// Builds the `ashlar` binary and says where it is. `profile` is one of cargo's own: `dev`, `release`.
pub(crate) fn build_ashlar(root: &Path, profile: &str) -> Result<PathBuf> {
    let output = command(root)
        .args(["build", "--package", "ashlar", "--bin", "ashlar", "--profile", profile])
        .arg("--message-format=json-render-diagnostics")
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo build")?;
    if !output.status.success() {
        bail!("the ashlar binary does not build");
    }
    let messages = String::from_utf8_lossy(&output.stdout);
    executable(&messages).context("cargo built ashlar without saying where the binary is")
}

/// The path in the last message of a build that names an executable called `ashlar`.
fn executable(messages: &str) -> Option<PathBuf> {
    messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["target"]["name"] == "ashlar")
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_binary_is_read_from_cargos_messages() {
        let messages = concat!(
            r#"{"reason":"compiler-artifact","target":{"name":"serde"},"executable":null}"#,
            "\n",
            r#"{"reason":"compiler-artifact","target":{"name":"ashlar"},"executable":"/t/debug/ashlar"}"#,
            "\nnot json\n",
            r#"{"reason":"build-finished","success":true}"#,
        );
        assert_eq!(executable(messages), Some(PathBuf::from("/t/debug/ashlar")));
    }
}
