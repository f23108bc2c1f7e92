//! Every function of the crate against real databases: SQLite always, PostgreSQL and MariaDB when the
//! environment names a server. A test makes a fresh database on each engine and says the same of all.

mod made;

mod accounting;
mod attachments;
mod clusters;
mod decisions;
mod engine;
mod flows;
mod groups;
mod hanging_on;
mod holds;
mod lists;
mod log_levels;
mod manage;
mod metadata;
mod notifications;
mod once;
mod pools;
mod qos_specs;
mod quotas;
mod services;
mod snapshots;
mod sources;
mod texts;
mod transfers;
mod types;
mod volumes;
