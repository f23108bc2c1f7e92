//! What is wrong with a query, in words for the user who wrote it.

use super::datum::Kind;

/// Why a query cannot be read, or cannot judge a pool. Cinder raises an exception where it meets one of these.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// The hint is neither empty nor a text.
    #[error("the hint 'query' must be a text that holds JSON, not {0}")]
    NotText(Kind),
    /// The text is longer than [`MOST_BYTES`](super::MOST_BYTES).
    #[error("the hint 'query' has {0} bytes, it may have {most}", most = super::MOST_BYTES)]
    TooLong(usize),
    /// The text is no JSON, or its lists are nested too deeply.
    #[error("the hint 'query' is no JSON: {0}")]
    NotJson(String),
    /// The query is no list.
    #[error("a query must be a list of an operator and its arguments, not {0}")]
    NotList(Kind),
    /// The first item of a list is no text.
    #[error("an operator is a text, not {0}")]
    OperatorNotText(Kind),
    /// No operator has this name.
    #[error("there is no operator '{0}'; there are = < > <= >= in not and or")]
    UnknownOperator(String),
    /// Two values have no order: they are of different kinds, or of one that has none.
    #[error("{0} and {1} have no order")]
    NoOrder(Kind, Kind),
    /// A path goes on beneath a value that has no entries.
    #[error("{path} is {kind} and has no entries")]
    NoMap {
        /// The part of the path that leads to the value.
        path: String,
        /// What it is.
        kind: Kind,
    },
}

/// As much of a user's text as an error shows.
pub(super) fn shortened(text: &str) -> String {
    const MOST: usize = 64;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
