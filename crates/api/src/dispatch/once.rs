//! `Idempotency-Key`: a request that may have to be repeated is carried out once, however often it comes.
//!
//! The key goes into the database with the first thing that the request changes, the answer right after. The same request
//! with the same key gets that answer again for a day; another one is refused. Keys belong to a user in a project. Answers
//! may hold secrets (a transfer's key, CHAP's password), so they are sealed by the client's key, which is not kept.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use ashlar_db::once::{self, Kept, Key, Once, Stage};
use ashlar_db::{DbError, precedence, transact};
use ashlar_operations::submit::holding;
use ashlar_types::{Caller, Timestamp};
use aws_lc_rs::digest;
use http::Method;
use http::header::{HeaderName, HeaderValue};
use tokio::task::JoinError;
use tracing::Instrument as _;

use super::seal::Seal;
use super::{handled, took_too_long};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::{Fault, FaultKind};
use crate::gate::Pass;
use crate::request::Request;

const KEY: HeaderName = HeaderName::from_static("idempotency-key");
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");
/// How long an answer is replayed.
const DAY: Duration = Duration::from_secs(24 * 3600);
/// The longest key.
const LONGEST: usize = 255;
/// The longest answer that is kept. Those of deeds are shorter, unless a client gives a volume very much metadata.
const MOST_KEPT: usize = 16 << 10;
/// The most keys that are kept for a project; they are forgotten after [`DAY`] and removed a little later. This is more than
/// one a second, the whole day.
const MOST_KEYS: usize = 100_000;
/// How often it is looked whether the request that has the key was answered, and how long between.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(100);
/// What the way to the work may add to its longest time, and clocks that differ.
const MARGIN: Duration = Duration::from_secs(10);

/// Lets the handler answer, once for each key; `query` is the URL's. The pass is given back when all work is done, whether
/// somebody waits for it or not.
pub(super) async fn handle(request: Request, query: &str, pass: Arc<Pass>) -> Outcome {
    let deed = matches!(request.endpoint().method, Method::POST | Method::PUT);
    match chosen(&request)?.filter(|_| deed) {
        None => holding(pass, handled(&request)).await,
        Some(chosen) => {
            let (key, seal) = (key(&request, chosen, query), Seal::new(&request, chosen));
            Box::pin(handle_once(request, key, seal, pass)).await
        }
    }
}

async fn handle_once(request: Request, key: Key, seal: Seal, pass: Arc<Pass>) -> Outcome {
    if let Some(kept) = look(&request, &key).await? {
        let soon = kept.answer.is_none() && may_be_under_way(&request, key.at, kept.at);
        return match soon {
            true => await_other(&request, &key, &seal).await,
            false => replay(&request, &key, kept, &seal),
        };
    }
    refuse_too_many(&request, &key).await?;
    // As a task of its own: a client that hangs up now is the one that comes again and wants the answer.
    let work = precedence::continued(holding(pass, carry_out(request, key, seal)));
    ended(tokio::spawn(work.in_current_span()).await)
}

/// What a task that worked on a request comes to; a panic in it goes on here.
fn ended(task: Result<Outcome, JoinError>) -> Outcome {
    match task {
        Ok(outcome) => outcome,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(error) => Err(Fault::internal(error)),
        },
    }
}

/// Nobody may be waiting any more, so it keeps its own time.
async fn carry_out(request: Request, key: Key, seal: Seal) -> Outcome {
    let once = Once::new(key.clone());
    let work = tokio::time::timeout(longest(&request), once.scope(handled(&request)));
    let outcome = work.await.unwrap_or_else(|_| Err(took_too_long()));
    match once.stage() {
        Stage::Open => outcome,
        Stage::Carried => {
            if let Some(keepsake) = keepsake(&outcome, &seal) {
                keep(&request, &once, keepsake).await;
            }
            outcome
        }
        Stage::Taken => await_other(&request, &key, &seal).await,
    }
}

/// The key that the client chose.
fn chosen(request: &Request) -> Result<Option<&str>, Fault> {
    let mut values = request.headers.get_all(KEY).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|text| (1..=LONGEST).contains(&text.len()));
    match text {
        Some(text) if values.next().is_none() => Ok(Some(text)),
        _ => Err(Fault::bad_request(
            "Idempotency-Key must be given once, with 1 to 255 printable ASCII characters.",
        )),
    }
}

fn key(request: &Request, chosen: &str, query: &str) -> Key {
    let caller = &request.caller;
    let now = request.app.operations.clock.now();
    // Whoever has other rights by now is not told what those of then were told.
    let mut roles = caller.roles.clone();
    roles.sort_unstable();
    let asked = (
        (roles, caller.is_admin),
        request.endpoint().op,
        request.params().iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(),
        query,
        request.version.to_string(),
        &request.body,
    );
    let mut id = digest_of(&owner(caller));
    id.truncate(once::OF_PROJECT);
    id.push_str(&digest_of(&(&caller.project_id, &caller.user_id, chosen))[once::OF_PROJECT..]);
    Key {
        id,
        request: digest_of(&asked),
        request_id: caller.request_id.clone(),
        at: now,
        forgotten: now.before(DAY),
    }
}

/// Whose keys are counted: the project's, or the user's where a token is of no project.
fn owner(caller: &Caller) -> (&str, &str) {
    match caller.project_id.as_str() {
        "" => ("user", &caller.user_id),
        project => ("project", project),
    }
}

/// A digest of `parts`, which JSON keeps apart whatever they hold.
fn digest_of(parts: &impl serde::Serialize) -> String {
    let text = serde_json::to_vec(parts).expect("texts and JSON can be written as JSON");
    let mut hex = String::with_capacity(64);
    for byte in digest::digest(&digest::SHA256, &text).as_ref() {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

async fn look(request: &Request, key: &Key) -> Result<Option<Kept>, Fault> {
    let mut tx = request.app.db.read().await?;
    Ok(once::get(&mut tx, &key.id, key.forgotten).await?)
}

/// Keys take room in the database, which a project must not fill.
async fn refuse_too_many(request: &Request, key: &Key) -> Result<(), Fault> {
    let mut tx = request.app.db.read().await?;
    if !once::are_kept(&mut tx, &key.id, MOST_KEYS).await? {
        return Ok(());
    }
    let message = format!(
        "{MOST_KEYS} Idempotency-Keys are kept for this project, and no more. Nothing was done; each is \
         forgotten after a day, and requests without a key are carried out."
    );
    Err(Fault::new(FaultKind::TooMany, message).retry_in(60))
}

/// Waits a little for the answer of the request that came first.
async fn await_other(request: &Request, key: &Key, seal: &Seal) -> Outcome {
    for _ in 0..LOOKS {
        match look(request, key).await? {
            Some(kept) if kept.answer.is_some() || kept.request != key.request => {
                return replay(request, key, kept, seal);
            }
            // What another is about to commit is not to be seen yet, nor is its answer.
            _ => tokio::time::sleep(PAUSE).await,
        }
    }
    Err(under_way())
}

fn under_way() -> Fault {
    Fault::conflict("A request with this Idempotency-Key is being carried out.").retry_in(1)
}

/// The answer that was given before.
fn replay(request: &Request, key: &Key, kept: Kept, seal: &Seal) -> Outcome {
    if kept.request != key.request {
        return Err(Fault::conflict(format!(
            "This Idempotency-Key was used for another request ({}).",
            kept.request_id
        )));
    }
    match kept.answer {
        Some((status, Some(ref sealed))) => {
            let body =
                seal.open(sealed).ok_or_else(|| Fault::internal("a kept answer is broken"))?;
            let answer = Answer::kept(status, body).map_err(Fault::internal)?;
            Ok(answer.with_header(REPLAYED, HeaderValue::from_static("true")))
        }
        Some((status, None)) => {
            let status = format!("was answered with {status}");
            let answer = format!("{status}, but that answer was too long to be kept.");
            Err(Fault::conflict(without_answer(&kept, &answer)))
        }
        None if may_be_under_way(request, key.at, kept.at) => Err(under_way()),
        None => {
            let answer = "was carried out, but its answer was lost.";
            Err(Fault::conflict(without_answer(&kept, answer)))
        }
    }
}

/// Whoever carries it out gives up after its longest time; beyond that it died.
fn may_be_under_way(request: &Request, now: Timestamp, at: Timestamp) -> bool {
    at.after(longest(request) + MARGIN) > now
}

/// How long a request with a key is worked on: as long as any other, though from the moment on at which the work begins.
fn longest(request: &Request) -> Duration {
    request.app.settings.request_timeout
}

/// What a client hears of the request in place of its `answer`, and where to look.
fn without_answer(kept: &Kept, answer: &str) -> String {
    let about = match &kept.about {
        Some((kind, id)) => format!(" It is about the {kind} {id}."),
        None => String::new(),
    };
    format!("The request with this Idempotency-Key ({}) {answer}{about}", kept.request_id)
}

/// The answer as it is kept: status and body, unless that is too long. None of what only time will tell, which is not to be
/// told again.
fn keepsake(outcome: &Outcome, seal: &Seal) -> Option<(u16, Option<String>)> {
    let made;
    let answer = match outcome {
        Ok(answer) => answer,
        Err(fault) => {
            made = Answer::from(fault);
            &made
        }
    };
    if answer.status().is_server_error() {
        return None;
    }
    let body = match answer.body() {
        body if body.len() > MOST_KEPT => None,
        body => Some(seal.close(body)?),
    };
    Some((answer.status().as_u16(), body))
}

/// Keeps the answer. Should that fail, a repetition is told that the request was carried out.
async fn keep(request: &Request, once: &Once, (status, body): (u16, Option<String>)) {
    let kept: Result<(), DbError> =
        transact!(request.app.db, tx => once::answered(tx, once, status, body.as_deref()).await);
    if let Err(error) = kept {
        let request_id = request.caller.request_id.as_str();
        tracing::warn!(request_id, %error, "the answer to a request with a key was not kept");
    }
}

#[cfg(test)]
mod tests;
