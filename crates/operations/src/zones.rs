//! Availability zones: those of the enabled volume services, and the configured one.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ashlar_db::services::{self, ServiceFilter};
use ashlar_db::{Db, DbError};
use ashlar_types::{Clock, Timestamp};

/// The zones, as last read. Cheap to clone; clones share them.
#[derive(Clone)]
pub struct Zones {
    db: Db,
    clock: Clock,
    known: Arc<Mutex<Option<Known>>>,
}

/// When the zones were read, and which they were.
type Known = (Timestamp, Arc<BTreeSet<String>>);

/// How long the list is taken for true. Cinder keeps it for an hour; an unknown zone is looked up anew.
const FRESH: Duration = Duration::from_secs(10);

impl Zones {
    /// The zones of the services in `db`.
    #[must_use]
    pub fn new(db: Db, clock: Clock) -> Self {
        Self { db, clock, known: Arc::default() }
    }

    /// The zones of enabled volume services.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn all(&self) -> Result<Arc<BTreeSet<String>>, DbError> {
        let now = self.clock.now();
        let known = self.known().clone();
        match known {
            Some((read, zones)) if now.since(read) < FRESH => Ok(zones),
            _ => self.read().await,
        }
    }

    /// Whether `zone` is one of them; a "no" is not given from memory.
    ///
    /// # Errors
    /// [`DbError`], classified.
    pub async fn has(&self, zone: &str) -> Result<bool, DbError> {
        Ok(self.all().await?.contains(zone) || self.read().await?.contains(zone))
    }

    async fn read(&self) -> Result<Arc<BTreeSet<String>>, DbError> {
        let mut tx = self.db.read().await?;
        let filter =
            ServiceFilter { binary: Some("cinder-volume".to_owned()), ..ServiceFilter::default() };
        let enabled = services::list(&mut tx, &filter).await?;
        let enabled = enabled.into_iter().filter(|service| !service.disabled);
        let zones: BTreeSet<String> = enabled.map(|service| service.availability_zone).collect();
        let zones = Arc::new(zones);
        *self.known() = Some((self.clock.now(), Arc::clone(&zones)));
        Ok(zones)
    }

    fn known(&self) -> std::sync::MutexGuard<'_, Option<Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
