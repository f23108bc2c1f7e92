//! Where the requests go and what each of them carries.

use anyhow::{Result, bail};

/// A server, a project and a token. Requests are made ready to send.
#[derive(Debug)]
pub(super) struct Target {
    /// Host and port, to connect to and for the `Host` header.
    pub(super) authority: String,
    /// Path before `/volumes`.
    base: String,
    project: String,
    token: String,
}

impl Target {
    /// A target at the server's base address, with or without `/v3`. Plain HTTP only: encryption would
    /// measure this client.
    pub(super) fn new(url: &str, project: &str, token: &str) -> Result<Self> {
        let Some(rest) = url.strip_prefix("http://") else {
            bail!("{url}: only http:// can be measured");
        };
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let path = path.trim_end_matches('/');
        let prefix = path.strip_suffix("v3").unwrap_or(path).trim_end_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("/{prefix}") };
        let port = if authority.contains(':') { "" } else { ":80" };
        Ok(Self {
            authority: format!("{authority}{port}"),
            base: format!("{prefix}/v3/{project}"),
            project: project.to_owned(),
            token: token.to_owned(),
        })
    }

    /// The project of the requests.
    pub(super) fn project(&self) -> &str {
        &self.project
    }

    /// A GET below the project.
    pub(super) fn get(&self, path: &str) -> Vec<u8> {
        self.request("GET", path, "")
    }

    /// Any request below the project; an empty body is none.
    pub(super) fn request(&self, method: &str, path: &str, body: &str) -> Vec<u8> {
        let Self { authority, base, token, .. } = self;
        let content = if body.is_empty() {
            String::new()
        } else {
            format!("Content-Type: application/json\r\nContent-Length: {}\r\n", body.len())
        };
        format!(
            "{method} {base}{path} HTTP/1.1\r\nHost: {authority}\r\nX-Auth-Token: {token}\r\n\
             Accept: application/json\r\n{content}\r\n{body}"
        )
        .into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_line(url: &str) -> String {
        let target = Target::new(url, "abc", "bench:abc").expect("a usable address");
        let request = String::from_utf8(target.get("/volumes")).expect("text");
        request.lines().next().expect("a line").to_owned()
    }

    #[test]
    fn the_address_is_taken_with_and_without_its_version() {
        for url in ["http://h:1", "http://h:1/", "http://h:1/v3", "http://h:1/v3/"] {
            assert_eq!(first_line(url), "GET /v3/abc/volumes HTTP/1.1", "{url}");
        }
        let behind = first_line("http://h/volume/v3");
        assert_eq!(behind, "GET /volume/v3/abc/volumes HTTP/1.1");
        assert!(Target::new("https://h", "abc", "t").is_err());
    }

    #[test]
    fn a_body_comes_with_its_length() {
        let target = Target::new("http://h:1", "abc", "t").expect("a usable address");
        let request = String::from_utf8(target.request("POST", "/volumes", "{}")).expect("text");
        assert!(request.ends_with("Content-Length: 2\r\n\r\n{}"), "{request}");
    }
}
