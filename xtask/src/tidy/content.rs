//! What must not stand in a file: unfinished code, panics by accident, and places of one machine.

use super::finding::Finding;
use super::source::Source;

/// Rust that must not be there: (text, also in tests, advice).
const CODE: [(&str, bool, &str); 5] = [
    ("todo!(", true, "write it, or leave it out"),
    ("unimplemented!(", true, "write it, or leave it out"),
    ("dbg!(", true, "take it out; `tracing` is for what should stay"),
    ("#[ignore", true, "make the test pass everywhere, or delete it"),
    (".unwrap()", false, "return an error, or `expect` with why it cannot happen"),
];

/// Marks of unfinished work, as whole words. Written in halves so that this file passes.
const MARKS: [&str; 2] = [concat!("FIX", "ME"), concat!("XX", "X")];

/// Directories that exist on somebody's machine only. Written in halves so that this file passes.
const PLACES: [&str; 3] = [concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("../sha", "red/")];

/// Hosts of package registries: a mirror or a registry is chosen by a tool's configuration.
const REGISTRIES: [&str; 7] = [
    concat!("//crates", ".io"),
    concat!("index.crates", ".io"),
    concat!("static.crates", ".io"),
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("npm", "js.org"),
    concat!("proxy.golang", ".org"),
];

/// Looks at every line of a text file.
pub(super) fn check(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    for (number, line) in source.text.lines().enumerate() {
        let mut fail = |rule, advice: String| {
            found.push(Finding::failure(&source.path, number + 1, rule, advice));
        };
        if let Some(mark) = MARKS.iter().find(|mark| has_word(line, mark)) {
            fail("unfinished", format!("{mark}: do it now, or open an issue"));
        }
        if let Some(place) = PLACES.iter().find(|place| has_place(line, place)) {
            fail("machine-path", format!("`{place}` exists on one machine: make it a setting"));
        }
        if let Some(host) = REGISTRIES.iter().find(|host| line.contains(*host)) {
            fail("registry-host", format!("`{host}`: name the package, the tool knows where"));
        }
    }
    if source.is_rust() {
        found.extend(code(source));
    }
    found
}

fn code(source: &Source) -> Vec<Finding> {
    let mut found = Vec::new();
    for (number, line) in source.code.lines().enumerate() {
        for (text, in_tests_too, advice) in CODE {
            if line.contains(text) && (in_tests_too || !source.is_test_line(number)) {
                let advice = format!("`{text}`: {advice}");
                found.push(Finding::failure(&source.path, number + 1, "content", advice));
            }
        }
    }
    found
}

fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(offset, _)| {
        let before = line[..offset].chars().next_back();
        let after = line[offset + word.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Whether the line holds the directory itself and not the middle of another path.
fn has_place(line: &str, place: &str) -> bool {
    line.match_indices(place).any(|(offset, _)| {
        let before = line[..offset].chars().next_back();
        !before
            .is_some_and(|letter| is_word(letter) || matches!(letter, '.' | '-' | '/' | '}' | '*'))
    })
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        let source = Source::new(Path::new(path), text.to_owned());
        check(&source).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn unfinished_rust_fails_even_in_tests() {
        for text in
            ["todo!()", "unimplemented!(\"a\")", "dbg!(x)", "#[ignore]", "#[ignore = \"b\"]"]
        {
            assert_eq!(rules("crates/a/src/b.rs", text), vec!["content"], "{text}");
            assert_eq!(rules("tests/it/b.rs", text), vec!["content"], "{text}");
        }
    }

    #[test]
    fn unwrap_is_for_tests() {
        assert_eq!(rules("crates/a/src/b.rs", "x.unwrap();"), vec!["content"]);
        assert_eq!(rules("tests/it/b.rs", "x.unwrap();"), Vec::<&str>::new());
        assert_eq!(
            rules("crates/a/src/b.rs", "// x.unwrap()\nx.unwrap_or(1);"),
            Vec::<&str>::new()
        );
    }

    #[test]
    fn marks_are_whole_words() {
        let mark = MARKS[1];
        assert_eq!(rules("a.md", &format!("{mark}: later")), vec!["unfinished"]);
        assert_eq!(rules("a.sh", &format!("mktemp {mark}{mark}")), Vec::<&str>::new());
    }

    #[test]
    fn places_of_one_machine_fail_in_every_kind_of_file() {
        for ending in ["rs", "md", "sh", "py", "toml"] {
            let path = format!("a.{ending}");
            assert_eq!(rules(&path, &format!("x = \"{}a\"", PLACES[1])), vec!["machine-path"]);
            assert_eq!(
                rules(&path, &format!("see https://{}", REGISTRIES[3])),
                vec!["registry-host"]
            );
        }
        assert_eq!(rules("a.md", &format!("target{}a", PLACES[1])), Vec::<&str>::new());
    }
}
