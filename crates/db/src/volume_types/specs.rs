//! Extra specs of types.

use std::collections::HashMap;

use ashlar_types::volume_type::ExtraSpecs;
use ashlar_types::{Timestamp, VolumeTypeId};

use crate::specs::{self, Table};
use crate::{DbError, Tx};

const TABLE: Table = Table { name: "volume_type_extra_specs", owner: "volume_type_id" };

/// All extra specs of the type.
///
/// # Errors
/// [`DbError`].
pub async fn specs(tx: &mut Tx, id: VolumeTypeId) -> Result<ExtraSpecs, DbError> {
    Ok(specs_of_many(tx, &[id]).await?.remove(&id).unwrap_or_default())
}

pub(super) async fn specs_of_many(
    tx: &mut Tx,
    ids: &[VolumeTypeId],
) -> Result<HashMap<VolumeTypeId, ExtraSpecs>, DbError> {
    specs::of_many(tx, &TABLE, ids).await
}

/// Sets the specs and leaves all others.
///
/// # Errors
/// [`DbError`].
pub async fn merge_specs(
    tx: &mut Tx,
    id: VolumeTypeId,
    specs: &ExtraSpecs,
    now: Timestamp,
) -> Result<(), DbError> {
    specs::merge(tx, &TABLE, id, specs, now).await
}

/// Removes one spec; answers whether it was there.
///
/// # Errors
/// [`DbError`].
pub async fn remove_spec(
    tx: &mut Tx,
    id: VolumeTypeId,
    key: &str,
    now: Timestamp,
) -> Result<bool, DbError> {
    specs::remove(tx, &TABLE, id, key, now).await
}
