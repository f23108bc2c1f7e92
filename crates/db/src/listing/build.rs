//! From filter and page to a statement: text of ours, values bound.

use ashlar_types::Timestamp;

use super::{Columns, Direction, Filter, Page, Test};
use crate::{Arg, Cell, DbError, Engine, Tx, sql};

/// A statement under way.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// The text so far.
    pub(crate) sql: String,
    /// One for each `?` in it.
    pub(crate) values: Vec<Arg<'static>>,
}

impl Built {
    fn push(&mut self, text: &str) {
        self.sql.push_str(text);
    }

    fn bind(&mut self, text: &str, value: impl Into<Arg<'static>>) {
        self.sql.push_str(text);
        self.values.push(value.into());
    }

    /// ` WHERE …` for all conditions of the filter.
    pub(crate) fn filter<C: Columns>(&mut self, engine: Engine, filter: &Filter<C>) {
        self.push(" WHERE ");
        if engine == Engine::Sqlite && finds_few(filter) {
            // The sign takes `deleted` out of the choice of an index: without statistics SQLite
            // would take a project's for as good as a name's.
            self.push("+");
        }
        self.push(C::ALWAYS);
        if let Some(project) = &filter.project_id {
            self.bind(&format!(" AND {}", C::OF_PROJECT), project.clone());
        }
        for (column, test) in &filter.tests {
            self.push(" AND ");
            self.test(engine, *column, test);
        }
        for (key, value) in &filter.metadata {
            self.push(" AND (");
            self.pair(C::METADATA, key, value);
            if let Some(more) = C::MORE_METADATA {
                self.push(" OR ");
                self.pair(more, key, value);
            }
            self.push(")");
        }
        for (key, value) in &filter.image_metadata {
            self.push(" AND ");
            match C::IMAGE_METADATA {
                Some(table) => self.pair(table, key, value),
                None => self.push("FALSE"),
            }
        }
        self.place(filter);
    }

    fn test<C: Columns>(&mut self, engine: Engine, column: C, test: &Test) {
        let name = column.sql();
        match test {
            Test::Is(text) => match column.kind().read(text) {
                Some(value) => self.bind(&format!("{name} = ?"), value),
                None => self.push("FALSE"),
            },
            Test::In(texts) => {
                let mut known: Vec<_> =
                    texts.iter().filter_map(|text| column.kind().read(text)).collect();
                if known.is_empty() {
                    self.push("FALSE");
                } else {
                    known = sql::pad(&known);
                    self.push(&format!("{name} IN ({})", sql::places(known.len())));
                    self.values.append(&mut known);
                }
            }
            Test::Contains(part) => {
                // A number or moment is compared by how it is written.
                let text = match column.kind() {
                    super::Kind::Text => name.to_owned(),
                    _ => format!("CAST({name} AS CHAR(64))"),
                };
                self.bind(&format!("{text} LIKE ? ESCAPE '!'"), sql::contains_pattern(part));
            }
            Test::Time(comparison, moment) if column.kind() == super::Kind::Time => {
                self.bind(&format!("{name} {} ?", comparison.sql()), *moment);
            }
            Test::Time(..) => self.push("FALSE"),
            // With the sign SQLite looks for no index: most rows have no group, and few have the project.
            Test::Null(true) if engine == Engine::Sqlite => {
                self.push(&format!("+{name} IS NULL"));
            }
            Test::Null(true) => self.push(&format!("{name} IS NULL")),
            Test::Null(false) => self.push(&format!("{name} IS NOT NULL")),
        }
    }

    fn pair(&mut self, (table, owner): (&str, &str), key: &str, value: &str) {
        self.bind(
            &format!(
                "EXISTS (SELECT 1 FROM {table} m WHERE m.{owner} = t.id AND m.deleted = FALSE AND \
                 m.\"key\" = ?"
            ),
            key.to_owned(),
        );
        self.bind(" AND m.value = ?)", value.to_owned());
    }

    fn place<C: Columns>(&mut self, filter: &Filter<C>) {
        if filter.host.is_none()
            && filter.cluster_name.is_none()
            && filter.availability_zone.is_none()
        {
            return;
        }
        let alias = C::PLACE_ALIAS;
        self.push(" AND ");
        self.push(C::PLACE.0);
        self.push("TRUE");
        for (column, wanted) in [("host", &filter.host), ("cluster_name", &filter.cluster_name)] {
            let Some(wanted) = wanted else { continue };
            self.bind(&format!(" AND ({alias}.{column} = ?"), wanted.clone());
            for separator in ["@", "#"] {
                let inside = sql::starts_pattern(&format!("{wanted}{separator}"));
                self.bind(&format!(" OR {alias}.{column} LIKE ? ESCAPE '!'"), inside);
            }
            self.push(")");
        }
        if let Some(zone) = &filter.availability_zone {
            self.bind(&format!(" AND {alias}.availability_zone = ?"), zone.clone());
        }
        self.push(C::PLACE.1);
    }

    /// ` AND …`: only what comes behind a row that has `values` in the columns of `order`.
    fn behind<C: Columns>(
        &mut self,
        order: &[(C, Direction)],
        values: &[Arg<'static>],
        by_order: bool,
    ) {
        let bound = |value: &Arg<'static>| !is_null(value);
        // For an index, the first column bounds the whole range.
        if by_order
            && let (Some((column, direction)), Some(value)) = (order.first(), values.first())
            && bound(value)
            && column.always_set()
        {
            let sign = if *direction == Direction::Asc { ">=" } else { "<=" };
            self.bind(&format!(" AND {} {sign} ?", column.sql()), value.clone());
        }
        self.push(" AND (");
        let mut any = false;
        for (last, ((column, direction), value)) in order.iter().zip(values).enumerate() {
            let name = column.sql();
            let strict = match (direction, bound(value)) {
                (Direction::Asc, true) => format!("{name} > ?"),
                (Direction::Asc, false) => format!("{name} IS NOT NULL"),
                (Direction::Desc, true) if column.always_set() => format!("{name} < ?"),
                (Direction::Desc, true) => format!("({name} < ? OR {name} IS NULL)"),
                // Nothing is smaller than NULL.
                (Direction::Desc, false) => continue,
            };
            self.push(if any { " OR (" } else { "(" });
            any = true;
            for ((column, _), value) in order.iter().zip(values).take(last) {
                if bound(value) {
                    self.bind(&format!("{} = ? AND ", column.sql()), value.clone());
                } else {
                    self.push(&format!("{} IS NULL AND ", column.sql()));
                }
            }
            self.push(&strict);
            if bound(value) {
                self.values.push(value.clone());
            }
            self.push(")");
        }
        self.push(if any { ")" } else { "FALSE)" });
    }

    fn order<C: Columns>(&mut self, engine: Engine, order: &[(C, Direction)], by_order: bool) {
        self.push(" ORDER BY ");
        if !by_order && engine == Engine::Sqlite {
            // The sign keeps SQLite, which knows no statistics, from walking a whole project in order
            // where an index finds the few rows to sort.
            self.push("+");
        }
        for (index, (column, direction)) in order.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            self.push(column.sql());
            // PostgreSQL alone takes NULL for larger than everything.
            let explicit = engine == Engine::Postgres && !column.always_set();
            self.push(match (direction, explicit) {
                (Direction::Asc, false) => "",
                (Direction::Asc, true) => " ASC NULLS FIRST",
                (Direction::Desc, false) => " DESC",
                (Direction::Desc, true) => " DESC NULLS LAST",
            });
        }
    }

    fn limit(&mut self, engine: Engine, limit: Option<u64>, offset: u64) {
        match limit {
            Some(limit) => self.bind(" LIMIT ?", limit),
            // An offset needs a limit before it, except on PostgreSQL.
            None if offset > 0 && engine != Engine::Postgres => {
                self.push(" LIMIT 9223372036854775807");
            }
            None => {}
        }
        if offset > 0 {
            self.bind(" OFFSET ?", offset);
        }
    }
}

fn is_null(value: &Arg<'_>) -> bool {
    matches!(
        value,
        Arg::Bool(None) | Arg::Int(None) | Arg::Float(None) | Arg::Text(None) | Arg::Time(None)
    )
}

/// `select` (`SELECT … FROM … t …`, without WHERE) with filter, marker, order and limit; `None` when the
/// marker is not there.
pub(crate) async fn page<C: Columns>(
    tx: &mut Tx,
    select: &str,
    filter: &Filter<C>,
    page: &Page<C>,
) -> Result<Option<Built>, DbError> {
    page_with(tx, select, filter, Built::default(), page).await
}

/// As [`page`], with more conditions (` AND …`) of the table's own.
pub(crate) async fn page_with<C: Columns>(
    tx: &mut Tx,
    select: &str,
    filter: &Filter<C>,
    mut more: Built,
    page: &Page<C>,
) -> Result<Option<Built>, DbError> {
    let order = page.order();
    let by_order = !finds_few(filter);
    let mut built = Built { sql: select.to_owned(), values: Vec::new() };
    built.filter(tx.engine(), filter);
    built.push(&more.sql);
    built.values.append(&mut more.values);
    if let Some(marker) = &page.marker {
        match marker_values(tx, filter, &order, marker).await? {
            Some(values) => built.behind(&order, &values, by_order),
            None => return Ok(None),
        }
    }
    built.order(tx.engine(), &order, by_order);
    built.limit(tx.engine(), page.limit, page.offset);
    Ok(Some(built))
}

/// Some condition leaves but a few rows: they are found first and sorted then.
fn finds_few<C: Columns>(filter: &Filter<C>) -> bool {
    filter
        .tests
        .iter()
        .any(|(column, test)| column.finds_few() && matches!(test, Test::Is(_) | Test::In(_)))
}

/// What the marker's row has in the columns of the order.
async fn marker_values<C: Columns>(
    tx: &mut Tx,
    filter: &Filter<C>,
    order: &[(C, Direction)],
    marker: &str,
) -> Result<Option<Vec<Arg<'static>>>, DbError> {
    let names: Vec<_> = order.iter().map(|(column, _)| column.sql()).collect();
    let mut built = Built::default();
    built.bind(
        &format!(
            "SELECT {} FROM {} t WHERE t.deleted = FALSE AND t.id = ?",
            names.join(", "),
            C::TABLE
        ),
        marker.to_owned(),
    );
    if let Some(project) = &filter.project_id {
        built.bind(&format!(" AND {}", C::OF_PROJECT), project.clone());
    }
    let Some(row) = tx.row(&built.sql, &built.values).await? else { return Ok(None) };
    let mut row = row.reader();
    let mut values = Vec::with_capacity(order.len());
    for (column, _) in order {
        values.push(value_of(column.kind(), row.next()?)?);
    }
    Ok(Some(values))
}

fn value_of(kind: super::Kind, cell: Cell) -> Result<Arg<'static>, DbError> {
    use super::Kind;
    fn read<T: crate::FromCell>(cell: Cell) -> Result<Option<T>, DbError> {
        <Option<T> as crate::FromCell>::from_cell(cell).map_err(|wrong| DbError::row(0, wrong))
    }
    Ok(match kind {
        Kind::Text => Arg::from(read::<String>(cell)?),
        Kind::Int => Arg::from(read::<i64>(cell)?),
        Kind::Bool => Arg::from(read::<bool>(cell)?),
        Kind::Time => Arg::from(read::<Timestamp>(cell)?),
    })
}

/// How many rows the filter finds, on all pages together.
pub(crate) async fn count<C: Columns>(tx: &mut Tx, filter: &Filter<C>) -> Result<u64, DbError> {
    let mut built =
        Built { sql: format!("SELECT COUNT(*) FROM {} t", C::TABLE), values: Vec::new() };
    built.filter(tx.engine(), filter);
    let row = tx.row(&built.sql, &built.values).await?;
    row.map_or(Ok(0), |mut row| row.take(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::volume_details::VolumeColumn;

    fn ordered(filter: &Filter<VolumeColumn>, engine: Engine) -> String {
        let mut built = Built::default();
        built.order(engine, &Page::<VolumeColumn>::default().order(), !finds_few(filter));
        built.sql
    }

    #[test]
    fn what_a_name_finds_is_sorted_and_all_else_is_walked_in_order() {
        let named = Filter::default().and(VolumeColumn::Name, Test::Is("n".to_owned()));
        let all = Filter::default().and(VolumeColumn::Status, Test::Is("error".to_owned()));
        assert_eq!(ordered(&named, Engine::Sqlite), " ORDER BY +t.created_at DESC, t.id DESC");
        assert_eq!(ordered(&named, Engine::Mysql), " ORDER BY t.created_at DESC, t.id DESC");
        assert_eq!(ordered(&all, Engine::Sqlite), " ORDER BY t.created_at DESC, t.id DESC");
    }

    #[test]
    fn no_users_text_gets_into_the_statement() {
        let nasty = "' OR 1=1 --";
        let mut built = Built::default();
        let mut filter = Filter::of_project(nasty).and(VolumeColumn::Name, Test::Is(nasty.into()));
        filter = filter.and(VolumeColumn::Host, Test::In(vec![nasty.into(), nasty.into()]));
        filter = filter.and(VolumeColumn::UserId, Test::Contains(nasty.into()));
        filter.metadata.insert(nasty.into(), nasty.into());
        filter.image_metadata.insert(nasty.into(), nasty.into());
        filter.host = Some(nasty.into());
        filter.availability_zone = Some(nasty.into());
        built.filter(Engine::Sqlite, &filter);
        assert!(!built.sql.contains("1=1"), "{}", built.sql);
        assert_eq!(built.sql.matches('?').count(), built.values.len());
    }
}
