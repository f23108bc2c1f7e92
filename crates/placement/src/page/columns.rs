//! Columns of a page: a text of cells, one for each pool, in which repetitions are counted and what is as it was before
//! is left out.
//!
//! `cell;cell*3;17@cell`: a cell stands for the next pool, with `*n` for the next n pools, and with `n@` before it for
//! pool number n. The cells themselves have none of these signs in them.

use std::fmt::Write as _;

use super::PageError;

/// Writes a column.
#[derive(Debug, Default)]
pub(super) struct Writer {
    text: String,
    scratch: String,
    /// Where the last cell begins.
    last: usize,
    /// For how many pools it stands; 0 before the first.
    count: usize,
    /// The pool after them.
    next: usize,
}

impl Writer {
    /// Adds the cell that `write` writes, for the pool at `index`. Pools come in ascending order.
    pub(super) fn push(&mut self, index: usize, write: impl FnOnce(&mut String)) {
        self.scratch.clear();
        write(&mut self.scratch);
        let follows = index == self.next;
        if follows && self.count > 0 && self.text[self.last..] == self.scratch {
            self.count += 1;
        } else {
            self.close();
            if self.count > 0 {
                self.text.push(';');
            }
            if !follows {
                let _ = write!(self.text, "{index}@");
            }
            self.last = self.text.len();
            self.text.push_str(&self.scratch);
            self.count = 1;
        }
        self.next = index + 1;
    }

    /// The column.
    pub(super) fn finish(mut self) -> String {
        self.close();
        self.text
    }

    fn close(&mut self) {
        if self.count > 1 {
            let _ = write!(self.text, "*{}", self.count);
        }
    }
}

/// Puts the cells of `column` in their places among `cells`.
pub(super) fn apply<'p>(column: &'p str, cells: &mut [&'p str]) -> Result<(), PageError> {
    let damaged = || PageError::Damaged("a column does not fit the pools");
    let number = |text: &str| text.parse::<usize>().map_err(|_| damaged());
    let mut next = 0;
    for item in column.split(';').filter(|_| !column.is_empty()) {
        let (start, rest) = match item.split_once('@') {
            Some((index, rest)) => (number(index)?, rest),
            None => (next, item),
        };
        let (cell, count) = match rest.split_once('*') {
            Some((cell, count)) => (cell, number(count)?),
            None => (rest, 1),
        };
        let end = start.checked_add(count).ok_or_else(damaged)?;
        cells.get_mut(start..end).ok_or_else(damaged)?.fill(cell);
        next = end;
    }
    Ok(())
}

/// Whole up to here, a float is written as an integer.
const WHOLE: f64 = 1e15;

/// Writes a number so that it reads back to the last bit.
pub(super) fn write_float(text: &mut String, number: f64) {
    let size = number.abs();
    // Writing to a string does not fail.
    let _ =
        if number.fract() == 0.0 && size < WHOLE && !(number == 0.0 && number.is_sign_negative()) {
            #[expect(clippy::cast_possible_truncation, reason = "it is whole and small")]
            let whole = number as i64;
            write!(text, "{whole}")
        } else if (1e-5..WHOLE).contains(&size) {
            write!(text, "{number}")
        } else {
            write!(text, "{number:e}")
        };
}

/// Reads it back; what is no number is damage.
pub(super) fn read_float(text: &str) -> Result<f64, PageError> {
    let read = text.parse().ok().filter(|number: &f64| !number.is_nan());
    read.ok_or(PageError::Damaged("a figure is no number"))
}

/// Reads a whole number.
pub(super) fn read_whole<N: std::str::FromStr>(text: &str) -> Result<N, PageError> {
    text.parse().map_err(|_| PageError::Damaged("a figure is no whole number"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_column_reads_back_as_it_was_written(
            old in proptest::collection::vec("[a-c]", 1..20),
            changes in proptest::collection::vec(proptest::option::of("[a-c]"), 1..20),
        ) {
            let mut writer = Writer::default();
            let mut wanted: Vec<&str> = old.iter().map(String::as_str).collect();
            for (index, change) in changes.iter().enumerate().take(old.len()) {
                if let Some(cell) = change {
                    writer.push(index, |text| text.push_str(cell));
                    wanted[index] = cell;
                }
            }
            let column = writer.finish();
            let mut read: Vec<&str> = old.iter().map(String::as_str).collect();
            apply(&column, &mut read).expect("it fits");
            prop_assert_eq!(read, wanted, "{}", column);
        }

        #[test]
        fn a_float_reads_back_to_the_last_bit(number in any::<f64>().prop_filter("number", |it| !it.is_nan())) {
            let mut text = String::new();
            write_float(&mut text, number);
            prop_assert_eq!(read_float(&text).expect("a number").to_bits(), number.to_bits(), "{}", text);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        for column in ["a;b;c", "2@a", "a*3", "x@a", "a*x", "0@a*18446744073709551615"] {
            assert!(apply(column, &mut [""; 2]).is_err(), "{column}");
        }
        assert!(read_float("NaN").is_err() && read_float("1_0").is_err());
    }
}
