//! Who asked for what a notification tells of.

use ashlar_db::{DbError, Tx, notifications};
use ashlar_types::{Caller, FlowId, RequestSpec};
use serde_json::{Value, json};

/// Who asked for what is told of.
#[derive(Debug, Clone)]
pub enum By {
    /// Whoever this flow works for. A flow knows the request and its project, and nothing else of the caller.
    Flow(FlowId),
    /// This request.
    Request {
        /// Its id.
        id: String,
        /// The caller, under oslo.context's names.
        context: Value,
    },
}

impl By {
    /// The caller of a request.
    #[must_use]
    pub fn caller(caller: &Caller) -> Self {
        let scope = &caller.scope;
        let context = json!({
            "user_id": caller.user_id,
            "project_id": caller.project_id,
            "roles": caller.roles,
            "is_admin": caller.is_admin,
            "is_admin_project": scope.is_admin_project,
            "system_scope": scope.system,
            "domain_id": scope.domain_id,
            "user_domain": scope.user_domain_id,
            "project_domain": scope.project_domain_id,
        });
        Self::Request { id: caller.request_id.clone(), context }
    }

    /// Who asked for a new volume.
    #[must_use]
    pub fn spec(spec: &RequestSpec) -> Self {
        let context = json!({ "user_id": spec.user_id, "project_id": spec.project_id });
        Self::Request { id: spec.request_id.clone(), context }
    }

    /// The house itself.
    #[must_use]
    pub fn house() -> Self {
        Self::Request { id: String::new(), context: json!({ "is_admin": true }) }
    }

    /// Request and context of whoever asked.
    pub(super) async fn author(&self, tx: &mut Tx) -> Result<(String, Value), DbError> {
        Ok(match self {
            Self::Request { id, context } => (id.clone(), context.clone()),
            Self::Flow(flow) => match notifications::asker(tx, *flow).await? {
                Some((request, project)) => (request, json!({ "project_id": project })),
                None => (String::new(), Value::Null),
            },
        })
    }
}
