//! Telling the user why an operation failed: a message in the table that the API shows.

use ashlar_db::{Tx, messages};
use ashlar_flow::TaskError;
use ashlar_flow::record::Failure;
use ashlar_types::{Timestamp, UserMessage};

use crate::Settings;
use crate::classify::database;

/// Whom to tell, and what it is about.
pub(crate) struct About<'a> {
    /// The project that may read it.
    pub project_id: &'a str,
    /// The request that asked.
    pub request_id: &'a str,
    /// The volume or snapshot.
    pub resource_id: String,
}

/// Stores the failure's message, or `otherwise` when it brought none.
pub(crate) async fn failure(
    tx: &mut Tx,
    settings: &Settings,
    about: &About<'_>,
    (failure, otherwise): (&Failure, UserMessage),
    now: Timestamp,
) -> Result<(), TaskError> {
    let told = messages::NewMessage {
        project_id: about.project_id,
        request_id: about.request_id,
        resource_uuid: &about.resource_id,
        what: failure.message.unwrap_or(otherwise),
    };
    messages::insert(tx, &told, now, settings.message_ttl).await.map_err(database)?;
    Ok(())
}
