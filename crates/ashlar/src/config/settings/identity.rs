//! `[keystone_authtoken]`: our account at Keystone, and who is let in with which token.

use std::time::Duration;

use ashlar_api::auth::keystone::Rules;
use ashlar_clients::Tls;
use ashlar_clients::keystone::{Keystone, Login, validate};
use ashlar_types::Clock;

use super::neighbours;
use super::read::is_http;
use crate::config::error::ConfigError;
use crate::config::options::identity as options;
use crate::config::values::Values;

/// Our account, and how other people's tokens are validated with it.
#[derive(Debug, Clone)]
pub(crate) struct IdentitySettings {
    /// The account.
    pub(crate) login: Login,
    /// `cafile` and `insecure`.
    pub(crate) tls: Tls,
    /// How tokens are asked about and remembered.
    pub(crate) tokens: validate::Settings,
    /// Who is let in.
    pub(crate) rules: Rules,
}

/// The section; `None` without `auth_type`, which must be there when it is `needed`.
pub(super) fn read(values: &Values, needed: bool) -> Result<Option<IdentitySettings>, ConfigError> {
    let account = &options::ACCOUNT;
    let section = neighbours::text(values, &options::AUTH_SECTION)?;
    if section.is_some() {
        let problem = "is not supported; write the account into [keystone_authtoken]";
        return Err(values.refuse(&options::AUTH_SECTION.entry, problem));
    }
    if neighbours::text(values, &account.auth_type)?.is_none() {
        if needed {
            let problem =
                "is not set; auth_strategy = keystone needs an account (auth_type = password)";
            return Err(values.refuse(&account.auth_type.entry, problem));
        }
        return Ok(None);
    }
    values.require(&options::ENFORCE_TOKEN_BIND)?;
    if values.require(&options::DELAY_AUTH_DECISION)? {
        let problem = "true is not supported: nothing here is for people without a token";
        return Err(values.refuse(&options::DELAY_AUTH_DECISION.entry, problem));
    }
    let login = neighbours::login(values, account)?;
    let tls = neighbours::tls(values, account)?;
    // What cannot work is found here, where there is a line to point at.
    Keystone::new(login.clone(), &tls, Clock::System)
        .map_err(|error| neighbours::unusable(values, account, &error))?;
    let rules = rules(values, &login)?;
    Ok(Some(IdentitySettings { login, tls, tokens: tokens(values)?, rules }))
}

fn tokens(values: &Values) -> Result<validate::Settings, ConfigError> {
    let cache_time = u64::try_from(values.require(&options::TOKEN_CACHE_TIME)?).ok();
    Ok(validate::Settings {
        cache_time: cache_time.filter(|time| *time > 0).map(Duration::from_secs),
        time_out: values.get(&options::HTTP_CONNECT_TIMEOUT)?.map(Duration::from_secs),
        retries: values.require(&options::HTTP_REQUEST_MAX_RETRIES)?,
    })
}

fn rules(values: &Values, login: &Login) -> Result<Rules, ConfigError> {
    let option = &options::WWW_AUTHENTICATE_URI;
    let www_authenticate_uri = match neighbours::text(values, option)? {
        Some(uri) if is_http(&uri) && uri.is_ascii() && !uri.contains('"') => uri,
        Some(_) => {
            let problem = "must be a URL that starts with http:// or https://";
            return Err(values.refuse(&option.entry, problem));
        }
        None => login.shown_url(),
    };
    Ok(Rules {
        www_authenticate_uri,
        service_token_roles: values.require(&options::SERVICE_TOKEN_ROLES)?,
        service_token_roles_required: values.require(&options::SERVICE_TOKEN_ROLES_REQUIRED)?,
        service_type: neighbours::text(values, &options::SERVICE_TYPE)?,
    })
}

#[cfg(test)]
mod tests;
