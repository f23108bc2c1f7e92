//! Files, functions and inline test modules stay short enough to be read at once.

use super::finding::Finding;
use super::source::Source;

/// Production lines from which a file is worth splitting.
const FILE_WARNS: usize = 400;
/// Production lines that no file may exceed.
const FILE_FAILS: usize = 600;
/// Lines of a function, signature included. Flat tables may be longer, which is why this only warns.
const FUNCTION_WARNS: usize = 60;
/// Lines of tests beside the code; more of them belong into `foo/tests.rs`.
const INLINE_TESTS_WARN: usize = 150;

/// Compares a Rust file with the limits.
pub(super) fn check(source: &Source) -> Vec<Finding> {
    if !source.is_rust() || source.is_test_file() {
        return Vec::new();
    }
    let mut found: Vec<Finding> = file(source).into_iter().collect();
    found.extend(functions(&source.code).into_iter().filter_map(|function| {
        let too_long = function.lines > FUNCTION_WARNS && !source.is_test_line(function.start);
        let advice = format!("{} lines: split it, unless it is a flat table", function.lines);
        too_long
            .then(|| Finding::warning(&source.path, function.start + 1, "function-size", advice))
    }));
    found.extend(source.inline_tests.iter().filter(|tests| tests.len() > INLINE_TESTS_WARN).map(
        |tests| {
            let advice = format!("{} lines of tests: move them into `tests.rs`", tests.len());
            Finding::warning(&source.path, tests.start + 1, "test-size", advice)
        },
    ));
    found
}

fn file(source: &Source) -> Option<Finding> {
    let lines = source.text.lines().count();
    let production = (0..lines).filter(|line| !source.is_test_line(*line)).count();
    let advice = format!("{production} production lines: give each deed its own file");
    if production > FILE_FAILS {
        Some(Finding::failure(&source.path, 1, "file-size", advice))
    } else if production > FILE_WARNS {
        Some(Finding::warning(&source.path, 1, "file-size", advice))
    } else {
        None
    }
}

/// Where a function starts (line from 0) and how many lines it has.
struct Function {
    start: usize,
    lines: usize,
}

/// Every function with a body, by its `fn` and the brace that closes it.
fn functions(code: &str) -> Vec<Function> {
    let mut found = Vec::new();
    for (offset, _) in code.match_indices("fn ") {
        let before = code[..offset].chars().next_back();
        if before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_') {
            continue;
        }
        if let Some(length) = body_end(&code[offset..]) {
            let start = code[..offset].matches('\n').count();
            let lines = code[offset..offset + length].matches('\n').count() + 1;
            found.push(Function { start, lines });
        }
    }
    found
}

/// The offset after a function's closing brace; none for a declaration without a body.
fn body_end(function: &str) -> Option<usize> {
    let (mut brackets, mut braces) = (0_i32, 0_i32);
    for (offset, letter) in function.char_indices() {
        match letter {
            '(' | '[' => brackets += 1,
            ')' | ']' => brackets -= 1,
            '{' => braces += 1,
            '}' => {
                braces -= 1;
                if braces <= 0 {
                    return Some(offset + 1);
                }
            }
            ';' if brackets == 0 && braces == 0 => return None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::finding::Severity;
    use super::*;

    fn rules(text: String) -> Vec<(&'static str, Severity)> {
        let source = Source::new(Path::new("crates/x/src/y.rs"), text);
        check(&source).into_iter().map(|finding| (finding.rule, finding.severity)).collect()
    }

    #[test]
    fn a_file_warns_at_401_lines_and_fails_at_601() {
        assert_eq!(rules("const A: u8 = 1;\n".repeat(400)), vec![]);
        assert_eq!(rules("const A: u8 = 1;\n".repeat(401)), vec![("file-size", Severity::Warning)]);
        assert_eq!(rules("const A: u8 = 1;\n".repeat(601)), vec![("file-size", Severity::Failure)]);
    }

    #[test]
    fn tests_beside_the_code_are_not_production() {
        let text = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn a() {}\n".repeat(700));
        assert_eq!(rules(text), vec![("test-size", Severity::Warning)]);
    }

    #[test]
    fn a_function_of_61_lines_warns() {
        let function = |lines: usize| format!("fn a() {{\n{}}}\n", "b();\n".repeat(lines - 2));
        assert_eq!(rules(function(60)), vec![]);
        assert_eq!(rules(function(61)), vec![("function-size", Severity::Warning)]);
        assert_eq!(rules(format!("trait T {{ fn a(); }}\n{}", function(60))), vec![]);
    }
}
