//! What the hint `query` can ask of a pool: the attributes that Cinder's scheduler keeps of it.

use serde_json::Value;

use crate::candidate::Candidate;
use crate::figures::float;
use crate::query::{Attributes, Datum};

/// A pool as a query sees it.
pub(crate) struct PoolAttributes<'c> {
    candidate: &'c Candidate,
    /// `$service.availability_zone`
    service: serde_json::Map<String, Value>,
}

impl<'c> PoolAttributes<'c> {
    pub(crate) fn new(candidate: &'c Candidate) -> Self {
        let zone = candidate.pool.availability_zone.clone();
        let backend = candidate.pool.name.backend().0;
        let service = [("availability_zone", zone), ("host", backend)];
        let service = service.map(|(key, value)| (key.to_owned(), Value::from(value)));
        Self { candidate, service: service.into_iter().collect() }
    }
}

impl Attributes for PoolAttributes<'_> {
    fn attribute(&self, name: &str) -> Option<Datum<'_>> {
        let pool = &self.candidate.pool;
        let stats = &pool.stats;
        let reported = |otherwise| Some(stats.get(name).map_or(otherwise, Datum::from));
        let less_unreported = |value: Option<Datum<'_>>| match value {
            Some(Datum::Whole(number)) => Some(Datum::Whole(number - i128::from(pool.unreported))),
            Some(Datum::Float(number)) => Some(Datum::Float(number - float(pool.unreported))),
            _ => None,
        };
        match name {
            "host" | "backend_id" => Some(Datum::Text(pool.name.as_str())),
            "pool_name" => pool.name.pool().map(Datum::Text),
            "capabilities" => Some(Datum::Map(self.candidate.capabilities())),
            "service" => Some(Datum::Map(&self.service)),
            "total_capacity_gb" | "reserved_percentage" => reported(Datum::Whole(0)),
            "free_capacity_gb" if pool.unreported > 0 => {
                less_unreported(reported(Datum::Whole(0))).or_else(|| reported(Datum::Null))
            }
            "free_capacity_gb" => reported(Datum::Whole(0)),
            "allocated_capacity_gb" => {
                Some(Datum::Whole(i128::from(pool.allocated) + i128::from(pool.held)))
            }
            "provisioned_capacity_gb" => match stats.get(name).map(Datum::from) {
                None => Some(Datum::Whole(i128::from(pool.allocated) + i128::from(pool.held))),
                Some(Datum::Whole(number)) => {
                    Some(Datum::Whole(number + i128::from(pool.unreported)))
                }
                Some(Datum::Float(number)) => Some(Datum::Float(number + float(pool.unreported))),
                odd => odd,
            },
            "max_over_subscription_ratio" => {
                let figures = self.candidate.figures.as_ref().ok()?;
                Some(Datum::Float(figures.ratio))
            }
            "QoS_support"
            | "thin_provisioning_support"
            | "thick_provisioning_support"
            | "multiattach" => reported(Datum::Bool(false)),
            "goodness_function" => reported(Datum::Whole(0)),
            "storage_protocol" => {
                self.candidate.capabilities().get(name).map(Datum::from).or(Some(Datum::Null))
            }
            "volume_backend_name" | "vendor_name" | "driver_version" | "filter_function" => {
                reported(Datum::Null)
            }
            _ => None,
        }
    }
}
