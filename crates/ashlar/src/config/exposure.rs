//! Keeps an API that believes everyone off the network.

use super::settings::{ApiSettings, AuthStrategy};

/// The flag that lifts the refusal.
pub(crate) const FLAG: &str = "--let-anyone-on-the-network-administer";

/// Why this API must not be served as it is, or `None` when it may.
pub(crate) fn danger(api: &ApiSettings) -> Option<String> {
    match api.auth {
        AuthStrategy::Noauth if !api.listen.ip().to_canonical().is_loopback() => Some(format!(
            "{} can be reached from the network, and with auth_strategy = noauth whoever reaches it is an \
             administrator; listen on 127.0.0.1, or give {FLAG}",
            api.listen.ip()
        )),
        AuthStrategy::Noauth | AuthStrategy::Keystone => None,
    }
}
