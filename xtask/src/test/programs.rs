//! Finding programs that other packages installed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// Where servers are, also for people whose PATH leaves them out.
const FOR_ROOT: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// Below here Debian puts each version of PostgreSQL.
const POSTGRES: &str = "/usr/lib/postgresql";

/// The first program of one of these names on PATH or where servers are.
pub(super) fn find(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let places: Vec<PathBuf> =
        env::split_paths(&path).chain(FOR_ROOT.iter().map(PathBuf::from)).collect();
    names.iter().find_map(|name| {
        places.iter().map(|place| place.join(name)).find(|program| program.is_file())
    })
}

/// Debian's script that starts RabbitMQ as whoever calls it; the one on PATH changes the account.
const RABBITMQ: &str = "/usr/lib/rabbitmq/bin/rabbitmq-server";

/// The program that starts RabbitMQ.
pub(super) fn rabbitmq() -> Option<PathBuf> {
    let debian = PathBuf::from(RABBITMQ);
    if debian.is_file() { Some(debian) } else { find(&["rabbitmq-server"]) }
}

/// The directory with the programs of the newest PostgreSQL on this machine.
pub(super) fn postgres() -> Option<PathBuf> {
    newest(Path::new(POSTGRES)).or_else(|| {
        let initdb = fs::canonicalize(find(&["initdb"])?).ok()?;
        Some(initdb.parent()?.to_path_buf())
    })
}

fn newest(versions: &Path) -> Option<PathBuf> {
    fs::read_dir(versions)
        .ok()?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version: u32 = path.file_name()?.to_str()?.parse().ok()?;
            let programs = path.join("bin");
            programs.join("initdb").is_file().then_some((version, programs))
        })
        .max()
        .map(|(_, programs)| programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_complete_version_is_chosen_by_number() {
        let place = tempfile::tempdir().expect("a temporary directory");
        for version in ["9", "15", "17"] {
            fs::create_dir_all(place.path().join(version).join("bin")).expect("directory made");
        }
        for version in ["9", "15"] {
            fs::write(place.path().join(version).join("bin/initdb"), "").expect("file written");
        }
        assert_eq!(newest(place.path()), Some(place.path().join("15/bin")));
    }
}
