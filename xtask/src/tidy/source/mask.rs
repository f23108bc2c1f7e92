//! Blanks comments and literals in Rust, so that a rule about code does not trip over prose.
//!
//! A scanner of letters, not a parser: it knows comments (nested), strings (plain, raw, byte, C),
//! characters and lifetimes, and keeps every line where it was.

/// The two views of one text. Both have the text's lines.
pub(super) struct Masked {
    /// Comments blanked.
    pub(super) uncommented: String,
    /// Comments and the inside of literals blanked.
    pub(super) code: String,
}

/// Makes both views.
pub(super) fn mask(text: &str) -> Masked {
    let letters: Vec<char> = text.chars().collect();
    let mut scanner =
        Scanner { letters: &letters, at: 0, uncommented: String::new(), code: String::new() };
    while scanner.at < letters.len() {
        scanner.step();
    }
    Masked { uncommented: scanner.uncommented, code: scanner.code }
}

struct Scanner<'a> {
    letters: &'a [char],
    at: usize,
    uncommented: String,
    code: String,
}

impl Scanner<'_> {
    fn step(&mut self) {
        match (self.peek(0), self.peek(1)) {
            (Some('/'), Some('/')) => self.line_comment(),
            (Some('/'), Some('*')) => self.block_comment(),
            (Some('"'), _) => self.string(),
            (Some('r'), Some('"' | '#')) if self.starts_raw_string() => self.raw_string(),
            (Some('\''), Some(next)) if next == '\\' || self.peek(2) == Some('\'') => {
                self.character()
            }
            _ => self.keep(),
        }
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    /// Takes a letter of code.
    fn keep(&mut self) {
        if let Some(letter) = self.peek(0) {
            self.uncommented.push(letter);
            self.code.push(letter);
            self.at += 1;
        }
    }

    /// Takes a letter from inside a literal.
    fn blank_in_code(&mut self) {
        if let Some(letter) = self.peek(0) {
            self.uncommented.push(letter);
            self.code.push(blank(letter));
            self.at += 1;
        }
    }

    /// Takes a letter of a comment.
    fn blank_everywhere(&mut self) {
        if let Some(letter) = self.peek(0) {
            self.uncommented.push(blank(letter));
            self.code.push(blank(letter));
            self.at += 1;
        }
    }

    fn line_comment(&mut self) {
        while self.peek(0).is_some_and(|letter| letter != '\n') {
            self.blank_everywhere();
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => depth += 1,
                (Some('*'), Some('/')) => depth -= 1,
                (None, _) => return,
                _ => {
                    self.blank_everywhere();
                    continue;
                }
            }
            self.blank_everywhere();
            self.blank_everywhere();
            if depth == 0 {
                return;
            }
        }
    }

    fn string(&mut self) {
        self.keep();
        while let Some(letter) = self.peek(0) {
            match letter {
                '"' => return self.keep(),
                '\\' => {
                    self.blank_in_code();
                    self.blank_in_code();
                }
                _ => self.blank_in_code(),
            }
        }
    }

    /// Whether the `r` here opens a raw string and is not the end of a word or a raw identifier.
    fn starts_raw_string(&self) -> bool {
        let before = |back: usize| self.at.checked_sub(back).map(|at| self.letters[at]);
        let in_word = match before(1) {
            Some('b' | 'c') => before(2).is_some_and(is_word),
            other => other.is_some_and(is_word),
        };
        let hashes = self.hashes(1);
        !in_word && self.peek(1 + hashes) == Some('"')
    }

    fn hashes(&self, from: usize) -> usize {
        (from..).take_while(|ahead| self.peek(*ahead) == Some('#')).count()
    }

    fn raw_string(&mut self) {
        let hashes = self.hashes(1);
        for _ in 0..hashes + 2 {
            self.keep();
        }
        while let Some(letter) = self.peek(0) {
            if letter == '"' && self.hashes(1) >= hashes {
                for _ in 0..=hashes {
                    self.keep();
                }
                return;
            }
            self.blank_in_code();
        }
    }

    fn character(&mut self) {
        self.keep();
        if self.peek(0) == Some('\\') {
            self.blank_in_code();
        }
        self.blank_in_code();
        while self.peek(0).is_some_and(|letter| letter != '\'') {
            self.blank_in_code();
        }
        self.keep();
    }
}

fn blank(letter: char) -> char {
    if letter == '\n' { '\n' } else { ' ' }
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> String {
        mask(text).code
    }

    #[test]
    fn comments_vanish_and_lines_stay() {
        assert_eq!(code("a // b\nc /* d /* e */\n f */ g"), "a     \nc             \n      g");
    }

    #[test]
    fn strings_keep_their_quotes() {
        assert_eq!(code(r#"f("a\"b{", 'x')"#), r#"f("     ", ' ')"#);
        assert_eq!(mask(r#"f("a") // b"#).uncommented, r#"f("a")     "#);
    }

    #[test]
    fn raw_strings_end_at_their_own_hashes() {
        assert_eq!(code(r###"r#"a"b"# + br"c" + r#fn"###), r###"r#"   "# + br" " + r#fn"###);
    }

    #[test]
    fn lifetimes_are_not_characters() {
        assert_eq!(
            code(r"fn f<'a>(x: &'a str) { '{' '\'' '\u{7b}' }"),
            r"fn f<'a>(x: &'a str) { ' ' '  ' '      ' }"
        );
    }
}
