//! What can go wrong with a conversion, in words for users.

/// The meanings that a failed conversion can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// More output than the limit allows.
    TooBig,
    /// The file system of the target is full.
    NoSpace,
    /// It took longer on the clock than allowed.
    TimedOut,
    /// It used more CPU time than allowed.
    CpuTime,
    /// It wanted more memory than allowed.
    Memory,
    /// `qemu-img` does not take it for what it was inspected to be, or cannot read it.
    Malformed,
    /// `qemu-img` or `prlimit` is not installed.
    Missing,
    /// Anything else: it could not be started or awaited.
    Failed,
}

/// A conversion failed. The text is for users; the cause is for the log and never holds what the program wrote.
#[derive(Debug, thiserror::Error)]
#[error("{}", kind.text())]
pub struct ConvertError {
    /// What it means.
    pub kind: Kind,
    /// The private cause.
    #[source]
    pub source: Option<std::io::Error>,
}

impl Kind {
    fn text(self) -> &'static str {
        match self {
            Self::TooBig => "the converted image is larger than allowed",
            Self::NoSpace => "no space is left for the converted image",
            Self::TimedOut => "converting the image took too long",
            Self::CpuTime => "converting the image took too much CPU time",
            Self::Memory => "converting the image took too much memory",
            Self::Malformed => "the image is damaged, or not what it is declared to be",
            Self::Missing => "qemu-img or prlimit is not installed",
            Self::Failed => "converting the image failed",
        }
    }
}

impl ConvertError {
    /// A failure without a deeper cause.
    pub(super) fn new(kind: Kind) -> Self {
        Self { kind, source: None }
    }

    /// A failure with its cause.
    pub(super) fn caused(kind: Kind, source: std::io::Error) -> Self {
        Self { kind, source: Some(source) }
    }
}
