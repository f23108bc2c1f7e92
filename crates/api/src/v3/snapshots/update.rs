//! `PUT /snapshots/{snapshot_id}`: name and description.

use ashlar_db::volumes::TextChange;
use ashlar_db::{DbError, snapshots, transact};
use ashlar_operations::notify::{From, events};

use super::load;
use super::view::Shown;
use crate::answer::Answer;
use crate::endpoint::Outcome;
use crate::letters;
use crate::request::Request;
use crate::v3::volumes::body::text;

/// Changes what users wrote on a snapshot, in any status.
pub(super) async fn update(request: &Request) -> Outcome {
    let db = &request.app.db;
    let snapshot = load::row(request, &mut db.read().await?).await?;
    request.authorize_on(&load::target(&snapshot))?;
    let wish = request.object("snapshot");
    let change = TextChange {
        name: text(wish, ["name", "display_name"]),
        description: text(wish, ["description", "display_description"]),
    };
    let now = db.engine().storable(request.app.clock.now());
    let there: Result<bool, DbError> = transact!(db, tx => async {
            let (mut letters, id) = (letters::new(request, now), [snapshot.id]);
            letters.snapshots(tx, &id, From::Here, &[events::SNAPSHOT_UPDATE_START]).await?;
            let there = snapshots::update_text(tx, snapshot.id, &change, now).await?;
            letters.snapshots(tx, &id, From::Here, &[events::SNAPSHOT_UPDATE_END]).await?;
            letters::post(request, tx, letters, now).await?;
            Ok::<_, DbError>(there)
        }.await);
    if !there? {
        return Err(load::not_found(request));
    }
    let changed = load::detail(request, &mut db.read().await?).await?;
    Ok(Answer::ok(&Shown::plain(request).wrapped(&changed)))
}
