//! Glance: what images there are and what is in them (Image API v2).
//!
//! | file | what it is for |
//! |---|---|
//! | `servers` | where Glance is: the list in the configuration, taken in turn, or Keystone's catalogue |
//! | `ask` | one question: the token, attempts, what a status means |
//! | `image` | what Glance says of an image, read with suspicion |
//! | `transfer` | an image's bytes, down and up, in streams |

mod ask;
mod image;
mod servers;
mod transfer;

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use ashlar_types::{ImageId, Token};
use bytes::Bytes;
use futures::stream::BoxStream;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Map, Value, json};

use crate::keystone::{Interface, Keystone};
use crate::{ClientError, SetupError, Tls, wire};

pub use image::{Image, NewImage};
pub use transfer::Download;

use ask::{About, Question};
use servers::Servers;

/// Longest wait for an answer, and longest silence within one, unless `glance_request_timeout` says otherwise.
pub const TIME_OUT: Duration = Duration::from_secs(60);

/// The media type of changes to an image.
const CHANGES: &str = "application/openstack-images-v2.1-json-patch";
/// The media type of everything else that has a body.
const JSON: &str = "application/json";

/// How Glance is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `glance_api_servers`: base URLs; when empty, Keystone's catalogue says where Glance is.
    pub servers: Vec<String>,
    /// The third part of `glance_catalog_info`.
    pub interface: Interface,
    /// `[glance] region_name`; the first region of the catalogue when it does not matter.
    pub region: Option<String>,
    /// `glance_num_retries`: attempts after the first one.
    pub retries: u32,
    /// `glance_ca_certificates_file` and `glance_api_insecure`.
    pub tls: Tls,
    /// `glance_request_timeout`: longest wait for an answer, and longest silence within one.
    pub time_out: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            servers: Vec::new(),
            interface: Interface::Public,
            region: None,
            retries: 3,
            tls: Tls::default(),
            time_out: TIME_OUT,
        }
    }
}

/// In whose name Glance is asked.
#[derive(Debug, Clone, Copy)]
pub enum As<'a> {
    /// The user who asks us: their token goes along, so their rights count.
    User(&'a Token),
    /// The service's own account.
    Service,
}

/// Glance, as far as we know it.
pub struct Glance {
    http: Client,
    servers: Servers,
    /// The service's own account; without one (`noauth`) no token is ever sent.
    keystone: Option<Arc<Keystone>>,
    retries: u32,
    time_out: Duration,
    /// Pause before the second attempt; each further one is twice as long.
    pause: Duration,
}

impl fmt::Debug for Glance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Glance").field("servers", &self.servers).finish_non_exhaustive()
    }
}

impl Glance {
    /// Glance, reached in this way. Nothing is asked yet. `keystone` is the service's own account; without it
    /// no token is sent, whoever asks, and `settings.servers` must say where Glance is.
    ///
    /// # Errors
    /// [`SetupError`]: a URL or the certificates cannot be used.
    pub fn new(settings: &Settings, keystone: Option<Arc<Keystone>>) -> Result<Self, SetupError> {
        Ok(Self {
            http: wire::patient_client(&settings.tls)?,
            servers: Servers::new(settings)?,
            keystone,
            retries: settings.retries,
            time_out: settings.time_out,
            pause: Duration::from_millis(250),
        })
    }

    /// Whether there is anybody to ask: a list of servers, or an account whose catalogue may name one.
    #[must_use]
    pub fn is_configured(&self) -> bool {
        self.keystone.is_some() || self.servers.are_listed()
    }

    /// What Glance says of the image.
    ///
    /// # Errors
    /// [`ClientError`]: `NotFound` also for images that the asker may not see.
    pub async fn show(&self, as_: As<'_>, id: ImageId) -> Result<Image, ClientError> {
        let question = Question::new(Method::GET, About::Image(id));
        let answer = self.ask(as_, &question).await?;
        let answer = ask::expect(answer, id)?;
        Image::read(self.body(answer).await?)
    }

    /// The images with exactly this name, two at most: enough to tell none, one and several apart.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn find_by_name(&self, as_: As<'_>, name: &str) -> Result<Vec<Image>, ClientError> {
        let query = [("name", name), ("limit", "2")];
        let question = Question::new(Method::GET, About::Images).query(&query);
        let answer = ask::expect_success(self.ask(as_, &question).await?)?;
        let mut body: Map<String, Value> = self.body(answer).await?;
        let Some(Value::Array(found)) = body.remove("images") else {
            return Err(ask::malformed("a list of images without images"));
        };
        let images = found.into_iter().map(Image::read).collect::<Result<Vec<_>, _>>()?;
        // Glance reads operators such as `in:` in a name; only the name itself is meant here.
        Ok(images.into_iter().filter(|image| image.name.as_deref() == Some(name)).take(2).collect())
    }

    /// Makes the record of an image, without bytes (status `queued`). It belongs to the asker's project. A
    /// repetition after a lost answer finds the record, as the caller chose its identity.
    ///
    /// # Errors
    /// [`ClientError`]: `Refused` with 409 when another image has that identity, with 403 or 413 for quotas.
    pub async fn create(&self, as_: As<'_>, new: &NewImage) -> Result<Image, ClientError> {
        let question = Question::new(Method::POST, About::Images).body(JSON, new.body());
        let (answer, attempts) = self.ask_counted(as_, &question).await?;
        if answer.status() == StatusCode::CONFLICT && attempts > 1 {
            return self.show(as_, new.id).await;
        }
        let answer = ask::expect_success(answer)?;
        Image::read(self.body(answer).await?)
    }

    /// Sets attributes or properties; properties are texts, attributes such as `protected` are not.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn update(
        &self,
        as_: As<'_>,
        id: ImageId,
        values: &[(&str, Value)],
    ) -> Result<(), ClientError> {
        // `add` also replaces what is there.
        let change = |(name, value): &(&str, Value)| {
            let path = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
            json!({ "op": "add", "path": path, "value": value })
        };
        let changes = values.iter().map(change).collect();
        let question =
            Question::new(Method::PATCH, About::Image(id)).body(CHANGES, Value::Array(changes));
        let answer = self.ask(as_, &question).await?;
        ask::expect(answer, id).map(drop)
    }

    /// Sees to it that the image is not there any more; that it was not there before is fine.
    ///
    /// # Errors
    /// [`ClientError`]: `Refused` with 403 when it is protected, with 409 when it is in use.
    pub async fn delete(&self, as_: As<'_>, id: ImageId) -> Result<(), ClientError> {
        let question = Question::new(Method::DELETE, About::Image(id));
        match ask::expect(self.ask(as_, &question).await?, id) {
            Ok(_) | Err(ClientError::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The image's bytes. The length is what Glance promises; a stream that breaks or stays silent ends with an
    /// error, and one that ends early does too.
    ///
    /// # Errors
    /// [`ClientError`]; `Malformed` when the image has no bytes yet.
    pub async fn download(&self, as_: As<'_>, id: ImageId) -> Result<Download, ClientError> {
        let question = Question::new(Method::GET, About::File(id));
        let answer = ask::expect(self.ask(as_, &question).await?, id)?;
        transfer::download(answer, self.time_out)
    }

    /// Fills an image that has no bytes yet. Not repeated: the stream can be had once only.
    ///
    /// # Errors
    /// [`ClientError`]: `Refused` with 409 when it has bytes already, with 413 for quotas; when `stream` fails,
    /// `Malformed` with its error. Glance puts the image back to `queued` when an upload breaks.
    pub async fn upload(
        &self,
        as_: As<'_>,
        id: ImageId,
        stream: BoxStream<'static, io::Result<Bytes>>,
    ) -> Result<(), ClientError> {
        // Asked first: a token that is not accepted any more, a server that is down or an image that is gone is
        // found before the stream is begun.
        self.show(as_, id).await?;
        let reach = self.reach(as_).await?;
        let url = reach.url(About::File(id))?;
        let request = reach.authorize(self.http.put(url));
        ask::expect(transfer::upload(request, stream, self.time_out).await?, id).map(drop)
    }
}

#[cfg(test)]
mod tests;
