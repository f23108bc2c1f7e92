//! oslo.messaging's transport URLs: `rabbit://user:password@host:port,user:password@host:port/virtual_host?option=value`.

use std::fmt;

use percent_encoding::percent_decode_str;
use secrecy::SecretString;

/// Longest URL that is read.
const LONGEST: usize = 16 * 1024;

/// Where a message bus is. Its `Debug` shows no password.
#[derive(Debug, Clone)]
pub struct TransportUrl {
    /// `rabbit`, `kombu`, `fake`, …: the driver.
    pub transport: String,
    /// The members of a cluster, at least one unless the URL names none.
    pub hosts: Vec<TransportHost>,
    /// The virtual host; none is the broker's `/`.
    pub virtual_host: Option<String>,
    /// What follows the question mark: options of the driver that count before those of the configuration.
    pub query: Vec<(String, String)>,
}

/// A member of a cluster.
#[derive(Debug, Clone)]
pub struct TransportHost {
    /// Name or address, without brackets.
    pub host: String,
    /// Port; none is the driver's own.
    pub port: Option<u16>,
    /// User.
    pub user: Option<String>,
    /// The user's password.
    pub password: Option<SecretString>,
}

/// Why a text is no transport URL. It never repeats the text, which holds passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotATransportUrl(&'static str);

impl fmt::Display for NotATransportUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NotATransportUrl {}

impl TransportUrl {
    /// Reads a URL as oslo.messaging does.
    ///
    /// # Errors
    /// [`NotATransportUrl`].
    pub fn parse(text: &str) -> Result<Self, NotATransportUrl> {
        if text.len() > LONGEST {
            return Err(NotATransportUrl("it is too long"));
        }
        let (transport, rest) =
            text.trim().split_once(':').ok_or(NotATransportUrl("it has no scheme"))?;
        let known = |sign: char| sign.is_ascii_alphanumeric() || "+-.".contains(sign);
        if transport.is_empty() || !transport.chars().all(known) {
            return Err(NotATransportUrl("its scheme is none"));
        }
        let rest = rest.strip_prefix("//").unwrap_or(rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        // A password may have a slash only as %2F, so the first one ends the hosts.
        let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
        let hosts = hosts
            .split(',')
            .map(str::trim)
            .filter(|host| !host.is_empty())
            .map(read_host)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            transport: transport.to_ascii_lowercase(),
            hosts,
            virtual_host: Some(decoded(path)?).filter(|path| !path.is_empty()),
            query: read_query(query)?,
        })
    }
}

fn read_host(text: &str) -> Result<TransportHost, NotATransportUrl> {
    let (account, place) = match text.rsplit_once('@') {
        Some((account, place)) => (Some(account), place),
        None => (None, text),
    };
    let (user, password) = match account.map(|it| it.split_once(':').unwrap_or((it, ""))) {
        Some((user, password)) => {
            let password = if account.is_some_and(|account| account.contains(':')) {
                Some(decoded(password)?.into())
            } else {
                None
            };
            (Some(decoded(user)?).filter(|user| !user.is_empty()), password)
        }
        None => (None, None),
    };
    let (host, port) = match place.strip_prefix('[') {
        Some(address) => {
            let (host, rest) =
                address.split_once(']').ok_or(NotATransportUrl("a bracket is not closed"))?;
            (host, rest.strip_prefix(':'))
        }
        None => match place.rsplit_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (place, None),
        },
    };
    let port = match port {
        None => None,
        Some(port) => Some(port.parse().map_err(|_| NotATransportUrl("a port is no number"))?),
    };
    if host.is_empty() || host.contains(|sign: char| sign.is_whitespace() || sign.is_control()) {
        return Err(NotATransportUrl("a host has no name"));
    }
    Ok(TransportHost { host: host.to_owned(), port, user, password })
}

fn read_query(text: &str) -> Result<Vec<(String, String)>, NotATransportUrl> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decoded(key)?, decoded(value)?))
        })
        .collect()
}

fn decoded(text: &str) -> Result<String, NotATransportUrl> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(Into::into).map_err(|_| NotATransportUrl("what it escapes is no UTF-8"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_cluster_is_read_with_its_accounts() {
        let url = "rabbit://us%40er:p%2Fw@one:5673,two,x:y@[::1]:5671/a%2Fb?ssl=1&heartbeat_rate=2";
        let url = TransportUrl::parse(url).expect("a URL");
        assert_eq!(url.transport, "rabbit");
        assert_eq!(url.virtual_host.as_deref(), Some("a/b"));
        assert_eq!(url.query[0], ("ssl".to_owned(), "1".to_owned()));
        let [one, two, three] = url.hosts.as_slice() else { panic!("{url:?}") };
        assert_eq!((one.host.as_str(), one.port), ("one", Some(5673)));
        assert_eq!(one.user.as_deref(), Some("us@er"));
        let password = one.password.as_ref().map(ExposeSecret::expose_secret);
        assert_eq!(password, Some("p/w"));
        assert_eq!((two.host.as_str(), two.port, &two.user), ("two", None, &None));
        assert_eq!((three.host.as_str(), three.port), ("::1", Some(5671)));
        assert!(!format!("{url:?}").contains("p/w"));
    }

    #[test]
    fn what_is_missing_is_none() {
        let url = TransportUrl::parse("rabbit://").expect("a URL");
        assert!(url.hosts.is_empty() && url.virtual_host.is_none());
        let url = TransportUrl::parse("fake:/").expect("a URL");
        assert_eq!(url.transport, "fake");
        let url = TransportUrl::parse("rabbit://h/").expect("a URL");
        assert!(url.virtual_host.is_none() && url.hosts[0].user.is_none());
    }

    #[test]
    fn what_is_none_is_refused_without_being_repeated() {
        for text in ["", "rabbit", "rabbit://u:secret@h:port/", "rabbit://u:secret@/", "r b://h"] {
            let error = TransportUrl::parse(text).expect_err(text);
            assert!(!error.to_string().contains("secret"));
        }
    }
}
