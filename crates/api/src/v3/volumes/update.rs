//! `PUT /volumes/{volume_id}`: name, description, metadata.

use ashlar_db::metadata::{self, Of};
use ashlar_db::volumes::{self, TextChange};
use ashlar_db::{DbError, Tx, transact};
use ashlar_operations::notify::{From, events};
use ashlar_types::{Metadata, Timestamp, VolumeId, VolumeStatus};

use super::view::Shown;
use super::{body, load};
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::fault::Fault;
use crate::letters;
use crate::request::Request;

/// Changes what users wrote on a volume. A metadata map replaces all that was there.
pub(super) async fn update(request: &Request) -> Outcome {
    let db = &request.app.db;
    let volume = load::row(request, &mut db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    if volume.status == VolumeStatus::Maintenance {
        let reason = "The volume cannot be updated during maintenance.";
        return Err(Fault::invalid_state("volume", reason));
    }
    let wish = request.object("volume");
    let change = Change {
        text: TextChange {
            name: body::text(wish, ["name", "display_name"]),
            description: body::text(wish, ["description", "display_description"]),
        },
        metadata: body::metadata(wish, "metadata"),
    };
    let now = db.engine().storable(request.app.clock.now());
    let there: Result<bool, DbError> = transact!(db, tx => async {
        let mut letters = letters::new(request, now);
        letters.volume(tx, volume.id, From::Here, &[events::UPDATE_START]).await?;
        let there = change.apply(tx, volume.id, now).await?;
        letters.volume(tx, volume.id, From::Here, &[events::UPDATE_END]).await?;
        letters::post(request, tx, letters, now).await?;
        Ok::<_, DbError>(there)
    }.await);
    if !there? {
        return Err(Fault::not_found("Volume", volume.id));
    }
    let changed = load::detail(request, &mut db.read().await?).await?;
    Ok(Answer::ok(&Shown::plain(request).wrapped(&changed)))
}

struct Change<'a> {
    text: TextChange<'a>,
    metadata: Option<Metadata>,
}

impl Change<'_> {
    /// Writes it; answers whether the volume was there.
    async fn apply(&self, tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<bool, DbError> {
        if self.text == TextChange::default() && self.metadata.is_none() {
            return Ok(volumes::get(tx, id).await?.is_some());
        }
        if !volumes::update_text(tx, id, &self.text, now).await? {
            return Ok(false);
        }
        if let Some(pairs) = &self.metadata {
            metadata::replace(tx, Of::Volume(id), pairs, now).await?;
        }
        Ok(true)
    }
}
