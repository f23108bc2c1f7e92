//! Who asks: the identity behind a request.

use serde::{Deserialize, Serialize};

/// The project, user and rights with which a request came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// User.
    pub user_id: String,
    /// Project whose resources the caller sees.
    pub project_id: String,
    /// Roles in that project.
    pub roles: Vec<String>,
    /// Holds the administrator's role (Cinder's `context_is_admin`).
    pub is_admin: bool,
    /// `req-<uuid>`, in every log line and answer.
    pub request_id: String,
}

impl Caller {
    /// The house itself, for work that no request started.
    #[must_use]
    pub fn internal() -> Self {
        Self {
            user_id: String::new(),
            project_id: String::new(),
            roles: vec!["admin".to_owned()],
            is_admin: true,
            request_id: String::new(),
        }
    }

    /// May see things of `project_id`.
    #[must_use]
    pub fn may_see(&self, project_id: &str) -> bool {
        self.is_admin || self.project_id == project_id
    }
}
