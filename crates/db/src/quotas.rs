//! Quota: tables `quotas`, `quota_classes` and `quota_usages`.
//!
//! Usage changes in the transaction that changes the rows it counts, so the two never differ and
//! nothing is ever reserved: `reserved` is only what Cinder left there.

mod limits;
mod recount;
mod rename;
mod usage;

pub use limits::{
    Limits, classes, limit_of, limits_of, remove_project, set_class_limit, set_project_limit,
};
pub use recount::recount;
pub use rename::rename_type;
pub use usage::{give_back, show, take, usages};
