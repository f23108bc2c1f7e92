//! One request whose answer is kept.

use ashlar_testkit::Cloud;
use reqwest::Method;
use serde_json::{Value, json};

use super::normal::normal;
use super::stage::PROJECT;

/// A request and the name of its answers in the file.
pub(super) struct Probe {
    /// Name in the file.
    pub(super) name: &'static str,
    method: Method,
    path: String,
    body: Option<Value>,
    member: bool,
    at_root: bool,
    /// What is made is removed again below this path.
    undone_in: Option<&'static str>,
}

impl Probe {
    fn new(name: &'static str, method: Method, path: String, body: Option<Value>) -> Self {
        Self { name, method, path, body, member: false, at_root: false, undone_in: None }
    }

    /// A GET by an administrator.
    pub(super) fn get(name: &'static str, path: impl Into<String>) -> Self {
        Self::new(name, Method::GET, path.into(), None)
    }

    /// A POST by an administrator.
    pub(super) fn post(name: &'static str, path: impl Into<String>, body: Value) -> Self {
        Self::new(name, Method::POST, path.into(), Some(body))
    }

    /// A PUT by an administrator.
    pub(super) fn put(name: &'static str, path: impl Into<String>, body: Value) -> Self {
        Self::new(name, Method::PUT, path.into(), Some(body))
    }

    /// By a member of the project.
    pub(super) fn by_member(mut self) -> Self {
        self.member = true;
        self
    }

    /// Outside the project's URL.
    pub(super) fn at_root(mut self) -> Self {
        self.at_root = true;
        self
    }

    /// Removes what it made: `DELETE <path>/<id>`.
    pub(super) fn undone_in(mut self, path: &'static str) -> Self {
        self.undone_in = Some(path);
        self
    }

    /// The answer at microversion 3.`minor`, as it goes into the file: the body, or status and body when it
    /// is a refusal.
    pub(super) async fn ask(&self, cloud: &Cloud, minor: u32) -> String {
        let roles: &[&str] = if self.member { &["member", "reader"] } else { &[] };
        let client = cloud.client(PROJECT, roles).at(minor);
        let answer = if self.at_root {
            client.at_root(self.method.clone(), &self.path).await
        } else {
            client.request(self.method.clone(), &self.path, self.body.as_ref()).await
        };
        if let Some(path) = self.undone_in.filter(|_| answer.status < 300) {
            let made = answer.body.as_object();
            let made = made.and_then(|body| body.values().find(|it| it["id"].is_string()));
            let id = made.and_then(|made| made["id"].as_str()).expect("what was made has an id");
            let undone = client.delete(&format!("{path}/{id}")).await;
            assert!(undone.status < 300, "it is not removed again: {}", undone.body);
        }
        let shown = match answer.status {
            200..400 => answer.body,
            status => json!({ "status": status, "body": answer.body }),
        };
        let shown = normal(&shown, &format!("http://{}", cloud.address));
        let pretty = serde_json::to_string_pretty(&shown).expect("JSON can be written");
        pretty.replace('\n', "\n    ")
    }
}
