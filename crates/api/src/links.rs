//! Links: URLs that answers carry, built on what the client called us by.

use http::HeaderMap;
use serde::Serialize;

use crate::app::ApiSettings;
use crate::query::Query;

/// One link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Link {
    /// `self`, `bookmark`, `next` or, for administrators, `operations`.
    pub rel: &'static str,
    /// URL.
    pub href: String,
}

/// Makes links for one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Links {
    /// Scheme, host and prefix, without a slash at the end.
    base: String,
    /// The project, when the request's URL had it.
    project: Option<String>,
}

impl Links {
    /// For a request with `headers` whose URL named `project`, or did not.
    ///
    /// `public_endpoint` goes before everything; then the last `X-Forwarded-Host`, then `Host`.
    /// `X-Forwarded-Proto` and `-Prefix` count only with `enable_proxy_headers_parsing`.
    #[must_use]
    pub fn new(settings: &ApiSettings, headers: &HeaderMap, project: Option<&str>) -> Self {
        let project = project.map(str::to_owned);
        if let Some(endpoint) = &settings.public_endpoint {
            return Self { base: endpoint.trim_end_matches('/').to_owned(), project };
        }
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let proxied = |name: &str| text(name).filter(|_| settings.enable_proxy_headers_parsing);
        let host = text("x-forwarded-host")
            .and_then(|hosts| hosts.rsplit(',').next())
            .or_else(|| text("host"))
            .map_or("localhost", str::trim);
        let scheme = proxied("x-forwarded-proto").unwrap_or("http");
        let prefix = proxied("x-forwarded-prefix").unwrap_or("").trim_end_matches('/');
        Self { base: format!("{scheme}://{host}{prefix}"), project }
    }

    /// Scheme, host and prefix.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The two links of a resource: `self` below `/v3`, `bookmark` without it.
    #[must_use]
    pub fn resource(&self, collection: &str, id: impl std::fmt::Display) -> [Link; 2] {
        let base = &self.base;
        let (slash, project) = self.project_segment();
        [
            Link { rel: "self", href: format!("{base}/v3{slash}{project}/{collection}/{id}") },
            Link { rel: "bookmark", href: format!("{base}{slash}{project}/{collection}/{id}") },
        ]
    }

    /// The list of operations, which is outside the API proper.
    #[must_use]
    pub fn operations(&self) -> String {
        format!("{}/ashlar/v1/operations", self.base)
    }

    /// The link to the page after `marker`, as the value of `<name>_links`.
    #[must_use]
    pub fn next(&self, collection: &str, query: &Query, marker: &str) -> [Link; 1] {
        let base = &self.base;
        let (slash, project) = self.project_segment();
        let query = query.with_marker(marker);
        [Link { rel: "next", href: format!("{base}/v3{slash}{project}/{collection}?{query}") }]
    }

    fn project_segment(&self) -> (&str, &str) {
        self.project.as_ref().map_or(("", ""), |project| ("/", project))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (http::HeaderName::from_static(name), http::HeaderValue::from_static(value))
            })
            .collect()
    }

    #[test]
    fn links_have_the_project_only_when_the_url_had_it() {
        let settings = ApiSettings::default();
        let headers = headers(&[("host", "c:8776")]);
        let with = Links::new(&settings, &headers, Some("abc")).resource("volumes", 1);
        assert_eq!(with[0].href, "http://c:8776/v3/abc/volumes/1");
        assert_eq!(with[1].href, "http://c:8776/abc/volumes/1");
        let without = Links::new(&settings, &headers, None).resource("volumes", 1);
        assert_eq!(without[0].href, "http://c:8776/v3/volumes/1");
    }

    #[test]
    fn a_proxys_scheme_counts_only_when_proxies_are_trusted() {
        let headers = headers(&[
            ("host", "inner"),
            ("x-forwarded-host", "a, outer"),
            ("x-forwarded-proto", "https"),
        ]);
        let mut settings = ApiSettings::default();
        assert_eq!(Links::new(&settings, &headers, None).base(), "http://outer");
        settings.enable_proxy_headers_parsing = true;
        assert_eq!(Links::new(&settings, &headers, None).base(), "https://outer");
        settings.public_endpoint = Some("https://public/volume/".to_owned());
        assert_eq!(Links::new(&settings, &headers, None).base(), "https://public/volume");
    }
}
