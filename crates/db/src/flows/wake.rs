//! Waking: what waits or was left by a worker that is gone is due at once.

use ashlar_flow::Role;
use ashlar_types::Timestamp;

use crate::{Arg, DbError, Tx};

/// Which flows to wake.
#[derive(Debug, Clone, Copy)]
pub struct Asleep<'a> {
    /// Those that wait for this role.
    pub role: Role,
    /// Those that wait for this backend; of the role alone when not said.
    pub target: Option<&'a str>,
    /// Those about resources of this kind.
    pub kind: Option<&'a str>,
    /// Those about this resource.
    pub resource_id: Option<&'a str>,
}

/// Makes flows due that nobody works on: their pause before another attempt is over, and claims that ran out are
/// nobody's. Answers how many.
///
/// # Errors
/// [`DbError`], classified.
pub async fn wake(tx: &mut Tx, which: &Asleep<'_>, now: Timestamp) -> Result<u64, DbError> {
    let at = now.micros();
    let mut text = String::from(
        "UPDATE ashlar_flows SET claimed_by = NULL, claimed_until = NULL, claim_token = claim_token + 1, \
         not_before = CASE WHEN not_before > ? THEN ? ELSE not_before END WHERE finished = FALSE AND \
         role = ? AND (claimed_until < ? OR (claimed_until IS NULL AND not_before > ?))",
    );
    let mut values: Vec<Arg<'_>> =
        vec![at.into(), at.into(), which.role.as_str().into(), at.into(), at.into()];
    for (column, wanted) in [
        ("target", which.target),
        ("resource_kind", which.kind),
        ("resource_id", which.resource_id),
    ] {
        if let Some(wanted) = wanted {
            text.push_str(&format!(" AND {column} = ?"));
            values.push(wanted.into());
        }
    }
    tx.execute(&text, &values).await
}
