//! The system account under which a database server runs: servers refuse to be root.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

/// Who a server runs as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Account {
    /// Whoever runs this program.
    Ourselves,
    /// Another account; only root can choose it.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// Ourselves, unless we are root: then the first of `names` that exists, or else `nobody`.
    pub(super) fn choose(names: &[&str]) -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Ourselves);
        }
        let accounts = fs::read_to_string("/etc/passwd").context("cannot read the accounts")?;
        names
            .iter()
            .chain(&["nobody"])
            .find_map(|name| find(&accounts, name))
            .context("database servers refuse to run as root, and there is no other account")
    }

    /// Makes the command run under this account.
    pub(super) fn apply(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
    }

    /// Gives a file or directory to this account.
    pub(super) fn own(self, path: &Path) -> Result<()> {
        if let Self::Other { uid, gid } = self {
            chown(path, Some(uid), Some(gid))
                .with_context(|| format!("cannot give {} away", path.display()))?;
        }
        Ok(())
    }
}

/// Finds an account in the text of a password file.
fn find(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [found, _, uid, gid, ..] = fields.as_slice() else { return None };
        let (uid, gid) = (uid.parse().ok()?, gid.parse().ok()?);
        (*found == name).then_some(Account::Other { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        let accounts = "root:x:0:0::/root:/bin/sh\nmysqlx:x:1:2::/:/x\nmysql:x:102:105::/:/x\n";
        assert_eq!(find(accounts, "mysql"), Some(Account::Other { uid: 102, gid: 105 }));
        assert_eq!(find(accounts, "postgres"), None);
    }
}
