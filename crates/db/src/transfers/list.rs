//! Lists of offers.

use ashlar_types::Transfer;

use super::{SELECT, read};
use crate::listing::{self, Filter, Page, columns_of};
use crate::{DbError, Tx};

columns_of! {
    /// A column of `transfers`. What keys are checked with is none: a filter would tell it.
    TransferColumn {
        /// Identity.
        Id = "id" Text,
        /// The volume.
        VolumeId = "volume_id" Text,
        /// Name.
        Name = "display_name" Text,
        /// Snapshots stay.
        NoSnapshots = "no_snapshots" Bool,
        /// Project that offers.
        SourceProjectId = "source_project_id" Text,
        /// Project that has accepted; none in a list.
        DestinationProjectId = "destination_project_id" Text,
        /// Accepted; never in a list.
        Accepted = "accepted" Bool,
        /// When it ends; Cinder never fills it.
        ExpiresAt = "expires_at" Time,
        /// When it was made.
        CreatedAt = "created_at" Time,
        /// When it last changed.
        UpdatedAt = "updated_at" Time,
    }

    const TABLE: &'static str = "transfers";
    const ALWAYS: &'static str = "t.deleted = FALSE";
    const OF_PROJECT: &'static str =
        "EXISTS (SELECT 1 FROM volumes v WHERE v.id = t.volume_id AND v.project_id = ?)";
    // Offers have no metadata; the API finds nothing by such a filter.
    const METADATA: (&'static str, &'static str) = ("volume_metadata", "volume_id");
    const MORE_METADATA: Option<(&'static str, &'static str)> = None;
    const IMAGE_METADATA: Option<(&'static str, &'static str)> = None;
    const PLACE: (&'static str, &'static str) = ("", "");
    const PLACE_ALIAS: &'static str = "t";

    fn finds_few(self) -> bool {
        matches!(self, Self::Id | Self::VolumeId)
    }
}

/// Which offers a list is to have; a project's are those of its volumes.
pub type TransferFilter = Filter<TransferColumn>;
/// Which part of the list, and in which order.
pub type TransferPage = Page<TransferColumn>;

/// One page of offers; `None` when the marker is not there.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut Tx,
    filter: &TransferFilter,
    page: &TransferPage,
) -> Result<Option<Vec<Transfer>>, DbError> {
    let Some(built) = listing::page(tx, SELECT, filter, page).await? else { return Ok(None) };
    let rows = tx.rows(&built.sql, &built.values).await?;
    rows.into_iter().map(|row| read(&mut row.reader())).collect::<Result<_, _>>().map(Some)
}
