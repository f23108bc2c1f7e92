//! The attach statuses, of a volume and of a single attachment alike.

use super::statuses;

statuses! {
    /// How far an attachment has come.
    AttachStatus("attach") {
        /// A server has it.
        Attached = "attached",
        /// Being connected.
        Attaching = "attaching",
        /// Nobody has it.
        Detached = "detached",
        /// Promised.
        Reserved = "reserved",
        /// It could not be connected.
        ErrorAttaching = "error_attaching",
        /// It could not be disconnected.
        ErrorDetaching = "error_detaching",
        /// Gone; kept as a row.
        Deleted = "deleted",
    }
}
