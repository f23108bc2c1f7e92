//! The INI reader: whatever it reads, printed again, reads the same.
#![no_main]

use std::fmt::Write as _;

use ashlar_oslo::ini::{self, Ini};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let lines = text.lines().count();
    match ini::parse(text) {
        Err(error) => assert!((1..=lines).contains(&error.line), "a line that is not there"),
        Ok(read) => {
            assert!(read.assignments.iter().all(|one| (1..=lines).contains(&one.line)));
            let printed = print(&read);
            let again = ini::parse(&printed).expect("what was printed is read");
            assert_eq!(content(&again), content(&read), "printed as {printed:?}");
        }
    }
});

/// Sections and assignments without their lines.
fn content(read: &Ini) -> (Vec<&str>, Vec<(&str, &str, &str)>) {
    let sections = read.sections.iter().map(|(name, _)| name.as_str()).collect();
    let assignments = read.assignments.iter();
    (sections, assignments.map(|one| (&*one.section, &*one.option, &*one.value)).collect())
}

/// A text that says the same.
fn print(read: &Ini) -> String {
    let mut text = String::new();
    let mut assignments = read.assignments.iter().peekable();
    for (number, (section, _)) in read.sections.iter().enumerate() {
        writeln!(text, "[{section}]").expect("a string takes everything");
        let next = read.sections.get(number + 1).map_or(usize::MAX, |(_, line)| *line);
        while let Some(one) = assignments.next_if(|one| one.line < next) {
            let mut lines = one.value.split('\n');
            // White space that is neither blank nor tab may stand before what would be a section or a comment.
            let before = if one.option.starts_with(['[', '#', ';']) { "\u{b}" } else { "" };
            let first = lines.next().unwrap_or_default();
            writeln!(text, "{before}{} = \"{first}\"", one.option)
                .expect("a string takes everything");
            for line in lines {
                writeln!(text, "  {line}").expect("a string takes everything");
            }
        }
    }
    text
}
