//! Extra specs of a type, on their own endpoints.

pub mod read;
pub mod write;
