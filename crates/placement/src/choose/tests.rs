//! The whole decision in stories: who refuses a pool, and in which order those come that are left.

mod judged;
mod ordered;
mod properties;
mod strategies;

use ashlar_types::{Gib, Pool, PoolName, RequestSpec};
use serde_json::json;

use super::*;
use crate::samples::{self, ranked, rejected, rules};
use crate::verdict::{ADMISSION, FORCED, PIN, REPORT, SERVICE};
use crate::{Facts, Operation, Provisioning, Reason, RulesSettings, Strategy, Verdict};
