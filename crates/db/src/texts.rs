//! Name and description of volumes and snapshots, which both tables have under the same names.

use ashlar_types::Timestamp;

use crate::{Arg, DbError, Tx, args};

/// A new name or description. Outer `None` leaves it; `Some(None)` takes it away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TextChange<'a> {
    /// Name.
    pub name: Option<Option<&'a str>>,
    /// Description.
    pub description: Option<Option<&'a str>>,
}

/// Changes name and description of the row in `table`; answers whether it was there.
pub(crate) async fn update(
    tx: &mut Tx,
    table: &str,
    id: Arg<'_>,
    change: &TextChange<'_>,
    now: Timestamp,
) -> Result<bool, DbError> {
    let sql = format!(
        "UPDATE {table} SET display_name = CASE WHEN ? THEN ? ELSE display_name END, \
         display_description = CASE WHEN ? THEN ? ELSE display_description END, updated_at = ? \
         WHERE id = ? AND deleted = FALSE"
    );
    let changed = tx
        .execute(
            &sql,
            args![
                change.name.is_some(),
                change.name.flatten(),
                change.description.is_some(),
                change.description.flatten(),
                now,
                &id,
            ],
        )
        .await?;
    Ok(changed > 0)
}
