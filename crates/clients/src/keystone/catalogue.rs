//! Keystone's catalogue: which services there are, and where.

use std::fmt;

use reqwest::Url;
use serde::Deserialize;

use crate::{ClientError, Neighbour};

/// For whom an endpoint is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Interface {
    /// Everyone.
    #[default]
    Public,
    /// Services of the cloud.
    Internal,
    /// Administrators.
    Admin,
}

impl Interface {
    /// Keystone's word.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Interface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which endpoint is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Type of service, such as `compute`.
    pub service: &'static str,
    /// For whom.
    pub interface: Interface,
    /// Where; the first one when it does not matter.
    pub region: Option<&'a str>,
}

/// One service of the catalogue.
#[derive(Debug, Deserialize)]
pub(super) struct Service {
    #[serde(rename = "type", default)]
    kind: String,
    #[serde(default)]
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Deserialize)]
struct Endpoint {
    #[serde(default)]
    interface: String,
    /// Keystone sends both, with the same value; one may be null.
    region: Option<String>,
    region_id: Option<String>,
    #[serde(default)]
    url: String,
}

impl Endpoint {
    fn is(&self, wanted: &Wanted<'_>) -> bool {
        let here = |region: &str| {
            [&self.region, &self.region_id].into_iter().flatten().any(|own| own == region)
        };
        self.interface == wanted.interface.name() && wanted.region.is_none_or(here)
    }
}

/// The first endpoint that is wanted, as a base to which a path can be added.
pub(super) fn find(catalogue: &[Service], wanted: &Wanted<'_>) -> Result<Url, ClientError> {
    let endpoint = catalogue
        .iter()
        .filter(|service| service.kind == wanted.service)
        .flat_map(|service| &service.endpoints)
        .find(|endpoint| endpoint.is(wanted));
    let endpoint = endpoint.ok_or_else(|| ClientError::NoEndpoint {
        service: wanted.service,
        interface: wanted.interface.name(),
        region: wanted
            .region
            .map_or_else(|| "any region".to_owned(), |name| format!("region {name}")),
    })?;
    let url = Url::parse(&endpoint.url).ok();
    url.filter(|url| matches!(url.scheme(), "http" | "https")).ok_or_else(|| {
        let cause = format!("the catalogue's URL for {} is none", wanted.service);
        ClientError::Malformed { neighbour: Neighbour::Keystone, cause }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn catalogue() -> Vec<Service> {
        let endpoint = |interface: &str, region: &str, url: &str| json!({ "id": "e", "interface": interface, "region": region, "region_id": region, "url": url });
        serde_json::from_value(json!([
            { "type": "volumev3", "endpoints": [endpoint("public", "one", "http://cinder/v3")] },
            { "type": "compute", "name": "nova", "endpoints": [
                endpoint("internal", "one", "http://nova.internal/v2.1"),
                endpoint("public", "one", "http://nova.one/v2.1"),
                endpoint("public", "two", "http://nova.two/v2.1"),
                endpoint("admin", "one", "gopher://nova"),
            ]},
            { "type": "odd", "endpoints": [{ "region": null }] },
        ]))
        .expect("a catalogue")
    }

    fn found(interface: Interface, region: Option<&str>) -> Result<String, String> {
        find(&catalogue(), &Wanted { service: "compute", interface, region })
            .map(String::from)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn an_endpoint_is_found_by_interface_and_region() {
        assert_eq!(found(Interface::Public, None), Ok("http://nova.one/v2.1".to_owned()));
        assert_eq!(found(Interface::Public, Some("two")), Ok("http://nova.two/v2.1".to_owned()));
        assert_eq!(found(Interface::Internal, None), Ok("http://nova.internal/v2.1".to_owned()));
    }

    #[test]
    fn what_is_missing_is_told() {
        let error = found(Interface::Internal, Some("two")).expect_err("none there");
        let told = "Keystone's catalogue has no internal endpoint for compute in region two";
        assert_eq!(error, told);
        let error = found(Interface::Admin, None).expect_err("no http");
        assert!(error.contains("URL for compute"), "{error}");
    }
}
