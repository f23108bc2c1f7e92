//! A client of the API over real sockets, by identity: project, roles, microversion.

use ashlar_api::openapi::truth::{self, Heard};
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// A caller.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    base: String,
    /// Project.
    pub project: String,
    token: String,
    version: String,
}

/// What came back.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status code.
    pub status: u16,
    /// Headers.
    pub headers: reqwest::header::HeaderMap,
    /// Body: JSON, or a string when it was none, or null when it was empty.
    pub body: Value,
}

impl Answer {
    /// Fails the test unless the status is `status`; hands the answer on.
    ///
    /// # Panics
    /// When it is another.
    #[track_caller]
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "unexpected answer: {}", self.body);
        self
    }

    /// The answer is as the OpenAPI document of its microversion says.
    ///
    /// # Panics
    /// When it is not.
    fn ensure_true(&self, method: &str, path: &str) {
        let (version, status, body) =
            (self.header("openstack-api-version"), self.status, &self.body);
        let heard = Heard { method, path, version, status, body };
        if let Err(lie) = truth::check(&heard) {
            panic!("{method} {path}: {lie}\n{body}");
        }
    }

    /// The fault's message, or an empty text.
    #[must_use]
    pub fn message(&self) -> String {
        let fault = self.body.as_object().and_then(|body| body.values().next());
        fault.and_then(|fault| fault["message"].as_str()).unwrap_or_default().to_owned()
    }

    /// A header, or an empty text.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Client {
    /// A caller at `base` (`http://host:port`), at the newest microversion.
    #[must_use]
    pub fn new(base: &str, project: &str, roles: &[&str]) -> Self {
        let mut token = format!("tester:{project}");
        if !roles.is_empty() {
            token = format!("{token}:{}", roles.join(","));
        }
        Self {
            http: reqwest::Client::builder().no_proxy().build().expect("an HTTP client"),
            base: base.to_owned(),
            project: project.to_owned(),
            token,
            version: "volume latest".to_owned(),
        }
    }

    /// The same caller at microversion `3.<minor>`.
    #[must_use]
    pub fn at(&self, minor: u32) -> Self {
        Self { version: format!("volume 3.{minor}"), ..self.clone() }
    }

    /// The same caller in the same project with other roles.
    #[must_use]
    pub fn with_roles(&self, roles: &[&str]) -> Self {
        let same = Self::new(&self.base, &self.project, roles);
        Self { version: self.version.clone(), ..same }
    }

    /// The same caller with this token instead of the one that `noauth` believes.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// A request to `/v3/<project><path>`.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn request(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        let url = format!("{}/v3/{}{path}", self.base, self.project);
        self.send(method, &url, body).await
    }

    /// A request to `<path>` from the root of the server.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn at_root(&self, method: Method, path: &str) -> Answer {
        self.send(method, &format!("{}{path}", self.base), None).await
    }

    /// A request to `/ashlar/v1<path>`.
    ///
    /// # Panics
    /// When no answer comes.
    pub async fn own(&self, method: Method, path: &str, body: Option<&Value>) -> Answer {
        self.send(method, &format!("{}/ashlar/v1{path}", self.base), body).await
    }

    async fn send(&self, method: Method, url: &str, body: Option<&Value>) -> Answer {
        self.try_send(method, url, body).await.expect("the server answers")
    }

    /// POST to a server that may vanish: `None` when no whole answer came.
    pub async fn try_post(&self, path: &str, body: &Value) -> Option<Answer> {
        let url = format!("{}/v3/{}{path}", self.base, self.project);
        self.try_send(Method::POST, &url, Some(body)).await.ok()
    }

    /// DELETE to a server that may vanish: `None` when no whole answer came.
    pub async fn try_delete(&self, path: &str) -> Option<Answer> {
        let url = format!("{}/v3/{}{path}", self.base, self.project);
        self.try_send(Method::DELETE, &url, None).await.ok()
    }

    async fn try_send(
        &self,
        method: Method,
        url: &str,
        body: Option<&Value>,
    ) -> Result<Answer, reqwest::Error> {
        let asked = method.to_string();
        let mut request = self
            .http
            .request(method, url)
            .header("X-Auth-Token", &self.token)
            .header("OpenStack-API-Version", &self.version);
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await?;
        let (status, headers): (StatusCode, _) = (answer.status(), answer.headers().clone());
        let text = answer.text().await?;
        let body = match text.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)),
        };
        let answer = Answer { status: status.as_u16(), headers, body };
        answer.ensure_true(&asked, url.strip_prefix(self.base.as_str()).unwrap_or_default());
        Ok(answer)
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.request(Method::GET, path, None).await
    }

    /// POST.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::POST, path, Some(body)).await
    }

    /// PUT.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.request(Method::PUT, path, Some(body)).await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Answer {
        self.request(Method::DELETE, path, None).await
    }
}
