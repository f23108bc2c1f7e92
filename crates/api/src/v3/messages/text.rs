//! What a message says: the texts behind the numbers of actions and details.
//!
//! All of Cinder's numbers are here, also those that nothing of ours writes yet: its rows stay readable.

/// Actions from 001 on.
const ACTIONS: [&str; 16] = [
    "schedule allocate volume",
    "attach volume",
    "copy volume to image",
    "update attachment",
    "copy image to volume",
    "unmanage volume",
    "extend volume",
    "create volume from backend storage",
    "create snapshot",
    "delete snapshot",
    "update snapshot",
    "update snapshot metadata",
    "create backup",
    "delete backup",
    "restore backup",
    "reimage volume",
];

/// Details from 001 on.
const DETAILS: [&str; 30] = [
    "Something unforeseen went wrong.",
    "The backend's driver is not ready at present.",
    "No backend is available that has room and fits the request.",
    "The backend could not upload the volume to the image.",
    "The attach mode does not fit the volume.",
    "The quota does not allow the operation.",
    "The image that the volume is made from needs more space than there is.",
    "An encrypted volume cannot be unmanaged.",
    "The compute service could not extend the volume.",
    "The backend's driver could not extend the volume.",
    "The digest or the signature of the image is not the right one.",
    "The backend's driver could not create the volume.",
    "The snapshot could not be created.",
    "The metadata of the volume's snapshot could not be updated.",
    "The snapshot is in use at present.",
    "The snapshot could not be deleted.",
    "The backup is not in a status that allows the operation.",
    "The backup service is not running.",
    "The volume service gave no device to back up from.",
    "The backup driver could not create the backup.",
    "The volume could not be attached.",
    "The volume could not be detached.",
    "A temporary volume or snapshot could not be removed.",
    "The backup could not be scheduled: no backup service was found.",
    "The backup driver could not delete the backup.",
    "The backup driver could not restore the backup.",
    "The volume is not in a status that allows the operation.",
    "The compute service could not reimage the volume.",
    "The image is not acceptable: it is not what it is declared to be, refers to other files, or is damaged.",
    "No incremental backup is possible here, so a full one is made.",
];

/// `ACTION:DETAIL`, without a blank between, as in Cinder. A number that is not known is an unknown action, or
/// the unforeseen.
#[must_use]
pub fn user_message(action: Option<&str>, detail: Option<&str>) -> String {
    let action = numbered(&ACTIONS, action).unwrap_or("unknown action");
    let detail = numbered(&DETAILS, detail).unwrap_or(DETAILS[0]);
    format!("{action}:{detail}")
}

fn numbered(texts: &[&'static str], number: Option<&str>) -> Option<&'static str> {
    let place = number?.parse::<usize>().ok()?.checked_sub(1)?;
    texts.get(place).copied()
}

#[cfg(test)]
mod tests {
    use ashlar_types::message::{Action, Detail};

    use super::*;

    #[test]
    fn every_number_of_ours_has_its_text() {
        let shown = |action: Action, detail: Detail| {
            user_message(Some(action.number()), Some(detail.number()))
        };
        assert_eq!(
            shown(Action::ScheduleAllocateVolume, Detail::NoValidBackend),
            "schedule allocate volume:No backend is available that has room and fits the request."
        );
        assert_eq!(
            shown(Action::ExtendVolume, Detail::DriverFailedExtend),
            "extend volume:The backend's driver could not extend the volume."
        );
        assert_eq!(
            shown(Action::CreateVolumeFromBackend, Detail::DriverFailedCreate),
            "create volume from backend storage:The backend's driver could not create the volume."
        );
        assert_eq!(
            shown(Action::SnapshotDelete, Detail::SnapshotIsBusy),
            "delete snapshot:The snapshot is in use at present."
        );
    }

    #[test]
    fn an_unknown_number_says_so() {
        for (action, detail) in [(None, None), (Some("000"), Some("031")), (Some("x"), Some(""))] {
            let text = user_message(action, detail);
            assert_eq!(text, "unknown action:Something unforeseen went wrong.");
        }
    }
}
