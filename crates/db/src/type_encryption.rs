//! The table `encryption`: how volumes of a type are encrypted.

use ashlar_types::VolumeTypeId;

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

/// How volumes of the type are encrypted; none when they are not.
///
/// # Errors
/// [`DbError`].
pub async fn of_type(tx: &mut Tx, id: VolumeTypeId) -> Result<Option<TypeEncryption>, DbError> {
    let row = tx
        .row(
            "SELECT control_location, cipher, key_size, provider FROM encryption WHERE \
             volume_type_id = ? AND deleted = FALSE",
            args![id],
        )
        .await?;
    let Some(row) = row else { return Ok(None) };
    let mut row = row.reader();
    Ok(Some(TypeEncryption {
        control_location: row.next()?,
        cipher: row.next()?,
        key_size: row.next()?,
        provider: row.next()?,
    }))
}
