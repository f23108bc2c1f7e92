//! What a statement's `?` stands for. Absent values keep their kind, since PostgreSQL must know it.

use std::borrow::Cow;

use ashlar_types::{
    AttachStatus, AttachmentId, BackendName, DecisionId, FlowId, Gib, GroupId, GroupSnapshotId,
    GroupSnapshotStatus, GroupStatus, GroupTypeId, HoldId, ImageId, MessageId, NotificationId,
    PageId, PoolName, QosSpecsId, SnapshotId, SnapshotStatus, Timestamp, TransferId, VolumeId,
    VolumeStatus, VolumeTypeId,
};

/// One bound value.
#[derive(Debug, Clone, PartialEq)]
pub enum Arg<'a> {
    /// A truth.
    Bool(Option<bool>),
    /// A whole number.
    Int(Option<i64>),
    /// A number with a fraction.
    Float(Option<f64>),
    /// A text.
    Text(Option<Cow<'a, str>>),
    /// A moment, in a column of type DATETIME or TIMESTAMP.
    Time(Option<Timestamp>),
}

/// Builds the argument list of a statement: `args![id, "text", size]`.
#[macro_export]
macro_rules! args {
    ($($value:expr),* $(,)?) => { &[$($crate::Arg::from($value)),*][..] };
}

macro_rules! arg_from {
    ($($kind:ty => $variant:ident ($value:ident) $made:expr;)*) => {$(
        impl<'a> From<$kind> for Arg<'a> {
            fn from($value: $kind) -> Self {
                Self::$variant(Some($made))
            }
        }
        impl<'a> From<Option<$kind>> for Arg<'a> {
            fn from(value: Option<$kind>) -> Self {
                Self::$variant(value.map(|$value| $made))
            }
        }
    )*};
}

arg_from! {
    bool => Bool(value) value;
    i64 => Int(value) value;
    i32 => Int(value) i64::from(value);
    u32 => Int(value) i64::from(value);
    u64 => Int(value) i64::try_from(value).unwrap_or(i64::MAX);
    usize => Int(value) i64::try_from(value).unwrap_or(i64::MAX);
    Gib => Int(value) value.signed();
    f64 => Float(value) value;
    Timestamp => Time(value) value;
    String => Text(value) Cow::Owned(value);
    &'a str => Text(value) Cow::Borrowed(value);
    &'a String => Text(value) Cow::Borrowed(value.as_str());
    Cow<'a, str> => Text(value) value;
    &'a PoolName => Text(value) Cow::Borrowed(value.as_str());
    &'a BackendName => Text(value) Cow::Borrowed(value.as_str());
    VolumeStatus => Text(value) Cow::Borrowed(value.as_str());
    SnapshotStatus => Text(value) Cow::Borrowed(value.as_str());
    AttachStatus => Text(value) Cow::Borrowed(value.as_str());
    ImageId => Text(value) Cow::Owned(value.to_string());
    VolumeId => Text(value) Cow::Owned(value.to_string());
    SnapshotId => Text(value) Cow::Owned(value.to_string());
    VolumeTypeId => Text(value) Cow::Owned(value.to_string());
    QosSpecsId => Text(value) Cow::Owned(value.to_string());
    AttachmentId => Text(value) Cow::Owned(value.to_string());
    GroupId => Text(value) Cow::Owned(value.to_string());
    GroupSnapshotId => Text(value) Cow::Owned(value.to_string());
    GroupTypeId => Text(value) Cow::Owned(value.to_string());
    GroupStatus => Text(value) Cow::Borrowed(value.as_str());
    GroupSnapshotStatus => Text(value) Cow::Borrowed(value.as_str());
    TransferId => Text(value) Cow::Owned(value.to_string());
    MessageId => Text(value) Cow::Owned(value.to_string());
    FlowId => Text(value) Cow::Owned(value.to_string());
    HoldId => Text(value) Cow::Owned(value.to_string());
    DecisionId => Text(value) Cow::Owned(value.to_string());
    PageId => Text(value) Cow::Owned(value.to_string());
    NotificationId => Text(value) Cow::Owned(value.to_string());
}

impl<'a> From<&'a Option<String>> for Arg<'a> {
    fn from(value: &'a Option<String>) -> Self {
        Self::Text(value.as_deref().map(Cow::Borrowed))
    }
}

impl<'a> From<&'a Option<PoolName>> for Arg<'a> {
    fn from(value: &'a Option<PoolName>) -> Self {
        Self::Text(value.as_ref().map(|name| Cow::Borrowed(name.as_str())))
    }
}

impl<'a> From<&Arg<'a>> for Arg<'a> {
    fn from(value: &Arg<'a>) -> Self {
        value.clone()
    }
}
