//! A whole cloud in one process, for tests: real sockets, a real database, real flows, and a backend
//! that does as it is told. Nothing in here is a stand-in for our own code.

pub mod clean;
pub mod client;
pub mod cloud;
pub mod glance;
pub mod make;
pub mod stored;
pub mod wait;

pub use client::{Answer, Client};
pub use cloud::{Cloud, Plan};
