//! Request ids: ours for the answer and the log, the client's for the log.

use http::{HeaderMap, HeaderValue};
use uuid::Uuid;

/// The ids of one request.
#[derive(Debug, Clone)]
pub struct RequestIds {
    /// `req-<uuid>`, made here, on the answer in two headers.
    pub own: String,
    /// The client's `X-OpenStack-Request-ID`, when it has the form; never echoed.
    pub global: Option<String>,
}

impl RequestIds {
    /// A fresh id beside what the client sent.
    #[must_use]
    pub fn read(headers: &HeaderMap) -> Self {
        let global = headers
            .get("x-openstack-request-id")
            .and_then(|value| value.to_str().ok())
            .filter(|text| is_request_id(text))
            .map(str::to_owned);
        Self { own: format!("req-{}", Uuid::new_v4().as_hyphenated()), global }
    }

    /// The own id as a header's value.
    #[must_use]
    pub fn header_value(&self) -> HeaderValue {
        HeaderValue::try_from(&self.own).expect("a UUID is legal in a header")
    }
}

fn is_request_id(text: &str) -> bool {
    text.len() == 40 && text.strip_prefix("req-").is_some_and(|id| Uuid::try_parse(id).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_well_formed_id_of_the_client_is_kept() {
        let read = |text: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-openstack-request-id", HeaderValue::from_static(text));
            RequestIds::read(&headers).global
        };
        let good = "req-01234567-89ab-cdef-0123-456789abcdef";
        assert_eq!(read(good).as_deref(), Some(good));
        assert_eq!(read("req-x"), None);
        assert_eq!(read("01234567-89ab-cdef-0123-456789abcdef"), None);
    }
}
