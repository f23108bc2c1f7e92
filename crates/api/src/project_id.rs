//! `project_id_regex`: which first segment of a URL is a project, without running a regular expression.

/// The bytes that a project id may have: the one form of pattern that is understood is `[...]+`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProjectIdPattern {
    legal: [bool; 256],
}

impl ProjectIdPattern {
    /// Reads `[...]+` with single characters, ranges, and the escapes `\-`, `\d`, `\w`.
    ///
    /// # Errors
    /// A sentence for the operator when the pattern has another form.
    pub fn parse(pattern: &str) -> Result<Self, String> {
        let wrong = || {
            format!("project_id_regex '{pattern}' is not understood; the form is a class, '[...]+'")
        };
        let class = pattern
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix("]+"))
            .filter(|class| class.is_ascii() && !class.is_empty() && !class.starts_with('^'))
            .ok_or_else(wrong)?;
        let mut legal = [false; 256];
        let mut bytes = class.bytes().peekable();
        while let Some(byte) = bytes.next() {
            match byte {
                b'\\' => match bytes.next() {
                    Some(b'd') => (b'0'..=b'9').for_each(|b| legal[usize::from(b)] = true),
                    Some(b'w') => (0..=127u8)
                        .filter(|b| b.is_ascii_alphanumeric() || *b == b'_')
                        .for_each(|b| legal[usize::from(b)] = true),
                    Some(b) if b.is_ascii_punctuation() => legal[usize::from(b)] = true,
                    _ => return Err(wrong()),
                },
                b'[' | b']' => return Err(wrong()),
                first => {
                    let mut ahead = bytes.clone();
                    let last = (ahead.next() == Some(b'-')).then(|| ahead.next()).flatten();
                    match last.filter(|last| *last != b'\\') {
                        Some(last) if last >= first => {
                            (first..=last).for_each(|b| legal[usize::from(b)] = true);
                            bytes = ahead;
                        }
                        Some(_) => return Err(wrong()),
                        None => legal[usize::from(first)] = true,
                    }
                }
            }
        }
        Ok(Self { legal })
    }

    /// Whether `segment` may be a project id.
    #[must_use]
    pub fn matches(&self, segment: &str) -> bool {
        !segment.is_empty() && segment.bytes().all(|byte| self.legal[usize::from(byte)])
    }
}

/// Cinder's default: `[0-9a-f\-]+`.
impl Default for ProjectIdPattern {
    fn default() -> Self {
        let mut legal = [false; 256];
        b"0123456789abcdef-".iter().for_each(|byte| legal[usize::from(*byte)] = true);
        Self { legal }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_hexadecimal_with_hyphens() {
        let pattern = ProjectIdPattern::parse(r"[0-9a-f\-]+").expect("Cinder's default");
        assert_eq!(pattern, ProjectIdPattern::default());
        assert!(pattern.matches("6f70656e-737461"));
        assert!(!pattern.matches("volumes") && !pattern.matches("") && !pattern.matches("ABC"));
    }

    #[test]
    fn other_classes_work_and_other_patterns_are_refused() {
        let pattern = ProjectIdPattern::parse(r"[\w\.-]+").expect("a class");
        assert!(pattern.matches("My_project.1-x") && !pattern.matches("a b"));
        for bad in ["", "[a-f]", "[a-f]*", "abc", "[^/]+", "[z-a]+", "[]+", "[a]{32}"] {
            assert!(ProjectIdPattern::parse(bad).is_err(), "{bad}");
        }
    }
}
