//! Attachments as JSON. They are the same at every microversion.

use ashlar_db::attachments::AttachmentDetail;
use ashlar_types::{AttachStatus, AttachmentId, ConnectionInfo, Timestamp, VolumeId};
use serde::Serialize;
use serde_json::{Map, Value};

/// `{"attachment": …}`, with everything.
#[derive(Serialize)]
pub struct Wrapped<'a> {
    attachment: Detailed<'a>,
}

/// `{"attachments": […]}`
#[derive(Serialize)]
#[serde(untagged)]
pub enum Listing<'a> {
    /// The short form.
    Brief {
        /// One each.
        attachments: Vec<Brief<'a>>,
    },
    /// Everything.
    Detailed {
        /// One each.
        attachments: Vec<Detailed<'a>>,
    },
}

/// What stands in a short list.
#[derive(Serialize)]
pub struct Brief<'a> {
    id: AttachmentId,
    status: &'static str,
    instance: Option<&'a str>,
    volume_id: VolumeId,
}

/// Everything.
#[derive(Serialize)]
pub struct Detailed<'a> {
    #[serde(flatten)]
    brief: Brief<'a>,
    attached_at: String,
    detached_at: String,
    attach_mode: Option<&'a str>,
    connection_info: Map<String, Value>,
}

impl<'a> Wrapped<'a> {
    /// The attachment with everything.
    #[must_use]
    pub fn new(detail: &'a AttachmentDetail) -> Self {
        Self { attachment: Detailed::new(detail) }
    }

    /// The same with the format of the volume's file, which a host must know where files are what it is given.
    #[must_use]
    pub fn with_format(mut self, format: Option<&String>) -> Self {
        if let Some(format) = format {
            let info = &mut self.attachment.connection_info;
            info.insert("format".to_owned(), Value::from(format.as_str()));
        }
        self
    }

    /// As Cinder answers a new attachment: reserved, even when it has been connected since.
    #[must_use]
    pub fn reserved(mut self) -> Self {
        self.attachment.brief.status = AttachStatus::Reserved.as_str();
        self
    }
}

impl<'a> Listing<'a> {
    /// The short form of each.
    #[must_use]
    pub fn brief(found: &'a [AttachmentDetail]) -> Self {
        Self::Brief { attachments: found.iter().map(Brief::new).collect() }
    }

    /// Each with everything.
    #[must_use]
    pub fn detailed(found: &'a [AttachmentDetail]) -> Self {
        Self::Detailed { attachments: found.iter().map(Detailed::new).collect() }
    }
}

impl<'a> Brief<'a> {
    fn new(detail: &'a AttachmentDetail) -> Self {
        let attachment = &detail.attachment;
        Self {
            id: attachment.id,
            status: attachment.attach_status.as_str(),
            instance: attachment.instance_uuid.as_deref(),
            volume_id: attachment.volume_id,
        }
    }
}

impl<'a> Detailed<'a> {
    fn new(detail: &'a AttachmentDetail) -> Self {
        let (attachment, info) = (&detail.attachment, detail.connection_info.as_ref());
        Self {
            brief: Brief::new(detail),
            attached_at: moment(attachment.attach_time),
            detached_at: moment(attachment.detach_time),
            attach_mode: attachment.attach_mode.as_deref(),
            connection_info: info.map(ConnectionInfo::flat).unwrap_or_default(),
        }
    }
}

/// An empty text stands for "never", as in Cinder.
fn moment(at: Option<Timestamp>) -> String {
    at.map(|at| at.to_string()).unwrap_or_default()
}
