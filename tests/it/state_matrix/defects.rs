//! Rows in which Cinder is not followed: what it accepts there is refused here, and changes nothing.

use super::matrix::Row;

/// Rows of one kind.
pub(super) struct Defect {
    pub(super) resources: &'static [&'static str],
    pub(super) operation: &'static str,
    /// Statuses before; every one when there is none.
    before: &'static [&'static str],
    /// How it is refused.
    code: u16,
}

const GOING: &[&str] = &["deleting", "error_deleting", "error_managing_deleting"];

/// All of them.
pub(super) const ALL: &[Defect] = &[
    // Cinder's API looks at nothing but maintenance. Its service, which was stubbed, refuses this one as we do.
    // While it is being detached, a server still has it.
    Defect {
        resources: &["volume"],
        operation: "os-attach",
        before: &["in-use", "detaching"],
        code: 400,
    },
    // A host would be given a volume that is being taken from under it.
    Defect { resources: &["volume"], operation: "os-attach", before: GOING, code: 400 },
    Defect {
        resources: &["volume"],
        operation: "os-initialize_connection",
        before: GOING,
        code: 400,
    },
    Defect {
        resources: &["attachment vol=deleting"],
        operation: "PUT connector",
        before: &[],
        code: 409,
    },
    // Completing works from any status of attachment and volume, and makes a volume that is being deleted one that is in
    // use.
    Defect {
        resources: &["attachment"],
        operation: "os-complete",
        before: &["detached", "deleted", "error_attaching", "error_detaching"],
        code: 400,
    },
    Defect {
        resources: &[
            "attachment vol=deleting",
            "attachment vol=error",
            "attachment vol=error_deleting",
            "attachment vol=maintenance",
        ],
        operation: "os-complete",
        before: &[],
        code: 400,
    },
];

/// What goes on with a volume, and ends by itself, is not over because a server uses it: Cinder makes it `in-use`, so that
/// a second extend may begin beside the first. Here the volume's status stays. The row's end as it is here.
pub(super) fn kept(row: &Row) -> Option<String> {
    const GOES_ON: [&str; 6] = [
        "attachment vol=awaiting-transfer",
        "attachment vol=backing-up",
        "attachment vol=creating",
        "attachment vol=downloading",
        "attachment vol=extending",
        "attachment vol=retyping",
    ];
    let volume = row.attachments_volume()?;
    let goes_on = row.operation == "os-complete" && GOES_ON.contains(&row.resource);
    goes_on.then(|| format!("attached/{volume}"))
}

/// How the row is refused here, when it is a defect of Cinder's that it is not.
pub(super) fn refused(row: &Row) -> Option<u16> {
    let found = ALL.iter().find(|defect| {
        defect.resources.contains(&row.resource)
            && defect.operation == row.operation
            && (defect.before.is_empty() || defect.before.contains(&row.before))
    });
    found.map(|defect| defect.code)
}
