//! The table `messages`: why an asynchronous operation failed, for the user who asked for it.

use std::time::Duration;

use ashlar_types::{Message, MessageId, Timestamp, UserMessage};

use crate::listing::{self, Filter, Page, columns_of};
use crate::row::Reader;
use crate::{DbError, Tx, args, sql};

columns_of! {
    /// A column of `messages`.
    MessageColumn {
        /// Identity.
        Id = "id" Text,
        /// Project that may read it.
        ProjectId = "project_id" Text,
        /// Request that led to it.
        RequestId = "request_id" Text,
        /// `VOLUME`, `VOLUME_SNAPSHOT`.
        ResourceType = "resource_type" Text,
        /// What it is about.
        ResourceUuid = "resource_uuid" Text,
        /// Action and detail in one.
        EventId = "event_id" Text,
        /// `ERROR`.
        Level = "message_level" Text,
        /// What was being done.
        ActionId = "action_id" Text,
        /// What went wrong.
        DetailId = "detail_id" Text,
        /// When it was made.
        CreatedAt = "created_at" Time,
        /// When it last changed.
        UpdatedAt = "updated_at" Time,
        /// When it may go.
        ExpiresAt = "expires_at" Time,
    }

    const TABLE: &'static str = "messages";
    const ALWAYS: &'static str = "t.deleted = FALSE";
    // Messages have no metadata; the API refuses such a filter.
    const METADATA: (&'static str, &'static str) = ("volume_metadata", "volume_id");
    const MORE_METADATA: Option<(&'static str, &'static str)> = None;
    const IMAGE_METADATA: Option<(&'static str, &'static str)> = None;
    const PLACE: (&'static str, &'static str) = ("", "");
    const PLACE_ALIAS: &'static str = "t";
}

/// Which messages a list is to have.
pub type MessageFilter = Filter<MessageColumn>;
/// Which part of the list, and in which order.
pub type MessagePage = Page<MessageColumn>;

const SELECT: &str = "SELECT t.id, t.project_id, t.message_level, t.request_id, t.resource_type, \
     t.resource_uuid, t.event_id, t.detail_id, t.action_id, t.created_at, t.expires_at FROM \
     messages t";

/// A message to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMessage<'a> {
    /// Project that may read it.
    pub project_id: &'a str,
    /// Request that led to it.
    pub request_id: &'a str,
    /// What it is about: a volume's or snapshot's id.
    pub resource_uuid: &'a str,
    /// Action and detail.
    pub what: UserMessage,
}

/// Stores a message of level `ERROR`, kept for `ttl` (`message_ttl`).
///
/// # Errors
/// [`DbError`].
pub async fn insert(
    tx: &mut Tx,
    message: &NewMessage<'_>,
    now: Timestamp,
    ttl: Duration,
) -> Result<MessageId, DbError> {
    let id = MessageId::random();
    let what = message.what;
    let (action, detail) = (what.action.number(), what.detail.number());
    let subject = what.subject.as_str();
    tx.execute(
        "INSERT INTO messages (created_at, deleted, id, project_id, request_id, resource_type, \
         resource_uuid, event_id, message_level, expires_at, detail_id, action_id) VALUES \
         (?, FALSE, ?, ?, ?, ?, ?, ?, 'ERROR', ?, ?, ?)",
        args![
            now,
            id,
            message.project_id,
            message.request_id,
            subject,
            message.resource_uuid,
            format!("VOLUME_{subject}_{action}_{detail}"),
            now.after(ttl),
            detail,
            action,
        ],
    )
    .await?;
    Ok(id)
}

/// The message, if it is there and of `project` (of any when none).
///
/// # Errors
/// [`DbError`].
pub async fn get(
    tx: &mut Tx,
    id: MessageId,
    project: Option<&str>,
) -> Result<Option<Message>, DbError> {
    let sql = format!("{SELECT} WHERE t.id = ? AND t.deleted = FALSE");
    let found = tx.row(&sql, args![id]).await?.map(|row| read(&mut row.reader())).transpose()?;
    Ok(found.filter(|message| project.is_none_or(|project| message.project_id == project)))
}

/// One page of messages; `None` when the marker is not there.
///
/// # Errors
/// [`DbError`].
pub async fn list(
    tx: &mut Tx,
    filter: &MessageFilter,
    page: &MessagePage,
) -> Result<Option<Vec<Message>>, DbError> {
    let Some(built) = listing::page(tx, SELECT, filter, page).await? else { return Ok(None) };
    let rows = tx.rows(&built.sql, &built.values).await?;
    rows.into_iter().map(|row| read(&mut row.reader())).collect::<Result<_, _>>().map(Some)
}

/// Deletes the message, softly; answers whether it was there.
///
/// # Errors
/// [`DbError`].
pub async fn destroy(tx: &mut Tx, id: MessageId, now: Timestamp) -> Result<bool, DbError> {
    let changed = tx
        .execute(
            "UPDATE messages SET deleted = TRUE, deleted_at = ? WHERE id = ? AND deleted = FALSE",
            args![now, id],
        )
        .await?;
    Ok(changed > 0)
}

/// Removes rows of messages whose time is over, at most `portion`; answers how many.
///
/// # Errors
/// [`DbError`].
pub async fn expire(tx: &mut Tx, now: Timestamp, portion: usize) -> Result<u64, DbError> {
    let which = "SELECT id FROM messages WHERE expires_at < ? ORDER BY expires_at LIMIT ?";
    sql::delete_by_id(tx, "messages", which, args![now, portion]).await
}

fn read(row: &mut Reader) -> Result<Message, DbError> {
    Ok(Message {
        id: row.next()?,
        project_id: row.next()?,
        level: row.next()?,
        request_id: row.next()?,
        resource_type: row.next()?,
        resource_uuid: row.next()?,
        event_id: row.next()?,
        detail_id: row.next()?,
        action_id: row.next()?,
        created_at: row.next::<Option<_>>()?.unwrap_or_default(),
        expires_at: row.next()?,
    })
}
