//! Which refusals an operation may answer beside what it answers when all is well.

use http::Method;

use super::parameters;
use crate::dispatch::BY_BACKEND;
use crate::endpoint::Endpoint;
use crate::fault::FaultKind;
use crate::version::{Version, v3};

/// Operations without a rule of their own that ask one for a part of what they do.
const ASK_LATER: &[&str] = &[];
/// Lists by what may not be there, from some version on.
const BY_NAME: &[(&str, u16)] = &[("pool.list", 35)];
/// What may be removed and, while somebody has it, may not.
const HELD: &[&str] = &["attachment.delete"];
/// Writers that look at `If-Match`, from some version on. A refusal of theirs has no body.
const CONDITIONAL: &[(&str, u16)] = &[("volume.metadata.replace", 15), ("volume.metadata.set", 15)];

/// Whether a refusal of `kind` is possible. What breaks inside is none, a backend's failure is.
pub(super) fn is_possible(endpoints: &[&Endpoint], version: Version, kind: FaultKind) -> bool {
    let any = |test: &dyn Fn(&Endpoint) -> bool| endpoints.iter().any(|endpoint| test(endpoint));
    let writes = |one: &Endpoint| one.method == Method::POST || one.method == Method::PUT;
    match kind {
        // When a backend fails for good the answer is a 500 that says so, as Cinder's.
        FaultKind::Internal => any(&|one| BY_BACKEND.contains(&one.op)),
        FaultKind::NotImplemented => false,
        // The method of each operation is one that its path has.
        FaultKind::MethodNotAllowed => false,
        FaultKind::Forbidden => any(&|one| one.rule.is_some() || ASK_LATER.contains(&one.op)),
        FaultKind::NotFound => any(&|one| {
            let by_name = |(op, since): &(&str, u16)| *op == one.op && version >= v3(*since);
            writes(one)
                || one.path.contains('{')
                || parameters::has_marker(one.op, version)
                || BY_NAME.iter().any(by_name)
        }),
        // A key of idempotence may be in use.
        FaultKind::Conflict => any(&|one| writes(one) || HELD.contains(&one.op)),
        FaultKind::OverLimit => any(&writes),
        FaultKind::UnsupportedMedia => any(&|one| one.body.is_some() || one.action.is_some()),
        FaultKind::BadRequest
        | FaultKind::Unauthorized
        | FaultKind::NotAcceptable
        | FaultKind::TooMany
        | FaultKind::Unavailable => true,
    }
}

/// Whether 412 is possible: the one refusal without an envelope.
pub(super) fn is_conditional(endpoints: &[&Endpoint], version: Version) -> bool {
    CONDITIONAL.iter().any(|(op, since)| {
        version >= v3(*since) && endpoints.iter().any(|endpoint| endpoint.op == *op)
    })
}
