//! Access rules of application credentials: the requests for which a token may be used.

use serde::Deserialize;

/// Longest pattern; Keystone's column holds 128 characters.
const LONGEST_PATTERN: usize = 255;
/// Longest path that is held against patterns.
const LONGEST_PATH: usize = 2048;
/// Most rules that are looked at.
const MOST_RULES: usize = 500;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Rule {
    service: String,
    method: String,
    path: String,
}

/// Whether one of the rules admits the request.
pub(super) fn admit(rules: &[Rule], service_type: &str, method: &str, path: &str) -> bool {
    path.len() <= LONGEST_PATH
        && rules.iter().take(MOST_RULES).any(|rule| {
            rule.service == service_type && rule.method == method && matches(&rule.path, path)
        })
}

/// A piece of a pattern.
enum Piece {
    /// This byte.
    Byte(u8),
    /// `*` and `{name}`: one or more bytes without a slash.
    Segment,
    /// `**`: any bytes, or none.
    Anything,
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut rest = pattern.as_bytes();
    let mut pieces = Vec::with_capacity(rest.len());
    while let Some((&first, after)) = rest.split_first() {
        let tag = after.iter().position(|byte| *byte == b'}').filter(|_| first == b'{');
        let (piece, next) = match (first, after.first(), tag) {
            (_, _, Some(end)) => (Piece::Segment, &after[end + 1..]),
            (b'*', Some(b'*'), _) => (Piece::Anything, &after[1..]),
            (b'*', _, _) => (Piece::Segment, after),
            _ => (Piece::Byte(first), after),
        };
        pieces.push(piece);
        rest = next;
    }
    pieces
}

/// Whether `path` as a whole fits. The time is bounded by the product of both lengths, whatever the pattern.
fn matches(pattern: &str, path: &str) -> bool {
    if pattern.len() > LONGEST_PATTERN {
        return false;
    }
    let path = path.as_bytes();
    // reached[n]: the pieces so far fit the first n bytes.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for piece in pieces(pattern) {
        let mut next = vec![false; path.len() + 1];
        if matches!(piece, Piece::Anything) {
            next[0] = reached[0];
        }
        for (at, byte) in path.iter().enumerate() {
            next[at + 1] = match piece {
                Piece::Byte(wanted) => reached[at] && *byte == wanted,
                Piece::Segment => *byte != b'/' && (reached[at] || next[at]),
                Piece::Anything => reached[at + 1] || next[at],
            };
        }
        reached = next;
    }
    reached[path.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_keystonemiddleware() {
        for (pattern, path, fits) in [
            ("/v3/volumes", "/v3/volumes", true),
            ("/v3/volumes", "/v3/volumes/", false),
            ("/v3/volumes", "/v3/volume", false),
            ("/v3/*/volumes", "/v3/abc/volumes", true),
            ("/v3/*/volumes", "/v3//volumes", false),
            ("/v3/*/volumes", "/v3/a/b/volumes", false),
            ("/v3/{project_id}/volumes/{id}", "/v3/abc/volumes/1", true),
            ("/v3/{project_id}/volumes/{id}", "/v3/abc/volumes", false),
            ("/v3/**", "/v3/", true),
            ("/v3/**", "/v3/a/b/c", true),
            ("**/volumes", "/v3/a/volumes", true),
            ("**", "", true),
            ("*", "", false),
            ("/v3/vol*", "/v3/volumes", true),
            ("/v3.volumes", "/v3/volumes", false),
            ("/{", "/{", true),
        ] {
            assert_eq!(matches(pattern, path), fits, "{pattern} {path}");
        }
    }

    #[test]
    fn service_and_method_count_too() {
        let text =
            r#"[{"id": "1", "service": "block-storage", "method": "GET", "path": "/v3/**"}]"#;
        let rules: Vec<Rule> = serde_json::from_str(text).expect("rules");
        assert!(admit(&rules, "block-storage", "GET", "/v3/volumes"));
        assert!(!admit(&rules, "block-storage", "POST", "/v3/volumes"));
        assert!(!admit(&rules, "compute", "GET", "/v3/volumes"));
        assert!(!admit(&[], "block-storage", "GET", "/v3/volumes"));
    }

    #[test]
    fn a_pattern_made_to_take_long_does_not() {
        let pattern = "**a".repeat(80);
        assert!(!matches(&pattern, &"a".repeat(LONGEST_PATH - 1).replace('a', "ab")));
    }
}
