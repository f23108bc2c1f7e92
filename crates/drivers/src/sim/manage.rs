//! Things of others on the simulated backend: taking them over and letting go of ours.

use ashlar_types::Gib;

use super::store::{Item, Store};
use super::{Call, Sim, filled, locked};
use crate::driver::{Answer, Kind, Made};
use crate::manage::{Manage, Manageable, Measured, Reference, Thing, given_back, not_found};
use crate::refusal;

impl Sim {
    /// Puts something into the pool behind the driver's back, as whoever else uses the storage would; `false` when there
    /// is no room.
    pub fn put(&self, pool: &str, name: &str, size: Gib, bytes: &[u8]) -> bool {
        let kind = refusal::kind_of(name).unwrap_or(Kind::Volume);
        let item = Item { kind, size, head: bytes.to_vec() };
        locked(&self.0.store).add(pool, name, item).is_ok()
    }

    /// Names of everything in the pool, ours and others', in order.
    #[must_use]
    pub fn names(&self, pool: &str) -> Vec<String> {
        locked(&self.0.store).names(pool)
    }
}

impl Manage for Sim {
    fn list_manageable(&self, kind: Kind) -> Answer<'_, Vec<Manageable>> {
        self.call(Call::ListManageable, move |store| {
            let all = store.all().filter_map(|(pool, name, item)| {
                let reference = Reference::named(name).ok()?;
                let shown = refusal::kind_of(name).unwrap_or(Kind::Volume) == kind;
                shown.then(|| Manageable {
                    reference,
                    pool: pool.to_owned(),
                    size: item.size,
                    unfit: None,
                    extra_info: None,
                })
            });
            Ok(all.collect())
        })
    }

    fn measure<'a>(
        &'a self,
        reference: &'a Reference,
        pool: Option<&'a str>,
    ) -> Answer<'a, Measured> {
        self.call(Call::Measure, move |store| {
            reference.check()?;
            let found = store.all().find(|(there, name, _)| {
                *name == reference.source_name() && pool.is_none_or(|pool| pool == *there)
            });
            let (pool, _, item) = found.ok_or_else(|| not_found(reference))?;
            let reading = filled::reading(&item.head, item.size)?;
            Ok(Measured { pool: pool.to_owned(), size: item.size, reading, mark: None })
        })
    }

    fn ensure_managed<'a>(
        &'a self,
        thing: Thing<'a>,
        reference: &'a Reference,
    ) -> Answer<'a, Made> {
        self.call(Call::EnsureManaged, move |store| {
            thing.check()?;
            reference.check()?;
            if store.get(thing.pool(), thing.name()).is_none() {
                let old = reference.source_name();
                if !renamed(store, thing.pool(), (old, thing.name()), thing.kind()) {
                    return Err(not_found(reference));
                }
            }
            Ok(Made::default())
        })
    }

    fn ensure_released<'a>(
        &'a self,
        thing: Thing<'a>,
        to: Option<&'a Reference>,
    ) -> Answer<'a, ()> {
        self.call(Call::EnsureReleased, move |store| {
            thing.check()?;
            store.exports.destroy(thing.pool(), thing.name());
            let Some(to) = to else { return Ok(()) };
            to.check()?;
            let kind = refusal::kind_of(to.source_name()).unwrap_or(Kind::Volume);
            let old = to.source_name();
            if old == thing.name() {
                return Ok(());
            }
            let instead = given_back(thing.name());
            let is_taken = store.get(thing.pool(), old).is_some();
            let new = if is_taken { instead.as_str() } else { old };
            renamed(store, thing.pool(), (thing.name(), new), kind);
            Ok(())
        })
    }
}

/// Gives a thing another name; `false` when it is not there.
fn renamed(store: &mut Store, pool: &str, (from, to): (&str, &str), kind: Kind) -> bool {
    let Some(item) = store.take(pool, from) else { return false };
    store.put(pool, to, Item { kind, ..item });
    true
}
