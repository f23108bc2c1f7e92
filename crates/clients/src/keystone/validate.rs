//! Whose a token is: asked at Keystone, remembered for a while, with bounds on everything.
//!
//! One question serves all who come with the same token meanwhile. At most [`UNDER_WAY`] questions are asked at
//! once and few more wait for their turn; nobody waits longer than [`Tokens::PATIENCE`] allows. The memory holds
//! digests of tokens, never tokens.

mod ask;
mod identity;
mod rules;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ashlar_types::Timestamp;
use moka::future::Cache;
use sha2::{Digest as _, Sha256};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::Keystone;
use crate::{ClientError, Neighbour};

pub use identity::Identity;

/// Most questions to Keystone at once.
const UNDER_WAY: usize = 64;
/// Most questions under way and waiting for their turn; who comes beyond is turned away at once.
const ADMITTED: usize = 1024;
/// Longest wait for an answer, whatever the operator says. Cinder's services wait without end.
const MOST_PATIENCE: Duration = Duration::from_secs(60);
/// What those wait longer who wait for a question of somebody else's, so that they hear its end.
const LISTENING: Duration = Duration::from_secs(1);
/// How long a token that does not hold is known as such. Short: Keystone's servers need not agree at once.
const REFUSED_FOR: Duration = Duration::from_secs(5);
/// Most tokens that are remembered.
const MOST_VALID: u64 = 50_000;
/// Most tokens that are remembered as worth nothing; in a memory of their own, so that no flood of them drives
/// out the others.
const MOST_REFUSED: u64 = 10_000;
/// Longest token that is looked at, in bytes. Fernet's have some 250, signed ones (JWS) some 1000; many
/// servers take no longer header than this.
const LONGEST: usize = 8 * 1024;

/// How tokens are asked about and remembered: part of `[keystone_authtoken]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `token_cache_time`: how long an answer counts; none asks every time.
    pub cache_time: Option<Duration>,
    /// `http_connect_timeout`: longest wait for one question; without it as long as for all together.
    pub time_out: Option<Duration>,
    /// `http_request_max_retries`: how often a question is asked again when Keystone cannot be reached.
    pub retries: u32,
}

/// keystonemiddleware's defaults.
impl Default for Settings {
    fn default() -> Self {
        Self { cache_time: Some(Duration::from_secs(300)), time_out: None, retries: 3 }
    }
}

/// Which tokens hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Accept {
    /// Those that have not ended.
    Current,
    /// Also those that ended a while ago, for as long as Keystone allows (`allow_expired_window`): for requests that
    /// a service passes on.
    Expired,
}

/// A token that is not let in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It is worth nothing: unknown, revoked, ended.
    #[error("the token does not hold")]
    Invalid,
    /// Too many ask at once.
    #[error("more than {ADMITTED} tokens wait for Keystone's word")]
    Busy,
    /// Keystone gave no word on it.
    #[error(transparent)]
    Unanswered(ClientError),
}

impl From<ClientError> for TokenError {
    fn from(error: ClientError) -> Self {
        Self::Unanswered(error)
    }
}

/// What is known of tokens.
pub struct Tokens {
    keystone: Arc<Keystone>,
    settings: Settings,
    /// Longest wait for everything that one token needs.
    patience: Duration,
    valid: Cache<Key, Kept>,
    refused: Cache<Key, Kept<()>>,
    admitted: Semaphore,
    asking: Semaphore,
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// A token's digest, and which question was asked of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Key([u8; 32], Accept);

impl Key {
    fn of(token: &str, accept: Accept) -> Self {
        Self(Sha256::digest(token.as_bytes()).into(), accept)
    }
}

/// An answer, and until when it counts by our clock.
#[derive(Clone)]
struct Kept<T = Arc<Identity>> {
    what: T,
    until: Timestamp,
    life: Duration,
}

impl<T> Kept<T> {
    fn new(what: T, now: Timestamp, life: Duration) -> Self {
        Self { what, until: now.after(life), life }
    }
}

/// Frees memory of what counts no longer.
struct Lives;

impl<T> moka::Expiry<Key, Kept<T>> for Lives {
    fn expire_after_create(
        &self,
        _: &Key,
        kept: &Kept<T>,
        _: std::time::Instant,
    ) -> Option<Duration> {
        Some(kept.life)
    }
}

impl Tokens {
    /// Longest wait for a word on one token, unless the operator lets a single question take longer.
    pub const PATIENCE: Duration = Duration::from_secs(10);

    /// Asks with this account, which needs the right to validate tokens (`identity:validate_token`).
    #[must_use]
    pub fn new(keystone: Arc<Keystone>, settings: Settings) -> Self {
        let wanted = settings.time_out.unwrap_or_default();
        Self {
            keystone,
            settings,
            patience: wanted.clamp(Self::PATIENCE, MOST_PATIENCE),
            valid: Cache::builder().max_capacity(MOST_VALID).expire_after(Lives).build(),
            refused: Cache::builder().max_capacity(MOST_REFUSED).expire_after(Lives).build(),
            admitted: Semaphore::new(ADMITTED),
            asking: Semaphore::new(UNDER_WAY),
        }
    }

    /// The account by which tokens are asked about.
    #[must_use]
    pub fn keystone(&self) -> &Keystone {
        &self.keystone
    }

    /// Whose the token is.
    ///
    /// # Errors
    /// `Invalid` when it does not hold; the others when Keystone cannot say.
    pub async fn validate(&self, token: &str, accept: Accept) -> Result<Arc<Identity>, TokenError> {
        // keystonemiddleware drops white space around tokens too.
        let token = token.trim();
        if token.is_empty() || token.len() > LONGEST || !token.bytes().all(|b| b.is_ascii_graphic())
        {
            return Err(TokenError::Invalid);
        }
        let key = Key::of(token, accept);
        let now = self.keystone.clock.now();
        if self.refused.get(&key).await.is_some_and(|kept| now < kept.until) {
            return Err(TokenError::Invalid);
        }
        // The memory has a clock of its own, and ours may have been set meanwhile.
        if let Some(kept) = self.valid.get(&key).await {
            if now < kept.until {
                return Ok(kept.what);
            }
            self.valid.invalidate(&key).await;
        }
        let asked = self.valid.try_get_with(key, self.ask(key, token));
        match timeout(self.patience + LISTENING, asked).await {
            Ok(Ok(kept)) => Ok(kept.what),
            Ok(Err(error)) => Err(TokenError::clone(&error)),
            Err(_) => Err(self.no_answer()),
        }
    }

    /// Asks, when there is room, and remembers tokens that do not hold.
    async fn ask(&self, key: Key, token: &str) -> Result<Kept, TokenError> {
        let _place = self.admitted.try_acquire().map_err(|_| TokenError::Busy)?;
        let turn = async {
            let _turn = self.asking.acquire().await.map_err(|_| TokenError::Busy)?;
            self.ask_patiently(token, key.1).await
        };
        let answer = timeout(self.patience, turn).await.unwrap_or_else(|_| Err(self.no_answer()));
        let now = self.keystone.clock.now();
        let life = self.settings.cache_time.unwrap_or_default();
        match answer {
            Ok(identity) => match key.1 {
                Accept::Expired => Ok(Kept::new(Arc::new(identity), now, life)),
                Accept::Current if now < identity.expires => {
                    let left = identity.expires.since(now);
                    Ok(Kept::new(Arc::new(identity), now, life.min(left)))
                }
                Accept::Current => Err(TokenError::Invalid),
            },
            Err(TokenError::Invalid) => {
                let kept = Kept::new((), now, life.min(REFUSED_FOR));
                self.refused.insert(key, kept).await;
                Err(TokenError::Invalid)
            }
            Err(error) => Err(error),
        }
    }

    fn no_answer(&self) -> TokenError {
        let cause = format!("no word on a token within {} ms", self.patience.as_millis());
        ClientError::Unreachable { neighbour: Neighbour::Keystone, cause }.into()
    }
}

#[cfg(test)]
mod tests;
