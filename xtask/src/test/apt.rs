//! Installs what the tests need with apt-get, where that is allowed: as root, on Debian and its like.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::{programs, venv};

/// Installs its arguments while a policy keeps packages from starting their services; `$SOURCE` is one more source of
/// packages, for this once. The policy goes away with the shell, also on Ctrl-C; one that is already there is the
/// machine's own and stays.
const INSTALL: &str = r#"
policy=/usr/sbin/policy-rc.d
list=$(mktemp)
ours=$list
trap 'rm -f $ours' EXIT
trap 'exit 130' INT TERM
if [ ! -e "$policy" ]; then
    ours="$list $policy"
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
fi
cat /etc/apt/sources.list > "$list" 2>/dev/null
printf '%s\n' "$SOURCE" >> "$list"
chmod 644 "$list"
set -- -o "Dir::Etc::SourceList=$list" -- "$@"
apt-get --quiet=2 -o DPkg::Lock::Timeout=120 "$1" "$2" update
apt-get --quiet=2 -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends "$@"
"#;

/// What qemu's programs reach iSCSI with, below a directory for each kind of machine.
const QEMU_ISCSI: &str = "qemu/block-iscsi.so";

/// Installs the missing packages. A failure is told and not fatal: what stays missing is left out.
pub(super) fn install_what_is_missing(root: &Path) {
    if !rustix::process::geteuid().is_root() || programs::find(&["apt-get"]).is_none() {
        return;
    }
    let packages = missing(root);
    if !packages.is_empty() {
        try_to_install(&packages, "");
    }
    if !has_qemu_iscsi() {
        // Of any other version it would take qemu-utils away.
        let version = output("dpkg-query", &["--show", "--showformat=${Version}", "qemu-utils"]);
        let package = match version.as_deref() {
            Some(version) if !version.is_empty() => format!("qemu-block-extra={version}"),
            _ => "qemu-block-extra".to_owned(),
        };
        let source = version.as_deref().and_then(backports).unwrap_or_default();
        try_to_install(&[&package], &source);
    }
}

fn try_to_install(packages: &[&str], source: &str) {
    println!("installing {}", packages.join(", "));
    if let Err(error) = install(packages, source) {
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
    for (program, package) in PROGRAMS {
        if programs::find(&[program]).is_none() {
            packages.push(package);
        }
    }
    packages
}

/// Which packages are still missing whose programs only some of the tests run.
pub(super) fn left_out() -> Vec<&'static str> {
    let missing = PROGRAMS.iter().filter(|(program, _)| programs::find(&[program]).is_none());
    let mut packages: Vec<_> = missing.map(|(_, package)| *package).collect();
    if !has_qemu_iscsi() {
        packages.push("qemu-block-extra");
    }
    packages
}

/// Programs that tests run, and Debian's packages that have them.
const PROGRAMS: [(&str, &str); 7] = [
    ("c++", "g++"),
    ("tgtd", "tgt"),
    ("iscsi-test-cu", "libiscsi-bin"),
    ("qemu-img", "qemu-utils"),
    ("prlimit", "util-linux"),
    ("mkfs.xfs", "xfsprogs"),
    ("rabbitmq-server", "rabbitmq-server"),
];

fn has_qemu_iscsi() -> bool {
    let entries = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|place| place.join(QEMU_ISCSI).is_file())
}

/// The source of a package whose version says that it was backported, on the server of the machine's own release;
/// where backports are among the machine's sources anyway it does no harm.
fn backports(version: &str) -> Option<String> {
    if !version.contains("~bpo") {
        return None;
    }
    let release = std::fs::read_to_string("/etc/os-release").ok()?;
    let release =
        release.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="))?.to_owned();
    let format = "$(REPO_URI) $(RELEASE)";
    let targets = output("apt-get", &["indextargets", "--format", format, "Created-By: Packages"])?;
    source_of_backports(&targets, &release)
}

fn source_of_backports(targets: &str, release: &str) -> Option<String> {
    targets.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let (server, name) = (words.next()?, words.next()?);
        if name != release {
            return None;
        }
        Some(format!("deb {server} {release}-backports main"))
    })
}

fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

fn install(packages: &[&str], source: &str) -> Result<()> {
    let status = Command::new("/bin/sh")
        .args(["-c", INSTALL, "install"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .env("SOURCE", source)
        .status()
        .context("cannot run a shell")?;
    if !status.success() {
        bail!("apt-get failed, see above");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backports_come_from_the_server_of_the_release() {
        let targets = "http://deb.example/debian-security/ bookworm-security\n\
            http://deb.example/debian/ bookworm\n\
            http://deb.example/debian/ bookworm-updates\n";
        assert_eq!(
            source_of_backports(targets, "bookworm").as_deref(),
            Some("deb http://deb.example/debian/ bookworm-backports main")
        );
        assert_eq!(source_of_backports(targets, "trixie"), None);
    }
}
