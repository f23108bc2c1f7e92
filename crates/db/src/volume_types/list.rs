//! Which types are seen by whom, and lists of them.

use std::collections::HashMap;

use ashlar_types::volume_type::ExtraSpecs;
use ashlar_types::{VolumeType, VolumeTypeId};

use super::specs::specs_of_many;
use crate::listing::{self, Built, Filter, Page, columns_of};
use crate::{Arg, DbError, Row, Tx};

columns_of! {
    /// A column of `volume_types`.
    TypeColumn {
        /// Identity.
        Id = "id" Text,
        /// Name.
        Name = "name" Text,
        /// Description.
        Description = "description" Text,
        /// Every project sees it.
        IsPublic = "is_public" Bool,
        /// QoS specs.
        QosSpecsId = "qos_specs_id" Text,
        /// When it was made.
        CreatedAt = "created_at" Time,
        /// When it last changed.
        UpdatedAt = "updated_at" Time,
    }

    const TABLE: &'static str = "volume_types";
    const ALWAYS: &'static str = "t.deleted = FALSE";
    const METADATA: (&'static str, &'static str) = ("volume_type_extra_specs", "volume_type_id");
    const MORE_METADATA: Option<(&'static str, &'static str)> = None;
    const IMAGE_METADATA: Option<(&'static str, &'static str)> = None;
    const PLACE: (&'static str, &'static str) = ("", "");
    const PLACE_ALIAS: &'static str = "t";
}

/// Which part of the list, and in which order.
pub type TypePage = Page<TypeColumn>;

/// Whose eyes look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Visibility {
    /// Public types, and private ones that are granted to this project.
    Project(String),
    /// Private types only.
    Private,
    /// All types.
    All,
}

/// Which types a list is to have.
#[derive(Debug, Clone, PartialEq)]
pub struct TypeFilter {
    /// Whose eyes look.
    pub visibility: Visibility,
    /// Tests on columns; `metadata` stands for extra specs that must be there, of which
    /// `RESKEY:availability_zones` need only contain the text.
    pub columns: Filter<TypeColumn>,
}

/// The one extra spec that is a list and is searched by part.
const ZONES: &str = "RESKEY:availability_zones";
const SELECT: &str = "SELECT t.id, t.name, t.description, t.is_public, t.qos_specs_id, \
     t.created_at, t.updated_at FROM volume_types t";

impl Visibility {
    fn sql(&self) -> (&'static str, Option<Arg<'static>>) {
        match self {
            Self::All => ("", None),
            Self::Private => (" AND t.is_public = FALSE", None),
            Self::Project(project) => (
                " AND (t.is_public = TRUE OR EXISTS (SELECT 1 FROM volume_type_projects g WHERE \
                 g.volume_type_id = t.id AND g.project_id = ? AND g.deleted = 0))",
                Some(Arg::from(project.clone())),
            ),
        }
    }
}

/// One page of types; `None` when the marker is not there.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut Tx,
    filter: &TypeFilter,
    page: &TypePage,
) -> Result<Option<Vec<VolumeType>>, DbError> {
    let mut columns = filter.columns.clone();
    let zones = columns.metadata.remove(ZONES);
    let (visible, project) = filter.visibility.sql();
    let mut extra = Built { sql: visible.to_owned(), values: project.into_iter().collect() };
    if let Some(zones) = zones {
        extra.sql.push_str(
            " AND EXISTS (SELECT 1 FROM volume_type_extra_specs z WHERE z.volume_type_id = t.id \
             AND z.deleted = FALSE AND z.\"key\" = 'RESKEY:availability_zones' AND z.value LIKE ? \
             ESCAPE '!')",
        );
        extra.values.push(Arg::from(crate::sql::contains_pattern(&zones)));
    }
    let built = listing::page_with(tx, SELECT, &columns, extra, page).await?;
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
) -> Result<Option<VolumeType>, DbError> {
    let (visible, project) = visibility.sql();
    let sql = format!("{SELECT} WHERE {condition} AND t.deleted = FALSE{visible}");
    let mut values = values.to_vec();
    values.extend(project);
    let rows = tx.rows(&sql, &values).await?;
    Ok(complete(tx, rows).await?.into_iter().next())
}

/// The types that `visibility` shows, by name, at most `limit` of them.
///
/// # Errors
/// [`DbError`].
pub async fn some(
    tx: &mut Tx,
    visibility: &Visibility,
    limit: usize,
) -> Result<Vec<VolumeType>, DbError> {
    let (visible, project) = visibility.sql();
    let sql = format!("{SELECT} WHERE t.deleted = FALSE{visible} ORDER BY t.name, t.id LIMIT ?");
    let mut values: Vec<Arg<'_>> = project.into_iter().collect();
    values.push(Arg::from(limit));
    let rows = tx.rows(&sql, &values).await?;
    complete(tx, rows).await
}

async fn complete(tx: &mut Tx, rows: Vec<Row>) -> Result<Vec<VolumeType>, DbError> {
    let mut types = Vec::with_capacity(rows.len());
    for row in rows {
        let mut row = row.reader();
        types.push(VolumeType {
            id: row.next()?,
            name: row.next::<Option<_>>()?.unwrap_or_default(),
            description: row.next()?,
            is_public: row.next::<Option<_>>()?.unwrap_or(true),
            qos_specs_id: row.next()?,
            extra_specs: ExtraSpecs::new(),
            created_at: row.next()?,
            updated_at: row.next()?,
        });
    }
    let ids: Vec<VolumeTypeId> = types.iter().map(|found| found.id).collect();
    let mut specs: HashMap<VolumeTypeId, ExtraSpecs> = specs_of_many(tx, &ids).await?;
    for found in &mut types {
        found.extra_specs = specs.remove(&found.id).unwrap_or_default();
    }
    Ok(types)
}
