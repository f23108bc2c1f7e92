//! Paths: decoding, the few pages outside the resources, the two URL forms of the API, and what is our own.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::app::App;
use crate::fault::Fault;
use crate::registry::Place;

/// Pages that are no resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// `/`
    Root,
    /// `/v3`
    V3WithoutSlash,
    /// `/v3/`
    V3,
    /// `/healthcheck`
    Health,
    /// `/metrics`
    Metrics,
}

impl Page {
    /// Whether it is behind authentication, as all of `/v3` is in Cinder.
    pub(super) const fn is_guarded(self) -> bool {
        matches!(self, Self::V3WithoutSlash | Self::V3)
    }

    /// Name in metrics and logs.
    #[must_use]
    pub const fn op(self) -> &'static str {
        match self {
            Self::Root => "versions.root",
            Self::V3WithoutSlash => "versions.redirect",
            Self::V3 => "versions.v3",
            Self::Health => "healthcheck",
            Self::Metrics => "metrics",
        }
    }
}

/// Where a path leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target<'p> {
    Known(Page),
    /// Segments after `v3`.
    Api(Vec<&'p str>),
    /// Segments after `ashlar/v1`: what Cinder does not have.
    Own(Vec<&'p str>),
    Nowhere,
}

/// A path that the registry knows.
pub(super) struct Spot<'r, 'p> {
    pub(super) place: Place<'r, 'p>,
    /// The project, when the URL names one.
    pub(super) project: Option<&'p str>,
}

/// Undoes percent-encoding.
///
/// # Errors
/// 400 when the result is not UTF-8.
pub(super) fn decode(path: &str) -> Result<Cow<'_, str>, Fault> {
    percent_decode_str(path)
        .decode_utf8()
        .map_err(|_| Fault::bad_request("Error decoding your request. The URL is not valid UTF-8."))
}

/// Splits a decoded path. Doubled slashes count once; a slash at the end leads nowhere, but for `/v3/`;
/// `.json` at the end is dropped.
pub(super) fn target(path: &str) -> Target<'_> {
    let mut segments: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let slash_at_end = path.ends_with('/');
    match (segments.as_slice(), slash_at_end) {
        ([], _) => return Target::Known(Page::Root),
        (["v3"], false) => return Target::Known(Page::V3WithoutSlash),
        (["v3"], true) => return Target::Known(Page::V3),
        (["healthcheck"], false) => return Target::Known(Page::Health),
        (["metrics"], false) => return Target::Known(Page::Metrics),
        (["v3", ..], false) => {}
        (["ashlar", "v1", rest @ ..], false) => return Target::Own(rest.to_vec()),
        _ => return Target::Nowhere,
    }
    if let Some(last) = segments.last_mut() {
        *last = last.strip_suffix(".json").filter(|rest| !rest.is_empty()).unwrap_or(last);
    }
    segments.remove(0);
    Target::Api(segments)
}

/// Whether a decoded path is behind authentication although it leads nowhere: nobody shall learn what there is.
pub(super) fn is_guarded(path: &str) -> bool {
    let first = path.split('/').find(|part| !part.is_empty());
    matches!(first, Some("v3" | "ashlar"))
}

/// Finds the path with the first segment taken as a project, when it may be one, and then without.
///
/// The caller's own project counts as one whatever its form: clients without Keystone put any name there.
pub(super) fn find<'r, 'p>(
    app: &'r App,
    segments: &[&'p str],
    own_project: &str,
) -> Option<Spot<'r, 'p>> {
    if let Some((&first, rest)) = segments.split_first()
        && (app.settings.project_id_regex.matches(first) || own_project == first)
        && let Some(place) = app.registry.find(rest)
    {
        return Some(Spot { place, project: Some(first) });
    }
    app.registry.find(segments).map(|place| Spot { place, project: None })
}

/// Finds a path of our own; there is no project in those.
pub(super) fn find_own<'r, 'p>(app: &'r App, segments: &[&'p str]) -> Option<Spot<'r, 'p>> {
    app.own.find(segments).map(|place| Spot { place, project: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_where_cinders_do() {
        assert_eq!(target("/"), Target::Known(Page::Root));
        assert_eq!(target("//"), Target::Known(Page::Root));
        assert_eq!(target("/v3"), Target::Known(Page::V3WithoutSlash));
        assert_eq!(target("/v3/"), Target::Known(Page::V3));
        assert_eq!(target("/v3//a///b"), Target::Api(vec!["a", "b"]));
        assert_eq!(target("/v3/a/b.json"), Target::Api(vec!["a", "b"]));
        assert_eq!(target("/v3/a/.json"), Target::Api(vec!["a", ".json"]));
        assert_eq!(target("/ashlar/v1/placement"), Target::Own(vec!["placement"]));
        assert_eq!(target("/v3/ashlar/v1/x"), Target::Api(vec!["ashlar", "v1", "x"]));
        for nowhere in [
            "/ashlar",
            "/ashlar/v2/x",
            "/ashlar/v1/x/",
            "/v2",
            "/v1/volumes",
            "/v3/volumes/",
            "/healthcheck/",
            "/metrics/x",
        ] {
            assert_eq!(target(nowhere), Target::Nowhere, "{nowhere}");
        }
    }

    #[test]
    fn a_path_must_be_utf8() {
        assert_eq!(decode("/a%20b").expect("legal"), "/a b");
        assert_eq!(decode("/%ff").expect_err("illegal").status().as_u16(), 400);
    }
}
