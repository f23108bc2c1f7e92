//! Installs what the tests need with apt-get, where that is allowed: as root, on Debian and its like.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{programs, venv};

/// Installs its arguments while a policy keeps packages from starting their services. The policy goes
/// away with the shell, also on Ctrl-C; one that is already there is the machine's own and stays.
const INSTALL: &str = r#"
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    trap 'exit 130' INT TERM
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
apt-get --quiet=2 -o DPkg::Lock::Timeout=120 update
apt-get --quiet=2 -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends "$@"
"#;

/// Installs the missing packages. A failure is told and not fatal: what stays missing is left out.
pub(super) fn install_what_is_missing(root: &Path) {
    let packages = missing(root);
    if packages.is_empty() {
        return;
    }
    if !rustix::process::geteuid().is_root() || programs::find(&["apt-get"]).is_none() {
        return;
    }
    println!("installing {}", packages.join(", "));
    if let Err(error) = install(&packages) {
        println!("not installed: {error:#}");
    }
}

fn missing(root: &Path) -> Vec<&'static str> {
    let mut packages = Vec::new();
    if programs::postgres().is_none() {
        packages.push("postgresql");
    }
    if programs::find(&["mariadbd"]).is_none() {
        packages.push("mariadb-server");
    }
    if venv::lacks_python(root) {
        packages.extend(["python3", "python3-venv"]);
    }
    packages
}

fn install(packages: &[&str]) -> Result<()> {
    let status = Command::new("/bin/sh")
        .args(["-c", INSTALL, "install"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .status()
        .context("cannot run a shell")?;
    if !status.success() {
        bail!("apt-get failed, see above");
    }
    Ok(())
}
