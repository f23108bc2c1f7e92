//! Volume types whose volumes would be encrypted: there is no key manager to make their keys yet, so no volume comes to
//! be of one. A volume without a key would be plain while its type promises otherwise.

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
