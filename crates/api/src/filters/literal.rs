//! Python literals in filter values: `metadata={'k': 'v'}`, `status=['available', 'error']`.

use serde_json::{Map, Number, Value};

/// How deep a literal may nest; filters need two levels.
const DEPTH: usize = 8;

/// Reads `text` as a Python literal (string, number, `True`, `False`, `None`, list, tuple, dictionary with
/// string keys). What is no literal is none, and the caller takes the text as it is, as Cinder does.
#[must_use]
pub fn parse(text: &str) -> Option<Value> {
    let mut reader = Reader { rest: text };
    let value = reader.value(DEPTH)?;
    reader.blanks();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Takes `sign` when it comes next, after blanks.
    fn takes(&mut self, sign: char) -> bool {
        self.blanks();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        let depth = depth.checked_sub(1)?;
        self.blanks();
        match self.rest.chars().next()? {
            '{' => self.dictionary(depth),
            '[' => self.list('[', ']', depth),
            '(' => self.list('(', ')', depth),
            '\'' | '"' => self.string().map(Value::String),
            _ => self.word(),
        }
    }

    fn list(&mut self, open: char, close: char, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        self.takes(open);
        while !self.takes(close) {
            if !items.is_empty() && !self.takes(',') {
                return None;
            }
            if self.takes(close) {
                break;
            }
            items.push(self.value(depth)?);
        }
        Some(Value::Array(items))
    }

    fn dictionary(&mut self, depth: usize) -> Option<Value> {
        let mut pairs = Map::new();
        self.takes('{');
        while !self.takes('}') {
            if !pairs.is_empty() && !self.takes(',') {
                return None;
            }
            if self.takes('}') {
                break;
            }
            self.blanks();
            let key = self.string()?;
            if !self.takes(':') {
                return None;
            }
            pairs.insert(key, self.value(depth)?);
        }
        Some(Value::Object(pairs))
    }

    fn string(&mut self) -> Option<String> {
        let quote = self.rest.chars().next().filter(|sign| matches!(sign, '\'' | '"'))?;
        let mut text = String::new();
        let mut signs = self.rest.char_indices().skip(1);
        while let Some((place, sign)) = signs.next() {
            match sign {
                '\\' => text.push(match signs.next()?.1 {
                    'n' => '\n',
                    't' => '\t',
                    plain @ ('\\' | '\'' | '"') => plain,
                    _ => return None,
                }),
                _ if sign == quote => {
                    self.rest = &self.rest[place + sign.len_utf8()..];
                    return Some(text);
                }
                _ => text.push(sign),
            }
        }
        None
    }

    fn word(&mut self) -> Option<Value> {
        let end = self.rest.find([',', ']', ')', '}', ':', ' ']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        let value = match word {
            "True" => Value::Bool(true),
            "False" => Value::Bool(false),
            "None" => Value::Null,
            _ => match word.parse::<i64>() {
                Ok(number) => number.into(),
                Err(_) if word.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) => {
                    Value::Number(Number::from_f64(word.parse().ok()?)?)
                }
                Err(_) => return None,
            },
        };
        self.rest = rest;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn literals_read_as_python_writes_them() {
        assert_eq!(parse("{'k': 'v', \"l\": 1,}"), Some(json!({"k": "v", "l": 1})));
        assert_eq!(parse("['a', 'b']"), Some(json!(["a", "b"])));
        assert_eq!(parse("('a',)"), Some(json!(["a"])));
        assert_eq!(parse("True"), Some(json!(true)));
        assert_eq!(parse("10"), Some(json!(10)));
        assert_eq!(parse("'it\\'s'"), Some(json!("it's")));
    }

    #[test]
    fn what_is_no_literal_stays_text() {
        for text in ["available", "true", "[", "{'a'}", "'a' 'b'", "", "1 2", "[,]", "in-use"] {
            assert_eq!(parse(text), None, "{text}");
        }
        assert_eq!(parse(&"[".repeat(10_000)), None);
    }
}
