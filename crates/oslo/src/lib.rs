//! Formats of OpenStack's Oslo libraries: the INI dialect of oslo.config and the policy language of oslo.policy.

pub mod ini;
pub mod policy;
