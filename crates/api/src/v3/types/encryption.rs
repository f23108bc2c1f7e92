//! How volumes of a type are encrypted: list, create, show, update, delete. A type that volumes have may not change here:
//! they were made by what it says.

use ashlar_db::type_encryption::{self, EncryptionChange, Stored, TypeEncryption};
use ashlar_db::{Tx, transact, volume_types};
use ashlar_operations::notify::events;
use ashlar_types::{Timestamp, VolumeTypeId};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::load;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind, TxFault};
use crate::letters;
use crate::request::Request;

/// `GET /types/{type_id}/encryption`: the row, bare; `{}` for a type that is not encrypted.
pub(super) async fn list(request: &Request) -> Outcome {
    let (id, stored) = look(request).await?;
    Ok(Answer::ok(&stored.map(|stored| view(id, &stored)).unwrap_or_default()))
}

/// `GET /types/{type_id}/encryption/{key}`: one field of it.
pub(super) async fn show(request: &Request) -> Outcome {
    let (id, stored) = look(request).await?;
    let key = request.param("key");
    let all = stored.map(|stored| view(id, &stored)).unwrap_or_default();
    let value = all.get(key).ok_or_else(|| missing(id))?;
    Ok(Answer::ok(&json!({ key: value })))
}

/// `POST /types/{type_id}/encryption`.
pub(super) async fn create(request: &Request) -> Outcome {
    let wish = read(request)?;
    let made = TypeEncryption {
        control_location: wish.control_location.map(str::to_owned),
        cipher: wish.cipher.flatten().map(str::to_owned),
        key_size: wish.key_size.flatten(),
        provider: wish.provider.map(str::to_owned),
    };
    let id = load::id(request)?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let inserted: Result<String, TxFault> =
        transact!(db, tx => insert(request, tx, &made, now).await);
    let mut answer = echo(request, &wish);
    answer.insert("volume_type_id".to_owned(), id.to_string().into());
    answer.insert("encryption_id".to_owned(), inserted?.into());
    Ok(Answer::ok(&json!({ "encryption": answer })))
}

/// `PUT /types/{type_id}/encryption/{encryption_id}`. A type has one row, so the identity does not matter, as in Cinder.
pub(super) async fn update(request: &Request) -> Outcome {
    let change = read(request)?;
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let changed: Result<(), TxFault> = transact!(db, tx => apply(request, tx, &change, now).await);
    changed?;
    Ok(Answer::ok(&json!({ "encryption": echo(request, &change) })))
}

/// `DELETE /types/{type_id}/encryption/{encryption_id}`.
pub(super) async fn delete(request: &Request) -> Outcome {
    let db = &request.app.db;
    let now = db.engine().storable(request.app.clock.now());
    let removed: Result<(), TxFault> = transact!(db, tx => remove(request, tx, now).await);
    removed?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

async fn look(request: &Request) -> Result<(VolumeTypeId, Option<Stored>), Fault> {
    let mut tx = request.app.db.read().await?;
    let found = load::one(request, &mut tx).await?;
    Ok((found.id, type_encryption::get(&mut tx, found.id).await?))
}

async fn insert(
    request: &Request,
    tx: &mut Tx,
    made: &TypeEncryption,
    now: Timestamp,
) -> Result<String, TxFault> {
    let id = unused(request, tx, "create").await?;
    if type_encryption::is_encrypted(tx, id).await? {
        let message = format!("Volume type encryption for type {id} already exists.");
        return Err(Fault::bad_request(message).into());
    }
    let made = type_encryption::insert(tx, id, made, now).await?;
    let told = || json!({ "type_id": id, "specs": request.object("encryption") });
    letters::plain(request, tx, events::TYPE_ENCRYPTION_CREATE, told).await?;
    Ok(made)
}

async fn apply(
    request: &Request,
    tx: &mut Tx,
    change: &EncryptionChange<'_>,
    now: Timestamp,
) -> Result<(), TxFault> {
    let id = unused(request, tx, "update").await?;
    let there = type_encryption::update(tx, id, change, now).await?;
    if !there {
        return Err(missing(id).into());
    }
    let told = || json!({ "type_id": id, "id": request.param("encryption_id") });
    Ok(letters::plain(request, tx, events::TYPE_ENCRYPTION_UPDATE, told).await?)
}

/// A type that is not there has no encryption either, and that is what Cinder says here.
async fn remove(request: &Request, tx: &mut Tx, now: Timestamp) -> Result<(), TxFault> {
    let text = request.param("type_id");
    let id: VolumeTypeId = text.parse().map_err(|_| missing(text))?;
    if volume_types::lock(tx, id).await? {
        refuse_in_use(tx, id, "delete").await?;
    }
    let there = type_encryption::destroy(tx, id, now).await?;
    if there { Ok(()) } else { Err(missing(id).into()) }
}

/// The type, locked: whoever makes a volume of it comes before or after.
///
/// # Errors
/// 404; 400 when some volume is of it.
async fn unused(request: &Request, tx: &mut Tx, deed: &str) -> Result<VolumeTypeId, TxFault> {
    let found = load::one(request, tx).await?;
    if !volume_types::lock(tx, found.id).await? {
        return Err(load::missing(request.param("type_id")).into());
    }
    refuse_in_use(tx, found.id, deed).await?;
    Ok(found.id)
}

async fn refuse_in_use(tx: &mut Tx, id: VolumeTypeId, deed: &str) -> Result<(), TxFault> {
    if volume_types::in_use(tx, id).await? {
        let message = format!("Cannot {deed} encryption specs. Volume type in use.");
        return Err(Fault::bad_request(message).into());
    }
    Ok(())
}

/// What the body asks for. Cinder writes every other key of it into the table's row too, if there is such a column: whose
/// row it is, whether it is deleted. Here such keys are ignored.
fn read(request: &Request) -> Result<EncryptionChange<'_>, Fault> {
    let wish = request.object("encryption");
    let text = |key: &str| wish.get(key).and_then(Value::as_str);
    let number = |value: &Value| match value {
        Value::Null => Ok(None),
        Value::String(text) => text.trim().parse::<i64>().map(Some).map_err(|_| no_number()),
        value => value.as_i64().map(Some).ok_or_else(no_number),
    };
    Ok(EncryptionChange {
        control_location: text("control_location"),
        cipher: wish.get("cipher").map(Value::as_str),
        key_size: wish.get("key_size").map(number).transpose()?,
        provider: text("provider"),
    })
}

fn no_number() -> Fault {
    Fault::invalid_input("key_size must be an integer.")
}

/// The request again, the size of the key as a number.
fn echo(request: &Request, wish: &EncryptionChange<'_>) -> Map<String, Value> {
    let mut answer = request.object("encryption").clone();
    if let Some(size) = wish.key_size.flatten() {
        answer.insert("key_size".to_owned(), size.into());
    }
    answer
}

/// The row as Cinder shows it, every column.
fn view(id: VolumeTypeId, stored: &Stored) -> Map<String, Value> {
    let TypeEncryption { control_location, cipher, key_size, provider } = &stored.encryption;
    let time = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let row = json!({
        "encryption_id": stored.id,
        "volume_type_id": id,
        "control_location": control_location,
        "cipher": cipher,
        "key_size": key_size,
        "provider": provider,
        "created_at": time(stored.created_at),
        "updated_at": time(stored.updated_at),
        "deleted_at": null,
        "deleted": false,
    });
    match row {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// 404 for a type that is not encrypted, or has no such field.
fn missing(id: impl std::fmt::Display) -> Fault {
    let message = format!("Volume type encryption for type {id} does not exist.");
    Fault::new(FaultKind::NotFound, message)
}
