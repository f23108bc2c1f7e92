//! Where Glance is: the list in the configuration, taken in turn, or Keystone's catalogue.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use reqwest::Url;

use super::Settings;
use super::ask::malformed;
use crate::keystone::{Interface, Session, Wanted};
use crate::{ClientError, SetupError};

/// For so long a server that could not be asked comes after the others.
const AVOIDED: Duration = Duration::from_secs(30);

/// The type of Glance in Keystone's catalogue.
const SERVICE: &str = "image";

/// Servers that all know the same images.
pub(super) struct Servers {
    listed: Vec<Server>,
    /// Whose turn it is.
    turn: AtomicUsize,
    interface: Interface,
    region: Option<String>,
}

struct Server {
    base: Url,
    failed: Mutex<Option<Instant>>,
}

/// Leaves the URLs out, which may hold passwords.
impl fmt::Debug for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Servers").field("listed", &self.listed.len()).finish_non_exhaustive()
    }
}

impl Servers {
    pub(super) fn new(settings: &Settings) -> Result<Self, SetupError> {
        let server = |text: &String| match base(text) {
            Some(base) => Ok(Server { base, failed: Mutex::new(None) }),
            None => Err(SetupError::BadUrl),
        };
        Ok(Self {
            listed: settings.servers.iter().map(server).collect::<Result<_, _>>()?,
            // Each process begins with another one, so that the load is spread.
            turn: AtomicUsize::new(RandomState::new().hash_one(0) as usize),
            interface: settings.interface,
            region: settings.region.clone(),
        })
    }

    pub(super) fn are_listed(&self) -> bool {
        !self.listed.is_empty()
    }

    /// How many servers there are to go to.
    pub(super) fn count(&self) -> usize {
        self.listed.len().max(1)
    }

    /// The server whose turn it is, with its number; those that failed a moment ago come last. `None` when the
    /// catalogue is to be asked.
    pub(super) fn next(&self) -> Option<(usize, Url)> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let number = |step: usize| turn.wrapping_add(step) % self.listed.len();
        let order = || (0..self.listed.len()).map(number);
        let chosen = order()
            .find(|&number| !self.listed[number].is_avoided())
            .or_else(|| order().min_by_key(|&number| self.listed[number].failed_at()))?;
        Some((chosen, self.listed[chosen].base.clone()))
    }

    /// Notes whether the server could be asked.
    pub(super) fn note(&self, number: usize, failed: bool) {
        if let Some(server) = self.listed.get(number)
            && let Ok(mut kept) = server.failed.lock()
        {
            *kept = failed.then(Instant::now);
        }
    }

    /// Where the catalogue says that Glance is.
    pub(super) fn in_catalogue(&self, session: &Session) -> Result<Url, ClientError> {
        let region = self.region.as_deref();
        let wanted = Wanted { service: SERVICE, interface: self.interface, region };
        let url = session.endpoint(&wanted)?;
        base(url.as_str()).ok_or_else(|| malformed("a URL in the catalogue that has no path"))
    }
}

impl Server {
    fn failed_at(&self) -> Option<Instant> {
        self.failed.lock().map_or(None, |failed| *failed)
    }

    fn is_avoided(&self) -> bool {
        self.failed_at().is_some_and(|failed| failed.elapsed() < AVOIDED)
    }
}

/// `…/v2` of a server that is named with or without scheme and version, as Cinder and its client take them.
fn base(text: &str) -> Option<Url> {
    let text = text.trim();
    let whole = if text.contains("//") { text.to_owned() } else { format!("http://{text}") };
    let mut url = Url::parse(&whole).ok()?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return None;
    }
    url.set_query(None);
    url.set_fragment(None);
    let is_version = |last: &str| {
        last.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    let path = url.path().trim_end_matches('/').to_owned();
    let versioned = path.rsplit('/').next().is_some_and(is_version);
    let mut segments = url.path_segments_mut().ok()?;
    segments.pop_if_empty();
    if versioned {
        segments.pop();
    }
    segments.push("v2");
    drop(segments);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_be_named_with_or_without_scheme_and_version() {
        for (given, made) in [
            ("glance:9292", Some("http://glance:9292/v2")),
            ("10.0.0.1:9292", Some("http://10.0.0.1:9292/v2")),
            ("https://glance/image/", Some("https://glance/image/v2")),
            ("http://glance:9292/v2", Some("http://glance:9292/v2")),
            ("http://glance:9292/v2.9/?a=b#c", Some("http://glance:9292/v2")),
            ("http://glance/vault", Some("http://glance/vault/v2")),
            ("ftp://glance", None),
            ("", None),
        ] {
            assert_eq!(base(given).map(String::from).as_deref(), made, "{given}");
        }
    }

    fn servers(names: &[&str]) -> Servers {
        let servers = names.iter().map(|&name| name.to_owned()).collect();
        Servers::new(&Settings { servers, ..Settings::default() }).expect("servers")
    }

    #[test]
    fn servers_take_turns_and_one_that_failed_comes_last() {
        let servers = servers(&["one", "two", "three"]);
        let mut seen: Vec<_> = (0..3).filter_map(|_| servers.next()).map(|(at, _)| at).collect();
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2]);
        servers.note(1, true);
        assert!((0..6).filter_map(|_| servers.next()).all(|(at, _)| at != 1));
        servers.note(0, true);
        servers.note(2, true);
        assert_eq!(servers.next().map(|(at, _)| at), Some(1), "the one that failed first");
        servers.note(0, false);
        assert_eq!(servers.next().map(|(at, _)| at), Some(0));
    }

    #[test]
    fn without_a_list_the_catalogue_is_asked() {
        assert!(servers(&[]).next().is_none());
        assert!(!servers(&[]).are_listed());
    }
}
