//! `os-reset_status`: an administrator sets statuses by hand, without regard to what goes on.

use ashlar_db::volumes::{self, Reset};
use ashlar_db::{Tx, attachments, transact};
use ashlar_operations::notify::{From, events};
use ashlar_types::{AttachStatus, Timestamp, Volume, VolumeId, VolumeStatus};
use http::StatusCode;
use serde_json::{Value, json};

use crate::answer::Answer;
use crate::body::{Body, pieces};
use crate::endpoint::Outcome;
use crate::fault::{Fault, TxFault};
use crate::letters;
use crate::request::Request;
use crate::v3::volumes::load;

const ACTION: &str = "os-reset_status";

pub(super) static BODY: Body = Body::new(&[(0, || {
    let status = |check: &str| json!({ "type": ["string", "null"], "check": check });
    let properties = json!({
        "status": status("volume_status"),
        "attach_status": status("volume_attach_status"),
        "migration_status": status("volume_migration_status"),
    });
    let mut inner = pieces::object(properties, &[]);
    inner["check"] = json!("volume_reset");
    pieces::wrapped(ACTION, inner)
})]);

/// Sets what the body names.
pub(super) async fn reset_status(request: &Request) -> Outcome {
    let db = &request.app.db;
    let volume = load::row_by_own_rule(request, &mut db.read().await?).await?;
    request.authorize_on(&load::target(&volume))?;
    let wish = Wish::read(request)?;
    let now = db.engine().storable(request.app.clock.now());
    let done: Result<(), TxFault> = transact!(db, tx => async {
        let mut letters = letters::new(request, now);
        letters.volume(tx, volume.id, From::Here, &[events::RESET_STATUS_START]).await?;
        wish.apply(tx, volume.id, now).await?;
        letters.volume(tx, volume.id, From::Here, &[events::RESET_STATUS_END]).await?;
        Ok::<_, TxFault>(letters::post(request, tx, letters, now).await?)
    }.await);
    done?;
    Ok(Answer::empty(StatusCode::ACCEPTED))
}

struct Wish {
    status: Option<VolumeStatus>,
    attach_status: Option<AttachStatus>,
    /// Inner `None` is null in the table.
    migration_status: Option<Option<String>>,
}

impl Wish {
    /// The schema has checked the words; case does not count, an empty word is none.
    fn read(request: &Request) -> Result<Self, Fault> {
        let word = |key: &str| {
            let text = request.object(ACTION).get(key).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_lowercase)
        };
        let status = word("status").map(|word| word.parse()).transpose();
        let attach_status = word("attach_status").map(|word| word.parse()).transpose();
        Ok(Self {
            status: status.map_err(|_| Fault::malformed_body())?,
            attach_status: attach_status.map_err(|_| Fault::malformed_body())?,
            migration_status: word("migration_status")
                .map(|word| Some(word).filter(|word| word != "none")),
        })
    }

    async fn apply(&self, tx: &mut Tx, id: VolumeId, now: Timestamp) -> Result<(), TxFault> {
        let Some(volume) = volumes::get_for_update(tx, id).await? else {
            return Err(Fault::not_found("Volume", id).into());
        };
        self.check(tx, id).await?;
        let mut reset = Reset {
            status: self.status,
            attach_status: self.attach_status,
            migration_status: self.migration_status.as_ref().map(Option::as_deref),
        };
        if self.attach_status == Some(AttachStatus::Detached)
            && attachments::detach_all(tx, id, now).await? > 0
        {
            // No host is to have it any more; the backend is told at its next look after what it offers.
            volumes::owe_withdrawal(tx, id, now).await?;
            if self.is_free_afterwards(&volume) {
                reset.status = reset.status.or(Some(VolumeStatus::Available));
            }
        }
        volumes::reset(tx, id, &reset, now).await?;
        Ok(())
    }

    /// Two statuses cannot be set by hand: one would look like a removal that nobody carries out, the
    /// other like an attachment that is not there. Cinder means to refuse `error_deleting` and `detaching` too, but
    /// does not, and clients may rely on it.
    async fn check(&self, tx: &mut Tx, id: VolumeId) -> Result<(), TxFault> {
        match self.status {
            Some(VolumeStatus::Deleting) => {
                Err(Fault::bad_request("Cannot reset-state to deleting").into())
            }
            Some(VolumeStatus::InUse) if attachments::of_volume(tx, id).await?.is_empty() => {
                Err(Fault::bad_request(
                    "Cannot reset-state to in-use because volume does not have any attachments.",
                )
                .into())
            }
            _ => Ok(()),
        }
    }

    /// A volume that loses its last attachment becomes available, unless a migration or an upload is
    /// under way that will set its status itself.
    fn is_free_afterwards(&self, volume: &Volume) -> bool {
        let migration = match &self.migration_status {
            Some(wanted) => wanted.as_deref(),
            None => volume.migration_status.as_deref(),
        };
        matches!(migration, None | Some("success" | "error"))
            && volume.status != VolumeStatus::Uploading
    }
}
