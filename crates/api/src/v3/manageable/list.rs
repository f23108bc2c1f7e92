//! `GET` of both lists: which part, in which order, and the backend's answer.

use ashlar_operations::list_manageable::{self, Key, Of, Page};

use super::place;
use super::view::shown;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::paging::Paging;
use crate::query::Query;
use crate::request::Request;
use crate::version::{Version, v3};

/// From here on a list may be of a cluster.
const OF_CLUSTER: Version = v3(17);
/// Keys by which a list may be sorted, at most so many at once.
const MOST_KEYS: usize = 8;

/// Asks the backend and shows its answer.
pub(crate) async fn list(request: &Request, of: Of, detailed: bool) -> Outcome {
    let query = &request.query;
    let (host, cluster) = (query.get("host"), query.get("cluster"));
    let at = place(request.version, OF_CLUSTER, host, cluster)?;
    let page = page(query, request.app.settings.osapi_max_limit)?;
    let (cx, caller) = (&request.app.operations, &request.caller);
    let items = list_manageable::ask(cx, caller, at, (of, page)).await?;
    Ok(Answer::ok(&shown(of, &items, detailed)))
}

fn page(query: &Query, most: usize) -> Result<Page, Fault> {
    // The order has other keys, other defaults and other words here than elsewhere.
    let unsorted = query.without("sort").without("sort_key").without("sort_dir");
    let paging = Paging::read(&unsorted, most)?;
    let sort = sort(query)?;
    let marker = paging.marker.filter(|marker| !marker.is_empty());
    let marker = marker.map(|text| {
        serde_json::from_str(&text).map_err(|_| {
            Fault::invalid_input(format!(
                "marker {text} can not be analysed, please use json like format"
            ))
        })
    });
    Ok(Page { limit: paging.limit, marker: marker.transpose()?, offset: paging.offset, sort })
}

fn sort(query: &Query) -> Result<Vec<(Key, bool)>, Fault> {
    let (key, direction) = (query.get("sort_key"), query.get("sort_dir"));
    let asked: Vec<(&str, &str)> = match query.get("sort") {
        Some(_) if key.is_some() || direction.is_some() => {
            return Err(Fault::bad_request(
                "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with \
                 the 'sort' parameter.",
            ));
        }
        Some(sort) => sort
            .trim()
            .split(',')
            .map(|part| part.split_once(':').unwrap_or((part, "")))
            .map(|(key, dir)| (key.trim(), if dir.is_empty() { "desc" } else { dir.trim() }))
            .collect(),
        None => vec![(key.unwrap_or("reference").trim(), direction.unwrap_or("desc").trim())],
    };
    if asked.len() > MOST_KEYS {
        return Err(Fault::bad_request("Too many sort keys passed"));
    }
    let named = |key: &str| match key {
        "reference" => Some(Key::Reference),
        "size" => Some(Key::Size),
        _ => None,
    };
    let wrong = |what: &str, wrong: Vec<&str>| {
        if wrong.is_empty() {
            return Ok(());
        }
        Err(Fault::bad_request(format!("Invalid sort {what} passed: {}", wrong.join(", "))))
    };
    let keys = asked.iter().map(|(key, _)| *key).filter(|key| named(key).is_none());
    wrong("keys", keys.collect())?;
    let directions = asked.iter().map(|(_, dir)| *dir).filter(|dir| !["asc", "desc"].contains(dir));
    wrong("dirs", directions.collect())?;
    Ok(asked.iter().filter_map(|(key, dir)| Some((named(key)?, *dir == "desc"))).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(query: &str) -> Result<Page, String> {
        page(&Query::parse(query).expect("a query"), 1000)
            .map_err(|fault| fault.message().to_owned())
    }

    #[test]
    fn the_order_is_by_reference_downwards_unless_something_else_is_said() {
        let sort = |query: &str| read(query).map(|page| page.sort);
        assert_eq!(sort(""), Ok(vec![(Key::Reference, true)]));
        assert_eq!(sort("sort_dir=asc"), Ok(vec![(Key::Reference, false)]));
        assert_eq!(sort("sort_key=size&sort_dir=asc"), Ok(vec![(Key::Size, false)]));
        assert_eq!(
            sort("sort=size:asc,reference"),
            Ok(vec![(Key::Size, false), (Key::Reference, true)])
        );
    }

    #[test]
    fn a_wrong_order_or_marker_is_refused_in_cinders_words() {
        let told = |query: &str| read(query).expect_err("refused");
        assert_eq!(told("sort=name,size,colour"), "Invalid sort keys passed: name, colour");
        assert_eq!(told("sort_key=size,reference"), "Invalid sort keys passed: size,reference");
        assert_eq!(told("sort=size:up"), "Invalid sort dirs passed: up");
        assert!(told("sort=size&sort_key=size").contains("deprecated"));
        assert_eq!(
            told("marker=x"),
            "Invalid input received: marker x can not be analysed, please use json like format"
        );
        assert_eq!(told("limit=-1"), "limit param must be positive");
        let page = read("marker=%7B%22source-name%22%3A%20%22x%22%7D&limit=2&offset=1");
        let page = page.expect("legal");
        assert_eq!(page.marker, Some(json!({ "source-name": "x" })));
        assert_eq!((page.limit, page.offset), (2, 1));
    }
}
