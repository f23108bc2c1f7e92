//! Where a member of the cluster is, as the library wants it.

use lapin::tcp::{OwnedIdentity, OwnedTLSConfig};
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use secrecy::ExposeSecret;

use super::{Host, Settings, Tls};

/// Address and account.
pub(super) fn uri(settings: &Settings, host: &Host) -> AMQPUri {
    let scheme = if settings.tls.is_some() { AMQPScheme::AMQPS } else { AMQPScheme::AMQP };
    AMQPUri {
        scheme,
        authority: AMQPAuthority {
            userinfo: AMQPUserInfo {
                username: host.user.clone(),
                password: host.password.expose_secret().to_owned(),
            },
            host: host.host.clone(),
            port: host.port,
        },
        vhost: settings.virtual_host.clone(),
        query: AMQPQueryString {
            heartbeat: Some(settings.heartbeat),
            ..AMQPQueryString::default()
        },
    }
}

/// Certificates.
pub(super) fn tls(tls: &Tls) -> OwnedTLSConfig {
    OwnedTLSConfig {
        identity: tls
            .identity
            .clone()
            .map(|(certificate, key)| OwnedIdentity::PKCS8 { pem: certificate, key }),
        cert_chain: tls.authorities.clone(),
    }
}
