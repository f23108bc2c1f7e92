//! The table `encryption`: how volumes of a type are encrypted. A type has one row at most; whoever makes, changes or
//! removes one has locked the type ([`crate::volume_types::lock`]).

use ashlar_types::{Timestamp, VolumeTypeId};
use uuid::Uuid;

use crate::{DbError, Tx, args};

/// How volumes of a type are encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeEncryption {
    /// Who encrypts: `front-end` (the server's host) or `back-end`.
    pub control_location: Option<String>,
    /// Cipher and mode, such as `aes-xts-plain64`.
    pub cipher: Option<String>,
    /// Bits of the key.
    pub key_size: Option<i64>,
    /// The format: `luks`, `luks2`, or a class name from older releases.
    pub provider: Option<String>,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Its identity; Cinder takes any text for it.
    pub id: String,
    /// What it says.
    pub encryption: TypeEncryption,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
}

/// How volumes of the type are encrypted; none when they are not.
///
/// # Errors
/// [`DbError`].
pub async fn of_type(tx: &mut Tx, id: VolumeTypeId) -> Result<Option<TypeEncryption>, DbError> {
    Ok(get(tx, id).await?.map(|stored| stored.encryption))
}

/// The type's row.
///
/// # Errors
/// [`DbError`].
pub async fn get(tx: &mut Tx, id: VolumeTypeId) -> Result<Option<Stored>, DbError> {
    let row = tx
        .row(
            "SELECT encryption_id, control_location, cipher, key_size, provider, created_at, \
             updated_at FROM encryption WHERE volume_type_id = ? AND deleted = FALSE",
            args![id],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut row = row.reader();
    Ok(Some(Stored {
        id: row.next::<Option<_>>()?.unwrap_or_default(),
        encryption: TypeEncryption {
            control_location: row.next()?,
            cipher: row.next()?,
            key_size: row.next()?,
            provider: row.next()?,
        },
        created_at: row.next()?,
        updated_at: row.next()?,
    }))
}

/// Whether volumes of the type are encrypted.
///
/// # Errors
/// [`DbError`].
pub async fn is_encrypted(tx: &mut Tx, id: VolumeTypeId) -> Result<bool, DbError> {
    let sql = "SELECT 1 FROM encryption WHERE volume_type_id = ? AND deleted = FALSE LIMIT 1";
    Ok(tx.row(sql, args![id]).await?.is_some())
}

/// Makes the type's row; answers its identity.
///
/// # Errors
/// [`DbError`].
pub async fn insert(
    tx: &mut Tx,
    id: VolumeTypeId,
    made: &TypeEncryption,
    now: Timestamp,
) -> Result<String, DbError> {
    let row = Uuid::new_v4().to_string();
    tx.execute(
        "INSERT INTO encryption (created_at, deleted, encryption_id, volume_type_id, \
         control_location, cipher, key_size, provider) VALUES (?, FALSE, ?, ?, ?, ?, ?, ?)",
        args![now, &row, id, &made.control_location, &made.cipher, made.key_size, &made.provider],
    )
    .await?;
    Ok(row)
}

/// What changes. `None` leaves it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct EncryptionChange<'a> {
    /// Who encrypts.
    pub control_location: Option<&'a str>,
    /// Cipher and mode; `Some(None)` takes it away.
    pub cipher: Option<Option<&'a str>>,
    /// Bits of the key; `Some(None)` takes them away.
    pub key_size: Option<Option<i64>>,
    /// The format.
    pub provider: Option<&'a str>,
}

/// Changes the type's row; answers whether there is one.
///
/// # Errors
/// [`DbError`].
pub async fn update(
    tx: &mut Tx,
    id: VolumeTypeId,
    change: &EncryptionChange<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE encryption SET control_location = COALESCE(?, control_location), \
             cipher = CASE WHEN ? THEN ? ELSE cipher END, \
             key_size = CASE WHEN ? THEN ? ELSE key_size END, \
             provider = COALESCE(?, provider), updated_at = ? WHERE volume_type_id = ? AND \
             deleted = FALSE",
            args![
                change.control_location,
                change.cipher.is_some(),
                change.cipher.flatten(),
                change.key_size.is_some(),
                change.key_size.flatten(),
                change.provider,
                now,
                id,
            ],
        )
        .await?;
    Ok(changed > 0)
}

/// Removes the type's row, softly; answers whether there was one.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(tx: &mut Tx, id: VolumeTypeId, now: Timestamp) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE encryption SET deleted = TRUE, deleted_at = ? WHERE volume_type_id = ? AND \
             deleted = FALSE",
            args![now, id],
        )
        .await?;
    Ok(changed > 0)
}
