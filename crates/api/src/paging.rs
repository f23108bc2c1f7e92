//! Pages of lists: limit, marker, offset, order, and the link to what follows.

use ashlar_db::listing::{Columns, Direction, Page};

use crate::fault::Fault;
use crate::links::Link;
use crate::query::Query;
use crate::request::Request;

/// Largest number in Cinder's integer columns.
const MAX_INT: i64 = 2_147_483_647;

/// One key of the order, as the client wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// Name of a column, or what the API calls it.
    pub key: String,
    /// Largest first.
    pub descending: bool,
}

/// Which part of a list is asked, and in which order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// Longest page; 0 asks for none.
    pub limit: usize,
    /// Identity of the last item of the page before.
    pub marker: Option<String>,
    /// Items to skip after the marker.
    pub offset: usize,
    /// Order; empty for the list's own.
    pub sort: Vec<SortKey>,
}

impl Paging {
    /// Reads the request's query, with `osapi_max_limit`.
    ///
    /// # Errors
    /// 400 in Cinder's words for a bad number or direction, or both spellings of sorting at once.
    pub fn of(request: &Request) -> Result<Self, Fault> {
        Self::read(&request.query, request.app.settings.osapi_max_limit)
    }

    /// As [`Self::of`], on the parts.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn read(query: &Query, max_limit: usize) -> Result<Self, Fault> {
        Ok(Self {
            limit: limit(query, max_limit)?,
            marker: query.get("marker").map(str::to_owned),
            offset: offset(query)?,
            sort: sort(query)?,
        })
    }

    /// The database's page. Keys are names of columns, but for those that `renamed` gives another name,
    /// as in `&[("name", "display_name")]`.
    ///
    /// # Errors
    /// 400 "Invalid input received: Invalid sort key" for anything that is no column.
    pub fn page<C: Columns>(&self, renamed: &[(&str, &str)]) -> Result<Page<C>, Fault> {
        let column = |sort: &SortKey| {
            let found = renamed.iter().find(|(api, _)| *api == sort.key);
            let name = found.map_or(sort.key.as_str(), |(_, column)| column);
            let direction = if sort.descending { Direction::Desc } else { Direction::Asc };
            C::named(name).map(|column| (column, direction)).ok_or_else(invalid_key)
        };
        Ok(Page {
            sort: self.sort.iter().map(column).collect::<Result<_, _>>()?,
            marker: self.marker.clone(),
            limit: Some(self.limit as u64),
            offset: self.offset as u64,
        })
    }

    /// Only these sort keys, for a list that the database does not sort.
    ///
    /// # Errors
    /// 400 "Invalid input received: Invalid sort key".
    pub fn allow(&self, keys: &[&str]) -> Result<(), Fault> {
        let known = self.sort.iter().all(|sort| keys.contains(&sort.key.as_str()));
        if known { Ok(()) } else { Err(invalid_key()) }
    }

    /// The value of `<name>_links` when this page is full, so that the answer has the link to what follows.
    /// `collection` is the list's path (`volumes/detail`), `count` the number of items, `last` the identity
    /// of the last one.
    #[must_use]
    pub fn next_link(
        &self,
        request: &Request,
        collection: &str,
        count: usize,
        last: Option<String>,
    ) -> Option<[Link; 1]> {
        let last = last.filter(|_| count >= self.limit)?;
        Some(request.links().next(collection, &request.query, &last))
    }
}

fn invalid_key() -> Fault {
    Fault::invalid_input("Invalid sort key")
}

fn limit(query: &Query, max_limit: usize) -> Result<usize, Fault> {
    match query.get("limit").map(integer) {
        None => Ok(max_limit),
        Some(None) => Err(Fault::bad_request("limit param must be an integer")),
        Some(Some(number)) if number < 0 => Err(Fault::bad_request("limit param must be positive")),
        Some(Some(number)) => Ok(usize::try_from(number).unwrap_or(usize::MAX).min(max_limit)),
    }
}

fn offset(query: &Query) -> Result<usize, Fault> {
    match query.get("offset").map(integer) {
        None => Ok(0),
        Some(None) => Err(Fault::bad_request("offset must be an integer")),
        Some(Some(number)) if number < 0 => Err(Fault::bad_request("offset must be >= 0")),
        Some(Some(number)) if number > MAX_INT => {
            Err(Fault::bad_request(format!("offset must be <= {MAX_INT}")))
        }
        Some(Some(number)) => Ok(usize::try_from(number).unwrap_or(usize::MAX)),
    }
}

/// As Python's `int`: blanks around and a sign are fine. What overflows stays as large as it can be.
fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let end = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(end))
}

fn sort(query: &Query) -> Result<Vec<SortKey>, Fault> {
    let read = |(key, direction): (&str, &str)| match direction {
        "desc" => Ok(SortKey { key: key.to_owned(), descending: true }),
        "asc" => Ok(SortKey { key: key.to_owned(), descending: false }),
        _ => Err(Fault::invalid_input("Unknown sort direction, must be 'desc' or 'asc'.")),
    };
    spelled(query)?.into_iter().map(read).collect()
}

/// Keys and directions as the query spells them, by `sort` or by `sort_key` and `sort_dir`.
fn spelled(query: &Query) -> Result<Vec<(&str, &str)>, Fault> {
    let (keys, directions) = (query.get("sort_key"), query.get("sort_dir"));
    if let Some(sort) = query.get("sort") {
        if keys.is_some() || directions.is_some() {
            return Err(Fault::bad_request(
                "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with \
                 the 'sort' parameter.",
            ));
        }
        return Ok(sort
            .split(',')
            .map(|part| part.split_once(':').unwrap_or((part, "")))
            .map(|(key, dir)| (key.trim(), if dir.is_empty() { "desc" } else { dir.trim() }))
            .collect());
    }
    if keys.is_none() && directions.is_none() {
        return Ok(Vec::new());
    }
    // One key and one direction: only `sort` takes several, in Cinder too.
    Ok(vec![(keys.unwrap_or("created_at").trim(), directions.unwrap_or("desc").trim())])
}

#[cfg(test)]
mod tests {
    use ashlar_db::volume_details::VolumeColumn;

    use super::*;

    fn read(query: &str) -> Result<Paging, String> {
        Paging::read(&Query::parse(query).expect("a query"), 1000)
            .map_err(|fault| fault.message().to_owned())
    }

    fn order(query: &str) -> Result<Vec<(VolumeColumn, Direction)>, String> {
        read(query)?
            .page(&[("name", "display_name")])
            .map(|page| page.sort)
            .map_err(|fault| fault.message().to_owned())
    }

    #[test]
    fn numbers_have_cinders_bounds_and_words() {
        let all = read("").expect("no wish");
        assert_eq!((all.limit, all.offset, all.marker), (1000, 0, None));
        assert_eq!(read("limit=0").expect("none").limit, 0);
        assert_eq!(read("limit=99999999999999999999").expect("cut").limit, 1000);
        assert_eq!(read("limit=-1"), Err("limit param must be positive".to_owned()));
        assert_eq!(read("limit=x"), Err("limit param must be an integer".to_owned()));
        assert_eq!(read("offset=-1"), Err("offset must be >= 0".to_owned()));
        assert_eq!(read("offset=1.5"), Err("offset must be an integer".to_owned()));
        assert_eq!(read("offset=2147483648"), Err("offset must be <= 2147483647".to_owned()));
    }

    #[test]
    fn sort_keys_are_columns_in_both_spellings() {
        use VolumeColumn::{Id, Name, Size};
        assert_eq!(order(""), Ok(vec![]));
        assert_eq!(
            order("sort=size,name:asc"),
            Ok(vec![(Size, Direction::Desc), (Name, Direction::Asc)])
        );
        assert_eq!(order("sort_key=id&sort_dir=asc"), Ok(vec![(Id, Direction::Asc)]));
    }

    #[test]
    fn a_wrong_order_is_refused_in_cinders_words() {
        assert_eq!(
            order("sort=colour"),
            Err("Invalid input received: Invalid sort key".to_owned())
        );
        assert_eq!(
            order("sort=name:up"),
            Err("Invalid input received: Unknown sort direction, must be 'desc' or 'asc'."
                .to_owned())
        );
        assert_eq!(
            order("sort_key=id,size&sort_dir=asc"),
            Err("Invalid input received: Invalid sort key".to_owned())
        );
        assert!(read("sort_key=id&sort_dir=asc,desc").expect_err("one").contains("direction"));
        assert!(read("sort=name&sort_dir=asc").expect_err("both").contains("deprecated"));
    }
}
