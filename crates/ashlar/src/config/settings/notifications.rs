//! `[oslo_messaging_notifications]` and `[oslo_messaging_rabbit]`: where notifications go.

use std::path::PathBuf;

use ashlar_bus::rabbit::{Argument, Host, Settings, Tls};
use ashlar_oslo::transport_url::TransportUrl;
use ashlar_scheduler::Outlets;
use secrecy::{ExposeSecret, SecretString};

use crate::config::error::ConfigError;
use crate::config::option::Opt;
use crate::config::options::{notifications as options, service};
use crate::config::values::Values;

/// The ports of RabbitMQ, without and with TLS. oslo.messaging knows the first one only.
const PORTS: [u16; 2] = [5672, 5671];

/// Account of a URL that names none.
const GUEST: &str = "guest";

/// What is there, for whoever has named something else.
const THERE_ARE: &str = "there are messagingv2, log and noop";

/// Where notifications go; nowhere unless something is named.
pub(super) fn read(values: &Values) -> Result<Outlets, ConfigError> {
    let option = &options::DRIVER;
    let mut outlets = Outlets::default();
    let mut to_rabbit = false;
    for driver in values.all_in(option.entry.section, option)? {
        let problem = match driver.as_str() {
            "" | "noop" => continue,
            "log" => {
                outlets.log = true;
                continue;
            }
            "messagingv2" => {
                to_rabbit = true;
                continue;
            }
            "messaging" => "sends without an envelope, for consumers that are long gone",
            "routing" => "is not built",
            "test" => "is for oslo.messaging's own tests",
            _ => "is no driver",
        };
        let text = format!("'{}' {problem}; {THERE_ARE}", driver.escape_debug());
        return Err(values.refuse(&option.entry, text));
    }
    outlets.retry = u32::try_from(values.require(&options::RETRY)?).ok();
    let topics = values.require(&options::TOPICS)?;
    if to_rabbit {
        outlets.rabbit = Some(rabbit(values, topics)?);
    }
    Ok(outlets)
}

fn rabbit(values: &Values, topics: Vec<String>) -> Result<Settings, ConfigError> {
    if topics.is_empty() || topics.iter().any(|topic| topic.is_empty() || topic.len() > 200) {
        let text = "messagingv2 needs topics, each of 1 to 200 bytes";
        return Err(values.refuse(&options::TOPICS.entry, text));
    }
    let (url, entry) = match values.get(&options::TRANSPORT_URL)? {
        Some(url) => (url, &options::TRANSPORT_URL.entry),
        None => {
            let url = values.get(&service::TRANSPORT_URL)?;
            let url = url.ok_or_else(|| {
                values.refuse(&options::TRANSPORT_URL.entry, "messagingv2 needs it")
            })?;
            (SecretString::from(url), &service::TRANSPORT_URL.entry)
        }
    };
    let refuse = |text: String| values.refuse(entry, text);
    let url =
        TransportUrl::parse(url.expose_secret()).map_err(|error| refuse(error.to_string()))?;
    if !["rabbit", "kombu"].contains(&url.transport.as_str()) {
        return Err(refuse("notifications go by rabbit:// only".to_owned()));
    }
    if url.hosts.is_empty() {
        return Err(refuse("it names no host".to_owned()));
    }
    let asked = Asked { values, url: &url, entry };
    let quorum = asked.flag(&options::RABBIT_QUORUM_QUEUE)?;
    let tls = asked.flag(&options::SSL)?;
    let hosts = url.hosts.iter().map(|host| Host {
        host: host.host.clone(),
        port: host.port.unwrap_or(PORTS[usize::from(tls)]),
        user: host.user.clone().unwrap_or_else(|| GUEST.to_owned()),
        password: host.password.clone().unwrap_or_else(|| {
            // Only guest has a password that everybody knows.
            if host.user.is_none() { GUEST.into() } else { "".into() }
        }),
    });
    Ok(Settings {
        hosts: hosts.collect(),
        virtual_host: url.virtual_host.clone().unwrap_or_else(|| "/".to_owned()),
        exchange: values.require(&options::CONTROL_EXCHANGE)?,
        topics,
        durable: quorum || asked.flag(&options::AMQP_DURABLE_QUEUES)?,
        auto_delete: asked.flag(&options::AMQP_AUTO_DELETE)?,
        arguments: arguments(&asked, quorum)?,
        heartbeat: u16::try_from(asked.number(&options::HEARTBEAT_TIMEOUT_THRESHOLD)?)
            .unwrap_or(u16::MAX),
        tls: if tls { Some(certificates(&asked)?) } else { None },
    })
}

/// What a queue is declared with; a queue that is there with other arguments is refused by RabbitMQ.
fn arguments(
    asked: &Asked<'_>,
    quorum: bool,
) -> Result<Vec<(&'static str, Argument)>, ConfigError> {
    let mut arguments = Vec::new();
    if asked.flag(&options::RABBIT_HA_QUEUES)? {
        if quorum {
            let text = "a queue is either a quorum queue or mirrored, not both";
            return Err(asked.values.refuse(&options::RABBIT_HA_QUEUES.entry, text));
        }
        arguments.push(("x-ha-policy", Argument::Text("all")));
    }
    if quorum {
        arguments.push(("x-queue-type", Argument::Text("quorum")));
        for (name, option) in [
            ("x-delivery-limit", &options::RABBIT_QUORUM_DELIVERY_LIMIT),
            ("x-max-in-memory-length", &options::RABBIT_QUORUM_MAX_MEMORY_LENGTH),
            ("x-max-in-memory-bytes", &options::RABBIT_QUORUM_MAX_MEMORY_BYTES),
        ] {
            match asked.number(option)? {
                0 => {}
                number => arguments.push((name, Argument::Number(number))),
            }
        }
    }
    Ok(arguments)
}

fn certificates(asked: &Asked<'_>) -> Result<Tls, ConfigError> {
    let authorities = asked.file(&options::SSL_CA_FILE)?;
    let authorities = authorities.map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    let certificate = asked.file(&options::SSL_CERT_FILE)?;
    let key = asked.file(&options::SSL_KEY_FILE)?;
    if certificate.is_some() != key.is_some() {
        let text = "a certificate and its key go together";
        return Err(asked.values.refuse(&options::SSL_CERT_FILE.entry, text));
    }
    Ok(Tls { authorities, identity: certificate.zip(key) })
}

/// Options that the URL may have in its query, where they count before those of the configuration.
struct Asked<'a> {
    values: &'a Values,
    url: &'a TransportUrl,
    /// Where the URL comes from.
    entry: &'static crate::config::option::Entry,
}

impl Asked<'_> {
    fn in_url(&self, name: &str) -> Option<&str> {
        let mut all = self.url.query.iter().rev();
        all.find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn flag(&self, option: &Opt<bool>) -> Result<bool, ConfigError> {
        match self.in_url(option.entry.name).map(str::to_ascii_lowercase).as_deref() {
            None => self.values.require(option),
            Some("1" | "true" | "yes" | "on") => Ok(true),
            Some("0" | "false" | "no" | "off") => Ok(false),
            Some(_) => Err(self.none(option.entry.name)),
        }
    }

    fn number(&self, option: &Opt<i64>) -> Result<i64, ConfigError> {
        match self.in_url(option.entry.name) {
            None => self.values.require(option),
            Some(text) => match text.parse() {
                Ok(number) if number >= 0 => Ok(number),
                _ => Err(self.none(option.entry.name)),
            },
        }
    }

    fn file(&self, option: &Opt<PathBuf>) -> Result<Option<Vec<u8>>, ConfigError> {
        let path = match self.in_url(option.entry.name) {
            Some(path) => Some(PathBuf::from(path)),
            None => self.values.get(option)?,
        };
        let Some(path) = path.filter(|path| !path.as_os_str().is_empty()) else { return Ok(None) };
        let read = std::fs::read(&path);
        read.map(Some).map_err(|error| {
            self.values.refuse(&option.entry, format!("{}: {error}", path.display()))
        })
    }

    fn none(&self, name: &str) -> ConfigError {
        self.values.refuse(self.entry, format!("{name} in its query has no value that it may have"))
    }
}
