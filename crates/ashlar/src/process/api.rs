//! The door: listening, the application behind it, and the lines that say how to come in.

use std::io::{ErrorKind, Write as _};
use std::net::{IpAddr, SocketAddr};

use anyhow::anyhow;
use ashlar_api::policy::Enforcer;
use ashlar_api::{App, OwnLog, Parts};
use ashlar_flow::Runner;
use ashlar_operations::dry_run::Judge;
use ashlar_operations::zones::Zones;
use ashlar_operations::{ApiContext, House};
use tokio::net::{TcpListener, TcpSocket};

use super::shared::Shared;
use super::{descriptors, translate};
use crate::config::{AuthStrategy, Settings};
use crate::telemetry::metrics;

/// What to do about a port that is taken.
const TAKEN: &str = "; another process listens there: stop it, or choose another with --listen";

/// Connections that wait to be taken; what Cinder has with eventlet. The kernel bounds it by `net.core.somaxconn`.
const BACKLOG: u32 = 4096;

fn listen(wanted: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = if wanted.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // As after a restart: connections of the server before may linger.
    socket.set_reuseaddr(true)?;
    socket.bind(wanted)?;
    socket.listen(BACKLOG)
}

/// An API that has its port and serves nobody yet.
pub(crate) struct Door {
    listener: TcpListener,
    address: SocketAddr,
}

impl Door {
    /// Takes the port.
    pub(crate) fn open(settings: &Settings) -> anyhow::Result<Self> {
        let wanted = settings.api.listen;
        let listener = listen(wanted).map_err(|error| {
            let taken = error.kind() == ErrorKind::AddrInUse;
            let hint = if taken { TAKEN } else { "" };
            anyhow!("the API cannot listen on {wanted}: {error}{hint}")
        })?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Says on standard output where the API is and what to type next.
    pub(crate) fn tell(&self, settings: &Settings) {
        let base = base(self.address);
        let text = match (settings.api.auth, &settings.identity) {
            (AuthStrategy::Keystone, Some(identity)) => {
                lines_for_keystone(&base, &identity.rules.www_authenticate_uri)
            }
            _ => lines(&base),
        };
        // Whoever started us may not listen; the API works all the same.
        if let Err(error) = std::io::stdout().write_all(text.as_bytes()) {
            tracing::warn!(%error, "standard output is closed");
        }
        tracing::info!(address = %self.address, "the API is ready");
    }

    /// Serves until `stop`, then lets running requests end.
    pub(crate) async fn serve(self, app: App, stop: tokio_util::sync::CancellationToken) {
        ashlar_api::serve(self.listener, app, stop).await;
    }
}

/// The application. With a `runner` in this process new operations go straight to it; `log` is this process's.
///
/// # Errors
/// The metrics' recorder was installed before.
pub(crate) fn app(
    shared: &Shared,
    settings: &Settings,
    policy: Enforcer,
    runner: Option<Runner<House>>,
    log: OwnLog,
) -> anyhow::Result<App> {
    let sources = shared.sources(settings)?;
    let operations = ApiContext {
        db: shared.db.clone(),
        bus: shared.bus.clone(),
        clock: shared.clock.clone(),
        settings: std::sync::Arc::clone(&shared.settings),
        zones: Zones::new(shared.db.clone(), shared.clock.clone()),
        runner,
        nova: std::sync::Arc::clone(&sources.nova),
        waiting: Default::default(),
        judge: std::sync::Arc::new(Judge::new(settings.placement.clone(), sources)),
        images: shared.images.clone(),
    };
    if settings.api.auth == AuthStrategy::Noauth && settings.identity.is_some() {
        tracing::warn!(
            "auth_strategy is noauth: whoever reaches the API is an administrator, although [keystone_authtoken] has \
             an account"
        );
    }
    let metrics = Some(metrics::install()?);
    let mut settings = translate::api(settings, shared.service_account.as_ref())?;
    settings.policy = policy;
    settings.log = Some(log);
    let limit = descriptors::ensure_most();
    settings.max_connections = descriptors::connections(settings.max_connections, limit);
    Ok(App::new(Parts { settings, operations, metrics }))
}

/// The address as somebody on this machine types it.
fn base(address: SocketAddr) -> String {
    let reachable = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::from([127, 0, 0, 1]),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(std::net::Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    format!("http://{}", SocketAddr::new(reachable, address.port()))
}

fn lines(base: &str) -> String {
    format!(
        "ashlar ready: {base}\n  \
         export OS_AUTH_TYPE=none OS_ENDPOINT={base}/v3 OS_VOLUME_API_VERSION=3.71\n  \
         openstack volume create --size 1 first\n  \
         openstack volume list\n"
    )
}

/// Who has an account knows the rest of what it takes; clients find us in the catalogue.
fn lines_for_keystone(base: &str, keystone: &str) -> String {
    format!(
        "ashlar ready: {base}\n  \
         export OS_AUTH_TYPE=password OS_AUTH_URL={keystone} OS_IDENTITY_API_VERSION=3 OS_VOLUME_API_VERSION=3.71\n  \
         openstack --os-username <user> --os-password <password> --os-project-name <project> … volume list\n  \
         (in Keystone's catalogue: a service of type block-storage with the endpoint {base}/v3)\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_that_is_told_can_be_typed() {
        let told = |text: &str| base(text.parse().expect("an address"));
        assert_eq!(told("127.0.0.1:8776"), "http://127.0.0.1:8776");
        assert_eq!(told("0.0.0.0:80"), "http://127.0.0.1:80");
        assert_eq!(told("[::]:80"), "http://[::1]:80");
    }

    #[test]
    fn the_ready_line_comes_first_and_three_lines_follow() {
        let text = lines("http://h:1");
        assert!(text.starts_with("ashlar ready: http://h:1\n"));
        assert_eq!(text.lines().count(), 4);
        let text = lines_for_keystone("http://h:1", "http://keystone:5000");
        assert!(text.starts_with("ashlar ready: http://h:1\n"));
        assert!(text.contains("OS_AUTH_URL=http://keystone:5000 ") && text.lines().count() == 4);
    }
}
