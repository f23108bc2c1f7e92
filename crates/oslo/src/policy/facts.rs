//! Facts: what is known of a caller (credentials) and of what is asked for (the target).

/// One value.
#[derive(Clone, Copy)]
pub enum Fact<'a> {
    /// There, without a value; reads as `None`.
    Null,
    /// Reads as `True` or `False`.
    Flag(bool),
    /// Reads as its digits.
    Number(i64),
    /// Reads as it is.
    Text(&'a str),
    /// Several values; a comparison holds when it holds for one of them.
    List(&'a dyn Series),
    /// Values with names.
    Map(&'a dyn Facts),
}

impl Fact<'_> {
    /// How the value reads, as Python's `str` has it; none for several values.
    pub(super) fn with_text<T>(self, take: impl FnOnce(&str) -> T) -> Option<T> {
        match self {
            Self::Null => Some(take("None")),
            Self::Flag(true) => Some(take("True")),
            Self::Flag(false) => Some(take("False")),
            Self::Text(text) => Some(take(text)),
            Self::Number(number) => {
                let mut digits = itoa(number);
                Some(take(digits.text()))
            }
            Self::List(_) | Self::Map(_) => None,
        }
    }
}

/// Values by name.
pub trait Facts {
    /// The value under `name`; none when there is no such name.
    fn look_up(&self, name: &str) -> Option<Fact<'_>>;
}

/// Several values.
pub trait Series {
    /// Whether `check` holds for one of them.
    fn any(&self, check: &mut dyn FnMut(Fact<'_>) -> bool) -> bool;
}

impl Series for Vec<String> {
    fn any(&self, check: &mut dyn FnMut(Fact<'_>) -> bool) -> bool {
        self.iter().any(|text| check(Fact::Text(text)))
    }
}

/// No facts at all.
#[derive(Debug, Clone, Copy)]
pub struct Nothing;

impl Facts for Nothing {
    fn look_up(&self, _: &str) -> Option<Fact<'_>> {
        None
    }
}

/// A number's digits, on the stack.
struct Digits {
    buffer: [u8; 20],
    start: usize,
}

impl Digits {
    fn text(&mut self) -> &str {
        std::str::from_utf8(&self.buffer[self.start..]).unwrap_or_default()
    }
}

fn itoa(number: i64) -> Digits {
    let mut digits = Digits { buffer: [0; 20], start: 20 };
    let mut rest = number.unsigned_abs();
    loop {
        digits.start -= 1;
        // A digit fits a byte.
        digits.buffer[digits.start] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if number < 0 {
        digits.start -= 1;
        digits.buffer[digits.start] = b'-';
    }
    digits
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_reads_as_its_digits() {
        for number in [0, 7, -1, i64::MAX, i64::MIN] {
            let read = Fact::Number(number).with_text(str::to_owned);
            assert_eq!(read.as_deref(), Some(number.to_string().as_str()));
        }
    }
}
