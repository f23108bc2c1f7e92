//! The simulated backend's content: things in pools, and the room they take. Plain data, no waiting.

use std::collections::{BTreeMap, HashMap};

use ashlar_types::Gib;

use super::exports::Exports;
use super::settings::SimPool;
use crate::driver::{Kind, Stored};
use crate::error::{DriverError, FailureKind};
use crate::refusal;

/// A volume or a snapshot.
#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) size: Gib,
    /// The first bytes of its content; zeros follow.
    pub(super) head: Vec<u8>,
}

/// All that the backend has, by pool and name.
#[derive(Debug)]
pub(super) struct Store {
    pools: Vec<SimPool>,
    items: BTreeMap<(String, String), Item>,
    /// Sizes of the items of each thick pool, together.
    taken: HashMap<String, Gib>,
    /// What others have of each pool.
    by_others: HashMap<String, Gib>,
    /// Which of the volumes are exported.
    pub(super) exports: Exports,
}

impl Store {
    pub(super) fn new(pools: Vec<SimPool>) -> Self {
        Self {
            pools,
            items: BTreeMap::new(),
            taken: HashMap::new(),
            by_others: HashMap::new(),
            exports: Exports::default(),
        }
    }

    pub(super) fn pools(&self) -> &[SimPool] {
        &self.pools
    }

    /// Room taken in a pool: sizes where it is thick, nothing where it is thin, and what others have.
    pub(super) fn taken(&self, pool: &SimPool) -> Gib {
        self.own(&pool.name) + self.by_others.get(&pool.name).copied().unwrap_or_default()
    }

    fn own(&self, pool: &str) -> Gib {
        self.taken.get(pool).copied().unwrap_or_default()
    }

    /// Others have so much of the pool now.
    pub(super) fn occupy(&mut self, pool: &str, by_others: Gib) {
        self.by_others.insert(pool.to_owned(), by_others);
    }

    pub(super) fn get(&self, pool: &str, name: &str) -> Option<&Item> {
        self.items.get(&key(pool, name))
    }

    pub(super) fn get_mut(&mut self, pool: &str, name: &str) -> Option<&mut Item> {
        self.items.get_mut(&key(pool, name))
    }

    pub(super) fn require(&self, pool: &str, name: &str) -> Result<&Item, DriverError> {
        self.get(pool, name).ok_or_else(|| {
            DriverError::new(FailureKind::NotFound, format!("{name} is not in pool {pool}"))
        })
    }

    /// Puts a new thing into a pool that has room for it.
    pub(super) fn add(&mut self, pool: &str, name: &str, item: Item) -> Result<(), DriverError> {
        self.take_room(pool, name, item.size)?;
        self.items.insert(key(pool, name), item);
        Ok(())
    }

    /// Makes a thing larger where there is room for the difference.
    pub(super) fn grow(&mut self, pool: &str, name: &str, size: Gib) -> Result<(), DriverError> {
        let more = size.saturating_sub(self.require(pool, name)?.size);
        self.take_room(pool, name, more)?;
        if let Some(item) = self.get_mut(pool, name) {
            item.size = item.size.max(size);
        }
        Ok(())
    }

    /// Gives a volume that is there another content. It is offered to hosts no more.
    pub(super) fn replace(
        &mut self,
        pool: &str,
        name: &str,
        head: Vec<u8>,
    ) -> Result<(), DriverError> {
        self.require(pool, name)?;
        self.exports.destroy(pool, name);
        if let Some(item) = self.get_mut(pool, name) {
            item.head = head;
        }
        Ok(())
    }

    /// Removes a thing, when it is there, and frees its room.
    pub(super) fn remove(&mut self, pool: &str, name: &str) {
        self.exports.destroy(pool, name);
        if let Some(item) = self.items.remove(&key(pool, name))
            && let Some(taken) = self.taken.get_mut(pool)
        {
            *taken = taken.saturating_sub(item.size);
        }
    }

    /// Everything, ours and others': pool, name and item, in order.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &str, &Item)> {
        self.items.iter().map(|((pool, name), item)| (pool.as_str(), name.as_str(), item))
    }

    /// Names of everything in a pool, in order.
    pub(super) fn names(&self, pool: &str) -> Vec<String> {
        self.all()
            .filter(|(there, ..)| *there == pool)
            .map(|(_, name, _)| name.to_owned())
            .collect()
    }

    /// Takes a thing out to put it back at once under another name: its room stays taken.
    pub(super) fn take(&mut self, pool: &str, name: &str) -> Option<Item> {
        self.items.remove(&key(pool, name))
    }

    /// Puts back what was taken out.
    pub(super) fn put(&mut self, pool: &str, name: &str, item: Item) {
        self.items.insert(key(pool, name), item);
    }

    pub(super) fn list(&self) -> Vec<Stored> {
        let stored = |((pool, name), item): (&(String, String), &Item)| Stored {
            name: name.clone(),
            pool: pool.clone(),
            size: item.size,
            kind: item.kind,
            complete: true,
        };
        let ours = self.items.iter().filter(|((_, name), _)| refusal::kind_of(name).is_some());
        let mut list: Vec<_> = ours.map(stored).collect();
        list.sort_by(|a, b| (&a.name, &a.pool).cmp(&(&b.name, &b.pool)));
        list
    }

    fn take_room(&mut self, pool: &str, name: &str, more: Gib) -> Result<(), DriverError> {
        let Some(found) = self.pools.iter().find(|known| known.name == pool) else {
            return Err(DriverError::new(FailureKind::Invalid, format!("there is no pool {pool}")));
        };
        if found.thin {
            return Ok(());
        }
        if self.taken(found) + more > Gib(found.total_gib) {
            return Err(DriverError::new(
                FailureKind::NoSpace,
                format!("pool {pool} has no room for {more} of {name}"),
            ));
        }
        let own = self.own(pool) + more;
        self.taken.insert(pool.to_owned(), own);
        Ok(())
    }
}

fn key(pool: &str, name: &str) -> (String, String) {
    (pool.to_owned(), name.to_owned())
}
