//! A type's resources carry its name; when the type gets another, so do they.

use ashlar_types::Timestamp;

use crate::{DbError, Tx, args};

/// Renames `volumes_OLD`, `snapshots_OLD` and `gigabytes_OLD` in limits, classes and usages. What a
/// type of the new name left behind, long deleted, makes room.
///
/// # Errors
/// [`DbError`].
pub async fn rename_type(tx: &mut Tx, old: &str, new: &str, now: Timestamp) -> Result<(), DbError> {
    for kind in ["gigabytes", "snapshots", "volumes"] {
        let old = format!("{kind}_{old}");
        let new = format!("{kind}_{new}");
        for table in ["quotas", "quota_classes", "quota_usages"] {
            // Where names differ by case alone MySQL finds the row itself: it must stay.
            let left_behind = format!(
                "UPDATE {table} SET deleted = TRUE, deleted_at = ? WHERE resource = ? AND \
                 resource <> ? AND deleted = FALSE"
            );
            tx.execute(&left_behind, args![now, &new, &old]).await?;
            if table == "quota_usages" {
                tx.execute(
                    "UPDATE quota_usages SET race_preventer = NULL WHERE resource = ? AND \
                     deleted = TRUE",
                    args![&new],
                )
                .await?;
            }
            let rename = format!(
                "UPDATE {table} SET resource = ?, updated_at = ? WHERE resource = ? AND \
                 deleted = FALSE"
            );
            tx.execute(&rename, args![&new, now, &old]).await?;
        }
    }
    Ok(())
}
