//! Small pieces of statement text that several tables share.

use crate::{Arg, DbError, Tx};

/// Most values in one IN list; longer lists are asked for in parts.
pub(crate) const IN_LIST: usize = 1024;

/// Most rows that one INSERT adds.
const ROWS: usize = 256;

/// `?, ?, ?`: as many placeholders as asked.
pub(crate) fn places(count: usize) -> String {
    let mut text = String::with_capacity(count * 3);
    for index in 0..count {
        text.push_str(if index == 0 { "?" } else { ", ?" });
    }
    text
}

/// How many placeholders an IN list for `count` values gets: the next power of two, so that lists of
/// all lengths share a few prepared statements. The places left over repeat the last value.
pub(crate) fn padded(count: usize) -> usize {
    count.max(1).next_power_of_two()
}

/// `values` filled up to [`padded`] length with the last one; empty stays empty.
pub(crate) fn pad<T: Clone>(values: &[T]) -> Vec<T> {
    let mut all = values.to_vec();
    if let Some(last) = values.last() {
        all.resize(padded(values.len()), last.clone());
    }
    all
}

/// `CASE column WHEN ? THEN ? … END`: a value for each of `count` rows, which the WHERE clause names too.
/// Where values repeat ([`pad`]) the first one counts.
pub(crate) fn case(column: &str, count: usize) -> String {
    format!("CASE {column}{} END", " WHEN ? THEN ?".repeat(count))
}

/// `values` in parts whose lengths are powers of two, large ones first, so that inserts of any number of rows
/// share a few prepared statements.
pub(crate) fn powers<T>(mut values: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let most = values.len().min(ROWS);
        let (part, rest) = values.split_at((most + 1).next_power_of_two() / 2);
        values = rest;
        (!part.is_empty()).then_some(part)
    })
}

/// Removes the rows of `table` whose identities the query `which` finds; answers how many went. Such a query
/// has a limit, so that nobody waits long for the removal.
pub(crate) async fn delete_by_id(
    tx: &mut Tx,
    table: &str,
    which: &str,
    values: &[Arg<'_>],
) -> Result<u64, DbError> {
    let mut ids = Vec::new();
    for row in tx.rows(which, values).await? {
        ids.push(row.get::<String>(0)?);
    }
    let mut gone = 0;
    for part in ids.chunks(IN_LIST) {
        let part = pad(part);
        let sql = format!("DELETE FROM {table} WHERE id IN ({})", places(part.len()));
        let values: Vec<Arg<'_>> = part.iter().map(Arg::from).collect();
        gone += tx.execute(&sql, &values).await?;
    }
    Ok(gone)
}

/// A LIKE pattern that finds `part` anywhere, with `!` as the escape character.
pub(crate) fn contains_pattern(part: &str) -> String {
    format!("%{}%", escaped(part))
}

/// A LIKE pattern for texts that begin with `start`, with `!` as the escape character.
pub(crate) fn starts_pattern(start: &str) -> String {
    format!("{}%", escaped(start))
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 4);
    for character in text.chars() {
        if matches!(character, '!' | '%' | '_') {
            out.push('!');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_wildcards_for_what_they_are() {
        assert_eq!(contains_pattern("50%_!"), "%50!%!_!!%");
        assert_eq!(starts_pattern("a_b#"), "a!_b#%");
    }

    #[test]
    fn lists_of_many_lengths_share_a_few_statements() {
        assert_eq!(places(3), "?, ?, ?");
        assert_eq!(pad(&[1, 2, 3]), [1, 2, 3, 3]);
        assert!(pad::<i32>(&[]).is_empty());
        assert_eq!(padded(1000), 1024);
        let lengths = |count: usize| powers(&vec![0; count]).map(<[_]>::len).collect::<Vec<_>>();
        assert!(lengths(0).is_empty());
        assert_eq!(lengths(1), [1]);
        assert_eq!(lengths(7), [4, 2, 1]);
        assert_eq!(lengths(600), [256, 256, 64, 16, 8]);
    }
}
