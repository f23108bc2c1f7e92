//! Notifications: events for whoever meters or watches the cloud, in Cinder's types and payloads. They are written to the
//! outbox in the transaction that they tell of; a sender takes them from there.
//!
//! [`events`] is the catalogue. Whoever changes something collects [`Letters`] and posts them once at the end of his
//! transaction, which is one statement for all of them. Where nobody wants notifications nothing is looked up or written.
//!
//! Where Cinder sends from the volume service before it asks the driver, the `.start` is written in the transaction that
//! accepts or prepares the work: nothing happens in between.

mod by;
pub mod events;
mod payload;
mod placement;

use ashlar_db::notifications::{self, Notification, Told};
use ashlar_db::{DbError, Tx};
use ashlar_types::{NotificationId, RequestSpec, SnapshotId, Timestamp, VolumeId};
use serde_json::{Value, json};

use crate::Settings;
pub use by::By;
use events::Event;
use payload::Stage;
pub(crate) use placement::placement_failed;

/// Which service says it: the second half of `publisher_id`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The API, or whatever else this process is.
    Here,
    /// The volume service of the backend where the volume or group lives; [`From::Here`] when it lives nowhere.
    Backend,
    /// The same with the pool, which Cinder adds when it creates or manages a volume.
    Pool,
}

/// Notifications of one transaction.
#[derive(Debug)]
pub struct Letters<'a> {
    settings: &'a Settings,
    drafts: Vec<Draft>,
    now: String,
}

#[derive(Debug)]
struct Draft {
    /// Where it is not who the letters are posted for.
    by: Option<By>,
    event: Event,
    publisher_id: String,
    payload: Value,
}

impl<'a> Letters<'a> {
    /// None yet. `now` is the transaction's moment.
    #[must_use]
    pub fn new(settings: &'a Settings, now: Timestamp) -> Self {
        let text = now.to_string();
        let now = text.strip_suffix(".000000").unwrap_or(&text).to_owned();
        Self { settings, drafts: Vec::new(), now }
    }

    /// Somebody wants notifications. Every function here looks itself; this is for those who would have to look something
    /// up.
    #[must_use]
    pub fn are_wanted(&self) -> bool {
        self.settings.notifications
    }

    /// Tells of a volume as its row is now.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn volume(
        &mut self,
        tx: &mut Tx,
        id: VolumeId,
        from: From,
        events: &[Event],
    ) -> Result<(), DbError> {
        self.volumes(tx, &[id], from, events).await
    }

    /// Tells of each of these volumes. All that is known of them costs four queries, however many they are.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn volumes(
        &mut self,
        tx: &mut Tx,
        ids: &[VolumeId],
        from: From,
        events: &[Event],
    ) -> Result<(), DbError> {
        if !self.are_wanted() || ids.is_empty() {
            return Ok(());
        }
        for told in notifications::volumes(tx, ids).await? {
            for event in events.iter().filter(|event| is_told(event, &told)) {
                let payload = payload::volume(&told, Stage::There, &self.now);
                self.draft(*event, told.text("host"), from, payload);
            }
        }
        Ok(())
    }

    /// Tells that each of these volumes begins to be made, with who asked for it: the scheduler places many at once.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn placed(&mut self, tx: &mut Tx, specs: &[&RequestSpec]) -> Result<(), DbError> {
        if !self.are_wanted() {
            return Ok(());
        }
        let ids: Vec<VolumeId> = specs.iter().map(|spec| spec.volume_id).collect();
        let first = self.drafts.len();
        self.volumes(tx, &ids, From::Pool, &[events::CREATE_START]).await?;
        for draft in &mut self.drafts[first..] {
            let is_its = |spec: &&&RequestSpec| draft.payload["volume_id"] == json!(spec.volume_id);
            draft.by = specs.iter().find(is_its).map(|spec| By::spec(spec));
        }
        Ok(())
    }

    /// Tells that a volume has gone, whose row is about to go in this transaction: what hangs on it cannot be found after.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn volume_gone(
        &mut self,
        tx: &mut Tx,
        id: VolumeId,
        from: From,
        event: Event,
    ) -> Result<(), DbError> {
        if !self.are_wanted() {
            return Ok(());
        }
        let found = notifications::volumes(tx, &[id]).await?;
        for told in found.into_iter().filter(|told| is_told(&event, told)) {
            let payload = payload::volume(&told, Stage::Gone, &self.now);
            self.draft(event, told.text("host"), from, payload);
        }
        Ok(())
    }

    /// Tells of snapshots as their rows are now.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn snapshots(
        &mut self,
        tx: &mut Tx,
        ids: &[SnapshotId],
        from: From,
        events: &[Event],
    ) -> Result<(), DbError> {
        self.of_snapshots(tx, ids, from, (events, Stage::There)).await
    }

    /// Tells that snapshots have gone, whose rows are about to go in this transaction.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn snapshots_gone(
        &mut self,
        tx: &mut Tx,
        ids: &[SnapshotId],
        from: From,
        event: Event,
    ) -> Result<(), DbError> {
        self.of_snapshots(tx, ids, from, (&[event], Stage::Gone)).await
    }

    async fn of_snapshots(
        &mut self,
        tx: &mut Tx,
        ids: &[SnapshotId],
        from: From,
        (events, stage): (&[Event], Stage),
    ) -> Result<(), DbError> {
        if !self.are_wanted() || ids.is_empty() {
            return Ok(());
        }
        for told in notifications::snapshots(tx, ids).await? {
            for event in events {
                let payload = payload::snapshot(&told, stage);
                self.draft(*event, told.text("host"), from, payload);
            }
        }
        Ok(())
    }

    /// Tells of a group from its backend; `gone` as in [`Letters::volume_gone`]. Cinder tells of the group's volumes
    /// under the same suffix, which [`Letters::volumes`] does.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn group(
        &mut self,
        tx: &mut Tx,
        id: &str,
        gone: bool,
        event: Event,
    ) -> Result<(), DbError> {
        if self.are_wanted() {
            for told in notifications::groups(tx, &[id.to_owned()]).await? {
                let payload = payload::group(&told, Stage::of(gone));
                self.draft(event, told.text("host"), From::Backend, payload);
            }
        }
        Ok(())
    }

    /// Tells of a group's snapshot from the group's backend `host`. Cinder tells of the snapshots in it under the same
    /// suffix, which [`Letters::snapshots`] does.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn group_snapshot(
        &mut self,
        tx: &mut Tx,
        id: &str,
        (gone, host): (bool, Option<&str>),
        event: Event,
    ) -> Result<(), DbError> {
        if self.are_wanted() {
            for told in notifications::group_snapshots(tx, &[id.to_owned()]).await? {
                let payload = payload::group_snapshot(&told, Stage::of(gone));
                self.draft(event, host, From::Backend, payload);
            }
        }
        Ok(())
    }

    /// Tells of what needs nothing looked up. `payload` is made only where it is wanted.
    pub fn plain(&mut self, event: Event, payload: impl FnOnce() -> Value) {
        if self.are_wanted() {
            self.draft(event, None, From::Here, payload());
        }
    }

    /// How many there are, for [`Letters::take_back`].
    #[must_use]
    pub fn len(&self) -> usize {
        self.drafts.len()
    }

    /// There are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.drafts.is_empty()
    }

    /// Forgets all but the first `kept`: what they tell of did not come to pass.
    pub fn take_back(&mut self, kept: usize) {
        self.drafts.truncate(kept);
    }

    fn draft(&mut self, event: Event, home: Option<&str>, from: From, payload: Value) {
        let host = match (from, home) {
            (From::Pool, Some(home)) => home,
            (From::Backend, Some(home)) => home.split('#').next().unwrap_or(home),
            _ => &self.settings.host,
        };
        let publisher_id = format!("{}.{host}", event.publisher);
        self.drafts.push(Draft { by: None, event, publisher_id, payload });
    }

    /// Writes them, in one statement. They are of `now`, a microsecond apart, which keeps them in order.
    ///
    /// # Errors
    /// [`DbError`].
    pub async fn post(self, tx: &mut Tx, by: &By, now: Timestamp) -> Result<(), DbError> {
        if self.drafts.is_empty() {
            return Ok(());
        }
        let (id, context) = by.author(tx).await?;
        let mut all = Vec::with_capacity(self.drafts.len());
        for (draft, at) in self.drafts.into_iter().zip(0..) {
            let (request_id, context) = match draft.by {
                Some(By::Request { id, context }) => (id, context),
                _ => (id.clone(), context.clone()),
            };
            all.push(Notification {
                id: NotificationId::fresh(),
                event_type: draft.event.name.to_owned(),
                priority: draft.event.priority.to_owned(),
                publisher_id: draft.publisher_id,
                request_id,
                context,
                payload: draft.payload,
                created_at: Timestamp::from_micros(now.micros() + at),
            });
        }
        notifications::insert(tx, &all).await
    }
}

/// Of volumes that do not count, which Cinder makes for its own purposes, making and removing are not told.
fn is_told(event: &Event, told: &Told) -> bool {
    let counts = told.row.get("use_quota") != Some(&Value::Bool(false));
    counts || !["volume.create.", "volume.delete."].iter().any(|of| event.name.starts_with(of))
}

impl Stage {
    const fn of(gone: bool) -> Self {
        if gone { Self::Gone } else { Self::There }
    }
}

/// Tells of one volume, in one statement.
///
/// # Errors
/// [`DbError`].
pub async fn tell_of_volume(
    tx: &mut Tx,
    settings: &Settings,
    by: &By,
    (id, from, events): (VolumeId, From, &[Event]),
    now: Timestamp,
) -> Result<(), DbError> {
    let mut letters = Letters::new(settings, now);
    letters.volume(tx, id, from, events).await?;
    letters.post(tx, by, now).await
}

/// Tells of one snapshot from its backend, in one statement.
///
/// # Errors
/// [`DbError`].
pub async fn tell_of_snapshot(
    tx: &mut Tx,
    settings: &Settings,
    by: &By,
    (id, events): (SnapshotId, &[Event]),
    now: Timestamp,
) -> Result<(), DbError> {
    let mut letters = Letters::new(settings, now);
    letters.snapshots(tx, &[id], From::Backend, events).await?;
    letters.post(tx, by, now).await
}

/// An exception as oslo.serialization writes it: `VolumeTypeExists('Volume Type gold already exists.')`.
#[must_use]
pub fn exception(class: &str, text: &str) -> Value {
    format!("{class}({})", payload::quoted(text)).into()
}
