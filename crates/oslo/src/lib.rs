//! Formats of OpenStack's Oslo libraries: the INI dialect of oslo.config, the policy language of oslo.policy and the
//! transport URLs of oslo.messaging.

pub mod ini;
pub mod policy;
pub mod transport_url;
