//! What the kernel's error numbers mean for a volume.

use rustix::io::Errno;

use crate::error::{DriverError, FailureKind};

/// The failure of doing `what` (`"make volume-…"`), with its meaning taken from `errno`.
pub(super) fn fault(what: &str, errno: Errno) -> DriverError {
    let (kind, why) = meaning(errno);
    DriverError::caused(kind, format!("cannot {what}: {why}"), std::io::Error::from(errno))
}

fn meaning(errno: Errno) -> (FailureKind, &'static str) {
    match errno {
        Errno::NOSPC => (FailureKind::NoSpace, "no space left on the file system"),
        Errno::DQUOT => (FailureKind::NoSpace, "the file system's disk quota is used up"),
        Errno::FBIG => (FailureKind::NoSpace, "the file system takes no file of that size"),
        Errno::AGAIN | Errno::BUSY | Errno::TXTBSY => (FailureKind::Busy, "it is in use"),
        Errno::MFILE | Errno::NFILE | Errno::NOMEM | Errno::NOLCK => {
            (FailureKind::Busy, "the machine is short of handles or memory")
        }
        Errno::ROFS => (FailureKind::Unavailable, "the file system is read-only"),
        Errno::NOENT | Errno::NOTDIR => (FailureKind::Unavailable, "the directory is gone"),
        Errno::STALE
        | Errno::TIMEDOUT
        | Errno::NODEV
        | Errno::NXIO
        | Errno::NOTCONN
        | Errno::HOSTDOWN
        | Errno::HOSTUNREACH
        | Errno::SHUTDOWN => (FailureKind::Unavailable, "the file system does not answer"),
        Errno::ACCESS | Errno::PERM => (FailureKind::Broken, "permission denied"),
        Errno::IO => (FailureKind::Broken, "the file system reports an I/O error"),
        _ => (FailureKind::Broken, "the file system refused"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_system_is_no_space_and_worth_another_pool_but_not_a_retry() {
        for errno in [Errno::NOSPC, Errno::DQUOT, Errno::FBIG] {
            let error = fault("make volume-1", errno);
            assert_eq!(error.kind, FailureKind::NoSpace);
            assert!(error.is_worth_another_pool() && !error.is_retryable());
        }
    }

    #[test]
    fn an_error_number_is_kept_as_the_private_cause_only() {
        let error = fault("make volume-1", Errno::IO);
        assert_eq!(error.to_string(), "cannot make volume-1: the file system reports an I/O error");
        assert!(std::error::Error::source(&error).is_some());
    }
}
