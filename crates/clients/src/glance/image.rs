//! What Glance says of an image, read with suspicion: every field may be missing or of another kind.

use std::collections::BTreeMap;

use ashlar_types::{ImageId, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::ask::malformed;
use crate::ClientError;

/// Most properties of an image; Glance's own limit is 128 unless configured otherwise.
const MAX_PROPERTIES: usize = 1024;
/// Longest name of a property, in characters, as Glance and Cinder have it.
const MAX_NAME: usize = 255;
/// Longest value of a property, in bytes: what a column of Cinder's table holds.
const MAX_VALUE: usize = 65_535;

/// What is no property, although it is beside them: Glance's own attributes.
const ATTRIBUTES: [&str; 27] = [
    "id",
    "name",
    "status",
    "visibility",
    "protected",
    "os_hidden",
    "checksum",
    "os_hash_algo",
    "os_hash_value",
    "owner",
    "container_format",
    "disk_format",
    "created_at",
    "updated_at",
    "deleted_at",
    "tags",
    "direct_url",
    "min_disk",
    "min_ram",
    "size",
    "virtual_size",
    "self",
    "file",
    "store",
    "stores",
    "schema",
    "locations",
];

/// An image, as Glance describes it. Nothing of it is known to be true of its bytes. Where they lie (`direct_url`,
/// `locations`) is left out: those URLs may hold the credentials of Glance's store, and images are kept with flows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Identity.
    pub id: ImageId,
    /// Name, which several images may share.
    pub name: Option<String>,
    /// Glance's word: `active` when it has bytes that may be had; empty when Glance does not say.
    pub status: String,
    /// `raw`, `qcow2`, …; not set until bytes are uploaded.
    pub disk_format: Option<String>,
    /// `bare`, …; likewise.
    pub container_format: Option<String>,
    /// Smallest volume that may be made of it, in GiB.
    pub min_disk: u64,
    /// Memory that a server needs, in MiB.
    pub min_ram: u64,
    /// Length of the file, in bytes.
    pub size: Option<u64>,
    /// Length of the disk that is in it, in bytes.
    pub virtual_size: Option<u64>,
    /// MD5 of the file, in hexadecimal digits.
    pub checksum: Option<String>,
    /// Which digest `os_hash_value` is, such as `sha512`.
    pub os_hash_algo: Option<String>,
    /// Digest of the file, in hexadecimal digits.
    pub os_hash_value: Option<String>,
    /// `public`, `community`, `shared` or `private`.
    pub visibility: String,
    /// Project that it belongs to.
    pub owner: Option<String>,
    /// It cannot be deleted.
    pub protected: bool,
    /// `os_hidden`: left out of lists, and yet usable.
    pub hidden: bool,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it changed last.
    pub updated_at: Option<Timestamp>,
    /// `block_device_mapping`: JSON text that names snapshots for servers of several disks.
    pub block_device_mapping: Option<String>,
    /// Every other property, `block_device_mapping` included; those that are no texts are left out.
    pub properties: BTreeMap<String, String>,
}

impl Image {
    /// Reads one image of an answer.
    pub(super) fn read(value: Value) -> Result<Self, ClientError> {
        let Value::Object(fields) = value else {
            return Err(malformed("an image of another kind"));
        };
        let id = fields.get("id").and_then(Value::as_str);
        let id = id.and_then(|id| id.parse().ok());
        let id = id.ok_or_else(|| malformed("an image without an identity"))?;
        let moment = |name| text(&fields, name).as_deref().and_then(Timestamp::parse);
        Ok(Self {
            id,
            name: text(&fields, "name"),
            status: text(&fields, "status").unwrap_or_default(),
            disk_format: text(&fields, "disk_format"),
            container_format: text(&fields, "container_format"),
            min_disk: number(&fields, "min_disk").unwrap_or_default(),
            min_ram: number(&fields, "min_ram").unwrap_or_default(),
            size: number(&fields, "size"),
            virtual_size: number(&fields, "virtual_size"),
            checksum: text(&fields, "checksum"),
            os_hash_algo: text(&fields, "os_hash_algo"),
            os_hash_value: text(&fields, "os_hash_value"),
            visibility: text(&fields, "visibility").unwrap_or_default(),
            owner: text(&fields, "owner"),
            protected: flag(&fields, "protected"),
            hidden: flag(&fields, "os_hidden"),
            created_at: moment("created_at"),
            updated_at: moment("updated_at"),
            block_device_mapping: text(&fields, "block_device_mapping"),
            properties: properties(fields)?,
        })
    }
}

fn text(fields: &Map<String, Value>, name: &str) -> Option<String> {
    fields.get(name).and_then(Value::as_str).map(str::to_owned)
}

fn number(fields: &Map<String, Value>, name: &str) -> Option<u64> {
    fields.get(name).and_then(Value::as_u64)
}

fn flag(fields: &Map<String, Value>, name: &str) -> bool {
    fields.get(name).and_then(Value::as_bool).unwrap_or_default()
}

fn properties(fields: Map<String, Value>) -> Result<BTreeMap<String, String>, ClientError> {
    let mut properties = BTreeMap::new();
    for (name, value) in fields {
        let Value::String(value) = value else { continue };
        if ATTRIBUTES.contains(&name.as_str()) {
            continue;
        }
        if name.chars().count() > MAX_NAME || value.len() > MAX_VALUE {
            return Err(malformed("an image with a property that is too long"));
        }
        properties.insert(name, value);
    }
    if properties.len() > MAX_PROPERTIES {
        return Err(malformed(&format!("an image of more than {MAX_PROPERTIES} properties")));
    }
    Ok(properties)
}

/// The record of an image that is to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewImage {
    /// Identity, drawn by the one who asks, so that asking twice makes one image.
    pub id: ImageId,
    /// Name.
    pub name: String,
    /// `raw`, `qcow2`, …
    pub disk_format: String,
    /// `bare`, …
    pub container_format: String,
    /// `private`, `public`, … Glance's default for `None`: `shared`.
    pub visibility: Option<String>,
    /// It cannot be deleted.
    pub protected: bool,
    /// Smallest volume, in GiB.
    pub min_disk: u64,
    /// Memory that a server needs, in MiB.
    pub min_ram: u64,
    /// Properties. A name of one of Glance's own attributes is left out.
    pub properties: BTreeMap<String, String>,
}

impl NewImage {
    pub(super) fn body(&self) -> Value {
        let own = |name: &String| !ATTRIBUTES.contains(&name.as_str());
        let properties = self.properties.iter().filter(|(name, _)| own(name));
        let mut body: Map<String, Value> =
            properties.map(|(name, value)| (name.clone(), json!(value))).collect();
        body.insert("id".to_owned(), json!(self.id));
        body.insert("name".to_owned(), json!(self.name));
        body.insert("disk_format".to_owned(), json!(self.disk_format));
        body.insert("container_format".to_owned(), json!(self.container_format));
        body.insert("protected".to_owned(), json!(self.protected));
        body.insert("min_disk".to_owned(), json!(self.min_disk));
        body.insert("min_ram".to_owned(), json!(self.min_ram));
        if let Some(visibility) = &self.visibility {
            body.insert("visibility".to_owned(), json!(visibility));
        }
        Value::Object(body)
    }
}
