//! When no pool will do: the smallest changes of the request with which one would. Pure, like all of placement, and
//! only asked for after a refusal.

mod largest;
#[cfg(test)]
mod tests;

use std::cmp::Reverse;
use std::fmt;

use ashlar_types::{Gib, RequestSpec, Source, VolumeType};
use serde::{Deserialize, Serialize};

use crate::choose::choose;
use crate::picture::Picture;
use crate::request::{Facts, Operation, Request};
use crate::rules::Rules;

/// Changes that are named.
const MOST_MISSES: usize = 5;
/// Types that are named, and zones, so that a size has its place beside them.
const MOST_OF_A_KIND: usize = 2;
/// Other types that are looked at.
const MOST_TYPES: usize = 16;
/// Pools that are judged at most for all other types together, or [`FEWEST_TYPES`] times over.
const MOST_JUDGED: usize = 50_000;
const FEWEST_TYPES: usize = 4;

/// The key by which a type names its zones.
const TYPE_ZONES: &str = "RESKEY:availability_zones";

/// A change with which the request would have fitted; `None` is as it was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Miss {
    /// The largest size, GiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Name of another volume type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume_type: Option<String>,
    /// Another zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<String>,
}

impl Miss {
    /// How much of the request would have to change.
    #[must_use]
    pub fn changes(&self) -> usize {
        usize::from(self.size.is_some())
            + usize::from(self.volume_type.is_some())
            + usize::from(self.zone.is_some())
    }
}

/// `size ≤ 372 GiB`, `type silver in zone west`, …
impl fmt::Display for Miss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = "";
        if let Some(size) = self.size {
            write!(f, "size ≤ {size} GiB")?;
            before = " with ";
        }
        if let Some(name) = &self.volume_type {
            write!(f, "{before}type {name}")?;
        }
        if let Some(zone) = &self.zone {
            f.write_str(if self.changes() > 1 { " in " } else { "" })?;
            write!(f, "zone {zone}")?;
        }
        Ok(())
    }
}

/// What would have fitted instead of `request`, which no pool of `picture` will do for: the fewest changes first, then
/// the largest size; at most five. `others` are types that the project may use.
///
/// Each was tried with [`choose()`]: a smaller size, another type, another zone; two of them at once when none alone
/// helps. The size is the largest there is, unless a `filter_function` hangs on it in odd ways. Not all is looked at:
/// sixteen types at most (fewer with more than 3,000 pools, four from 12,500 on); two types and two zones are named at
/// most; QoS specs of other types count as none. A volume from a source, and one that grows, has no choice of these; then
/// the answer is empty.
#[must_use]
pub fn misses(
    request: &Request<'_>,
    picture: &Picture,
    rules: &Rules,
    others: &[VolumeType],
) -> Vec<Miss> {
    let spec = request.spec;
    let bound = spec.source != Source::Blank || spec.pinned.is_some();
    if request.operation != Operation::Create || bound {
        return Vec::new();
    }
    let most = (MOST_JUDGED / picture.len().max(1)).clamp(FEWEST_TYPES, MOST_TYPES);
    let search = Search { request, picture, rules };
    let others: Vec<Variant> =
        others.iter().filter_map(|other| search.of_type(other)).take(most).collect();
    let asked = search.as_asked();

    let mut found: Vec<Miss> = search.sizes(&asked).into_iter().collect();
    let fitting = others.iter().filter(|other| search.fits(other)).take(MOST_OF_A_KIND);
    found.extend(fitting.map(|other| other.miss.clone()));
    found.extend(search.zones(&asked, MOST_OF_A_KIND));
    if found.is_empty() {
        for other in &others {
            found.extend(search.sizes(other));
            found.extend(search.zones(other, 1));
        }
        found.extend(search.size_in_a_zone(&asked));
    }
    found.sort_by_key(|miss| (miss.changes(), Reverse(miss.size.unwrap_or(request.spec.size.0))));
    found.truncate(MOST_MISSES);
    found
}

/// The request, changed.
#[derive(Clone)]
struct Variant {
    spec: RequestSpec,
    facts: Facts,
    /// What is changed so far.
    miss: Miss,
}

struct Search<'s, 'r> {
    request: &'s Request<'r>,
    picture: &'s Picture,
    rules: &'s Rules,
}

impl Search<'_, '_> {
    fn as_asked(&self) -> Variant {
        let Request { spec, facts, .. } = self.request;
        Variant { spec: (*spec).clone(), facts: (*facts).clone(), miss: Miss::default() }
    }

    /// The request with another type, if that type may have this size and these zones.
    fn of_type(&self, other: &VolumeType) -> Option<Variant> {
        if other.id == self.request.spec.volume_type.id {
            return None;
        }
        let mut variant = self.as_asked();
        let spec = &mut variant.spec;
        let zones = type_zones(other);
        if spec.availability_zones.is_empty() {
            spec.availability_zones = zones;
        } else if !zones.is_empty() {
            spec.availability_zones.retain(|zone| zones.contains(zone));
            if spec.availability_zones.is_empty() {
                return None;
            }
        }
        if other.qos_specs_id != spec.volume_type.qos_specs_id {
            variant.facts.qos_specs.clear();
        }
        spec.volume_type = other.clone();
        variant.miss.volume_type = Some(other.name.clone());
        Some(variant)
    }

    /// A pool will do.
    fn fits(&self, variant: &Variant) -> bool {
        let (least, most) = bounds(&variant.spec.volume_type);
        (least..=most).contains(&variant.spec.size.0) && self.best(variant).is_some()
    }

    fn best(&self, variant: &Variant) -> Option<usize> {
        let Variant { spec, facts, .. } = variant;
        let request =
            Request::new(spec, self.request.tried, facts, self.picture, self.request.seed);
        choose(&request, self.picture, self.rules).best(self.rules)
    }

    /// The largest size that would do.
    fn sizes(&self, variant: &Variant) -> Option<Miss> {
        let (least, most) = bounds(&variant.spec.volume_type);
        let below = variant.spec.size.0.saturating_sub(1).min(most);
        let (size, _) = largest::find(self, variant, (least, below))?;
        Some(Miss { size: Some(size), ..variant.miss.clone() })
    }

    /// Other zones that would do, the best first.
    fn zones(&self, variant: &Variant, most: usize) -> Vec<Miss> {
        let Some(free) = anywhere(variant) else { return Vec::new() };
        let Variant { spec, facts, .. } = &free;
        let request =
            Request::new(spec, self.request.tried, facts, self.picture, self.request.seed);
        let mut zones: Vec<&String> = Vec::new();
        for index in choose(&request, self.picture, self.rules).ranking(self.rules) {
            let zone = &self.picture.candidates()[index].pool.availability_zone;
            if zones.len() < most && !zones.contains(&zone) {
                zones.push(zone);
            }
        }
        let there = |zone: &String| within(&free, zone);
        zones.into_iter().map(there).filter(|it| self.fits(it)).map(|it| it.miss).collect()
    }

    /// Another zone with the largest size that would do there.
    fn size_in_a_zone(&self, variant: &Variant) -> Option<Miss> {
        let free = anywhere(variant)?;
        let (least, most) = bounds(&free.spec.volume_type);
        let below = free.spec.size.0.saturating_sub(1).min(most);
        let (size, index) = largest::find(self, &free, (least, below))?;
        let mut there = within(&free, &self.picture.candidates()[index].pool.availability_zone);
        there.spec.size = Gib(size);
        there.miss.size = Some(size);
        self.fits(&there).then_some(there.miss)
    }
}

/// The variant without its zones, if it has any that a user can change.
fn anywhere(variant: &Variant) -> Option<Variant> {
    let bound = variant.spec.availability_zones.is_empty()
        || variant.spec.forced.is_some()
        || !type_zones(&variant.spec.volume_type).is_empty();
    if bound {
        return None;
    }
    let mut free = variant.clone();
    free.spec.availability_zones.clear();
    Some(free)
}

fn within(free: &Variant, zone: &str) -> Variant {
    let mut there = free.clone();
    there.spec.availability_zones = vec![zone.to_owned()];
    there.miss.zone = Some(zone.to_owned());
    there
}

/// Zones that a type is bound to.
fn type_zones(volume_type: &VolumeType) -> Vec<String> {
    let names = volume_type.spec(TYPE_ZONES).unwrap_or_default().split(',').map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Sizes that a type's volumes may have, GiB.
fn bounds(volume_type: &VolumeType) -> (u64, u64) {
    let bound = |key| volume_type.spec(key).and_then(|text| text.trim().parse::<u64>().ok());
    let least = bound("provisioning:min_vol_size").unwrap_or(1).max(1);
    (least, bound("provisioning:max_vol_size").unwrap_or(u64::MAX))
}
