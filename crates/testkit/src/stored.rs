//! Files of the repository that a test compares with what it computed. With `ASHLAR_BLESS=1` it writes them.

use std::fs;
use std::path::{Path, PathBuf};

/// The variable that turns comparing into writing.
pub const BLESS: &str = "ASHLAR_BLESS";

/// Compares `text` with the file at `path`, counted from the top of the checkout.
///
/// # Panics
/// When they differ; the first line that does is in the text.
#[track_caller]
pub fn check(path: &str, text: &str) {
    let file = top().join(path);
    if std::env::var_os(BLESS).is_some_and(|value| value == "1") {
        let directory = file.parent().expect("a file is in a directory");
        fs::create_dir_all(directory).expect("the directory can be made");
        fs::write(&file, text).expect("the file can be written");
        return;
    }
    let stored = fs::read_to_string(&file).unwrap_or_default();
    if stored != text {
        let place = first_difference(&stored, text);
        panic!("{path} says otherwise, {place}. If the new text is right: {BLESS}=1");
    }
}

fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn first_difference(stored: &str, text: &str) -> String {
    let (mut old, mut new) = (stored.lines(), text.lines());
    for number in 1_usize.. {
        match (old.next(), new.next()) {
            (None, None) => break,
            (old, new) if old != new => {
                let shown = |line: Option<&str>| line.unwrap_or("(the end)").to_owned();
                return format!("line {number}: stored {}, now {}", shown(old), shown(new));
            }
            _ => {}
        }
    }
    "in its line ends".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_differs_is_named() {
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), "line 2: stored b, now c");
        assert_eq!(first_difference("a\n", "a\nc\n"), "line 2: stored (the end), now c");
        assert_eq!(first_difference("a\n", "a"), "in its line ends");
    }
}
