//! What the whole house does, seen through its API: one binary, one module for each subject.

mod attack;
mod cli;
mod clients;
mod command;
mod config_check;
mod conformance;
mod coverage;
mod crash;
mod errors;
mod golden;
mod interleaved;
mod late_backend;
mod laws;
mod limits;
mod messages;
mod pools;
mod processes;
mod quotas;
mod server;
mod services;
mod snapshots;
mod state_matrix;
mod types;
mod volumes;
