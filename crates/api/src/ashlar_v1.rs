//! What Cinder does not have: endpoints below `/ashlar/v1`, for administrators. There is no project in these paths.
//!
//! They follow the rules of [`crate::v3`]. Microversions do not tell them apart; the header `OpenStack-API-Version` counts
//! where a body is the same as one of Cinder's.

pub mod openapi;
pub mod operations;
pub mod placement;

use crate::endpoint::Endpoint;

/// The tables of all resources. A new resource adds a line.
pub static TABLES: &[&[Endpoint]] =
    &[placement::ENDPOINTS, operations::ENDPOINTS, openapi::ENDPOINTS];
