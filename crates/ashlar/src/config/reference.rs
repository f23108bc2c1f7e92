//! The reference of all options as a Markdown page, made from the registry.

use super::option::{BACKEND, Entry};
use super::options;

/// The page. Tables follow one another in the order of the registry; text in cells has no line breaks.
pub(crate) fn markdown() -> String {
    let mut page = String::from(
        "# Configuration\n\nMade by `ashlar config options`. Names, sections, defaults and bounds are Cinder's \
         unless the text says otherwise.\n",
    );
    let mut sections: Vec<&str> = Vec::new();
    for entry in options::all() {
        if !sections.contains(&entry.section) {
            sections.push(entry.section);
        }
    }
    for section in sections {
        page.push_str(&format!("\n## [{section}]\n\n"));
        if section == BACKEND {
            page.push_str(
                "Options of a backend: read from the section that `enabled_backends` names, else from this one.\n\n",
            );
        }
        page.push_str("| option | value | default | |\n|---|---|---|---|\n");
        for entry in options::all().filter(|entry| entry.section == section) {
            page.push_str(&row(entry));
        }
    }
    page
}

fn row(entry: &Entry) -> String {
    let default = entry.default.map(|text| format!("`{text}`")).unwrap_or_default();
    let mut help = entry.help.to_owned();
    if entry.repeats {
        help.push_str(" May stand several times.");
    }
    for (section, name) in entry.deprecated {
        help.push_str(&format!(" Old name: [{section}] {name}."));
    }
    format!("| `{}` | {} | {default} | {help} |\n", entry.name, entry.kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_has_a_row() {
        let page = markdown();
        for entry in options::all() {
            assert!(page.contains(&format!("| `{}` |", entry.name)), "{}", entry.name);
        }
    }
}
