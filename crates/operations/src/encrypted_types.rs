//! Volume types whose volumes would be encrypted: there is no key manager to make their keys yet, so no volume comes to
//! be of one. A volume without a key would be plain while its type promises otherwise; a copy of an encrypted one would be
//! noise to whoever reads it.

use ashlar_db::{Tx, type_encryption};
use ashlar_types::VolumeTypeId;

use crate::Refusal;

/// Refuses a type that is encrypted. Whoever makes a volume of the type keeps the type's row first
/// (`volume_types::keep_name`): whoever makes the type an encrypted one locks it.
///
/// # Errors
/// [`Refusal::Invalid`] for an encrypted type; the database's failures.
pub async fn refuse(tx: &mut Tx, id: VolumeTypeId, name: &str) -> Result<(), Refusal> {
    if !type_encryption::is_encrypted(tx, id).await? {
        return Ok(());
    }
    Err(Refusal::Invalid(format!(
        "Invalid volume type: volumes of type {name} are encrypted, and this service has no key \
         manager yet to make their keys."
    )))
}

/// Refuses to copy what is encrypted by a `key` of its own, as in a database that was Cinder's: the copy would need one, too.
/// `kind` is "volume" or "snapshot".
///
/// # Errors
/// [`Refusal::Invalid`] when there is a key.
pub(crate) fn refuse_key(
    kind: &str,
    id: impl std::fmt::Display,
    key: Option<&str>,
) -> Result<(), Refusal> {
    match key {
        None => Ok(()),
        Some(_) => Err(Refusal::Invalid(format!(
            "Invalid {kind}: {kind} {id} is encrypted, and this service has no key manager yet to \
             make the key of a copy."
        ))),
    }
}
