//! Where: a host, or from some microversion on a cluster.

use ashlar_operations::manage::At;

use crate::fault::Fault;
use crate::version::Version;

/// The host or the cluster that is named, in a query or a body. `since` is the microversion from which on a cluster may
/// be.
///
/// # Errors
/// 400 unless it is one of the two.
pub(crate) fn place(
    version: Version,
    since: Version,
    host: Option<&str>,
    cluster: Option<&str>,
) -> Result<At, Fault> {
    let host = host.filter(|name| !name.is_empty());
    let cluster = cluster.filter(|name| !name.is_empty() && version >= since);
    match (host, cluster) {
        (Some(host), None) => Ok(At::Host(host.to_owned())),
        (None, Some(cluster)) => Ok(At::Cluster(cluster.to_owned())),
        _ if version >= since => {
            Err(Fault::invalid_input("One and only one of cluster and host must be set."))
        }
        _ => Err(Fault::invalid_input("Host field is missing.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::v3;

    #[test]
    fn a_cluster_counts_from_its_version_on_and_then_one_of_the_two_it_is() {
        let told = |minor, host, cluster| {
            place(v3(minor), v3(17), host, cluster).map_err(|fault| fault.message().to_owned())
        };
        assert_eq!(told(16, Some("h@b"), Some("c")), Ok(At::Host("h@b".to_owned())));
        assert_eq!(told(17, None, Some("c@b")), Ok(At::Cluster("c@b".to_owned())));
        let missing = "Invalid input received: Host field is missing.";
        assert_eq!(told(16, None, Some("c@b")), Err(missing.to_owned()));
        let one = "Invalid input received: One and only one of cluster and host must be set.";
        assert_eq!(told(17, Some("h"), Some("c")), Err(one.to_owned()));
        assert_eq!(told(17, Some(""), None), Err(one.to_owned()));
    }
}
