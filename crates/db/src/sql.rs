//! Small pieces of statement text that several tables share.

/// Most values in one IN list; longer lists are asked for in parts.
pub(crate) const IN_LIST: usize = 1024;

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
    }
}
