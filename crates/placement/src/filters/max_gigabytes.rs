//! `max_gigabytes` of the `simple` scheduler: no backend gets more than so much. It is asked for the picture's sums, so
//! it is no filter that a configuration can name.

use crate::candidate::Candidate;
use crate::picture::Picture;
use crate::refusal::Refusal;
use crate::request::Request;

/// The backend stays within `limit` GiB with what is asked for.
pub(crate) fn check(
    request: &Request<'_>,
    picture: &Picture,
    candidate: &Candidate,
    limit: u64,
) -> Result<(), Refusal> {
    let used = picture.gigabytes_of(candidate.backend);
    if used.saturating_add(request.needed) > limit {
        return Err(Refusal::MaxGigabytes { used, limit });
    }
    Ok(())
}
