//! What a volume type's extra specs demand, compiled once, with the verdict on every pool of a picture.

use ashlar_types::volume_type::ExtraSpecs;

use crate::candidate::Candidate;
use crate::reason::Trouble;
use crate::refusal::Refusal;
use crate::requirement::{Answer, Requirement};

/// The demands of one type, judged for every pool of one picture.
#[derive(Debug)]
pub struct Demands {
    requirements: Vec<Requirement>,
    /// By the pool's place in the picture.
    refusals: Vec<Option<Refusal>>,
}

impl Demands {
    pub(crate) fn new(specs: &ExtraSpecs, candidates: &[Candidate]) -> Self {
        let requirements = Requirement::all(specs);
        let refusals = if requirements.is_empty() {
            Vec::new()
        } else {
            candidates.iter().map(|candidate| refusal(&requirements, candidate)).collect()
        };
        Self { requirements, refusals }
    }

    /// The demands, in order of their keys.
    #[must_use]
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }

    /// The first demand that the pool at `index` does not meet.
    #[inline]
    pub(crate) fn check(&self, index: usize) -> Result<(), Refusal> {
        match self.refusals.get(index) {
            Some(Some(refusal)) => Err(*refusal),
            _ => Ok(()),
        }
    }
}

fn refusal(requirements: &[Requirement], candidate: &Candidate) -> Option<Refusal> {
    requirements.iter().zip(0_u16..).find_map(|(requirement, number)| {
        match requirement.check(&candidate.pool.stats) {
            Answer::Met => None,
            Answer::Missing => Some(Refusal::CapabilityMissing(number)),
            Answer::Differs => Some(Refusal::CapabilityDiffers(number)),
            Answer::Unanswerable => Some(Refusal::Trouble(Trouble::Capability(number))),
        }
    })
}
