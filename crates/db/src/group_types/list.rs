//! Which group types are seen by whom, and lists of them.

use std::collections::HashMap;

use ashlar_types::volume_type::ExtraSpecs;
use ashlar_types::{GroupType, GroupTypeId};

use super::Visibility;
use super::specs::specs_of_many;
use crate::listing::{self, Built, Filter, Page, columns_of};
use crate::{Arg, DbError, Row, Tx};

columns_of! {
    /// A column of `group_types`.
    GroupTypeColumn {
        /// Identity.
        Id = "id" Text,
        /// Name.
        Name = "name" Text,
        /// Description.
        Description = "description" Text,
        /// Every project sees it.
        IsPublic = "is_public" Bool,
        /// When it was made.
        CreatedAt = "created_at" Time,
        /// When it last changed.
        UpdatedAt = "updated_at" Time,
    }

    const TABLE: &'static str = "group_types";
    const ALWAYS: &'static str = "t.deleted = FALSE";
    const METADATA: (&'static str, &'static str) = ("group_type_specs", "group_type_id");
    const MORE_METADATA: Option<(&'static str, &'static str)> = None;
    const IMAGE_METADATA: Option<(&'static str, &'static str)> = None;
    const PLACE: (&'static str, &'static str) = ("", "");
    const PLACE_ALIAS: &'static str = "t";
}

/// Which part of the list, and in which order.
pub type GroupTypePage = Page<GroupTypeColumn>;

const SELECT: &str = "SELECT t.id, t.name, t.description, t.is_public, t.created_at, t.updated_at \
     FROM group_types t";

/// ` AND …`: what `visibility` shows.
fn shown(visibility: &Visibility) -> Built {
    match visibility {
        Visibility::All => Built::default(),
        Visibility::Private => {
            Built { sql: " AND t.is_public = FALSE".to_owned(), values: Vec::new() }
        }
        Visibility::Project(project) => Built {
            sql: " AND (t.is_public = TRUE OR EXISTS (SELECT 1 FROM group_type_projects g WHERE \
                  g.group_type_id = t.id AND g.project_id = ? AND g.deleted = FALSE))"
                .to_owned(),
            values: vec![Arg::from(project.clone())],
        },
    }
}

/// One page of types; `None` when the marker is not there.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut Tx,
    visibility: &Visibility,
    page: &GroupTypePage,
) -> Result<Option<Vec<GroupType>>, DbError> {
    let every = Filter::<GroupTypeColumn>::default();
    let built = listing::page_with(tx, SELECT, &every, shown(visibility), page).await?;
    let Some(built) = built else { return Ok(None) };
    let rows = tx.rows(&built.sql, &built.values).await?;
    complete(tx, rows).await.map(Some)
}

/// The type for which `condition` holds.
pub(super) async fn one(
    tx: &mut Tx,
    condition: &str,
    values: &[Arg<'_>],
    visibility: &Visibility,
) -> Result<Option<GroupType>, DbError> {
    let shown = shown(visibility);
    let sql = format!("{SELECT} WHERE {condition} AND t.deleted = FALSE{}", shown.sql);
    let mut values = values.to_vec();
    values.extend(shown.values);
    let rows = tx.rows(&sql, &values).await?;
    Ok(complete(tx, rows).await?.into_iter().next())
}

async fn complete(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<GroupType>, DbError> {
    let mut types = Vec::with_capacity(rows.len());
    for row in rows {
        let mut row = row.reader();
        types.push(GroupType {
            id: row.next()?,
            name: row.next()?,
            description: row.next()?,
            is_public: row.next::<Option<_>>()?.unwrap_or(true),
            group_specs: ExtraSpecs::new(),
            created_at: row.next()?,
            updated_at: row.next()?,
        });
    }
    let ids: Vec<GroupTypeId> = types.iter().map(|found| found.id).collect();
    let mut specs: HashMap<GroupTypeId, ExtraSpecs> = specs_of_many(tx, &ids).await?;
    for found in &mut types {
        found.group_specs = specs.remove(&found.id).unwrap_or_default();
    }
    Ok(types)
}
