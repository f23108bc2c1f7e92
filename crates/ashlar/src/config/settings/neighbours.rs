//! The accounts with which other services are asked.

use ashlar_clients::keystone::{Domain, Interface, Login, Scope, User};
use ashlar_clients::nova::{self, Nova};
use ashlar_clients::{Roots, SetupError, Tls};
use ashlar_types::Clock;

use crate::config::error::ConfigError;
use crate::config::option::Opt;
use crate::config::options::account::Account;
use crate::config::options::nova as options;
use crate::config::values::Values;

/// Section `[nova]`; `None` without `auth_type`, as in Cinder.
pub(super) fn nova(values: &Values) -> Result<Option<nova::Settings>, ConfigError> {
    let account = &options::ACCOUNT;
    if text(values, &account.auth_type)?.is_none() {
        return Ok(None);
    }
    let settings = nova::Settings {
        login: login(values, account)?,
        interface: match values.require(&options::INTERFACE)?.as_str() {
            "admin" => Interface::Admin,
            "internal" => Interface::Internal,
            _ => Interface::Public,
        },
        region: text(values, &options::REGION_NAME)?,
        tls: tls(values, account)?,
    };
    // What cannot work is found here, where there is a line to point at.
    match Nova::new(settings.clone(), Clock::System) {
        Ok(_) => Ok(Some(settings)),
        Err(error) => Err(unusable(values, account, &error)),
    }
}

/// Whom to trust.
pub(super) fn tls(values: &Values, account: &Account) -> Result<Tls, ConfigError> {
    Ok(Tls {
        roots: values.get(&account.cafile)?.map_or(Roots::System, Roots::File),
        insecure: values.require(&account.insecure)?,
    })
}

/// An account from which no client can be made, at the line that is to blame.
pub(super) fn unusable(values: &Values, account: &Account, error: &SetupError) -> ConfigError {
    let entry = match error {
        SetupError::Unreadable { .. } | SetupError::NoCertificates { .. } => &account.cafile.entry,
        _ => &account.auth_url.entry,
    };
    values.refuse(entry, error.to_string())
}

/// Who logs in, where and for what.
pub(super) fn login(values: &Values, account: &Account) -> Result<Login, ConfigError> {
    let domain = |id, name| domain(values, account, id, name);
    let user = match text(values, &account.user_id)? {
        Some(id) => User::Id(id),
        None => User::Name {
            name: values.require(&account.username)?,
            domain: domain(&account.user_domain_id, &account.user_domain_name)?,
        },
    };
    let scope = match text(values, &account.project_id)? {
        Some(id) => Scope::ProjectId(id),
        None => Scope::Project {
            name: values.require(&account.project_name)?,
            domain: domain(&account.project_domain_id, &account.project_domain_name)?,
        },
    };
    Ok(Login {
        auth_url: values.require(&account.auth_url)?,
        user,
        password: values.require(&account.password)?,
        scope,
    })
}

fn domain(
    values: &Values,
    account: &Account,
    id: &Opt<String>,
    name: &Opt<String>,
) -> Result<Domain, ConfigError> {
    for (id, name) in [(id, name), (&account.default_domain_id, &account.default_domain_name)] {
        if let Some(id) = text(values, id)? {
            return Ok(Domain::Id(id));
        }
        if let Some(name) = text(values, name)? {
            return Ok(Domain::Name(name));
        }
    }
    Err(values.refuse(&name.entry, "is not set"))
}

/// An empty text stands for none.
pub(super) fn text(values: &Values, option: &Opt<String>) -> Result<Option<String>, ConfigError> {
    Ok(values.get(option)?.filter(|text| !text.is_empty()))
}

#[cfg(test)]
mod tests {
    use crate::config::testing::{loaded, refused};

    const ACCOUNT: &str = "[nova]\nauth_type = password\nauth_url = http://keystone:5000\n\
        username = cinder\nuser_domain_name = Default\npassword = s3cr$$et\n\
        project_name = service\nproject_domain_id = default\n";

    #[test]
    fn an_account_is_used_when_it_says_how_to_log_in() {
        assert!(loaded("[nova]\nauth_url = http://keystone\n").settings.nova.is_none());
        let settings =
            loaded(&format!("{ACCOUNT}region_name = one\ninterface = internal\n")).settings;
        let nova = settings.nova.as_ref().expect("an account");
        assert_eq!(nova.region.as_deref(), Some("one"));
        let shown = format!("{settings:?}");
        assert!(shown.contains("cinder") && !shown.contains("s3cr"), "{shown}");
    }

    #[test]
    fn what_is_missing_or_wrong_is_one_line_with_its_place() {
        for (changed, to, line) in [
            ("password = s3cr$$et\n", "", "1: [nova] password: is not set"),
            ("user_domain_name = Default\n", "", "1: [nova] user_domain_name: is not set"),
            (
                "auth_url = http://",
                "auth_url = ",
                "3: [nova] auth_url: must be a URL that starts with http:// or https://",
            ),
            (
                "auth_type = password",
                "auth_type = v3kerberos",
                "2: [nova] auth_type: 'v3kerberos' is not one of: password, v3password",
            ),
        ] {
            let text = ACCOUNT.replace(changed, to);
            assert_eq!(refused(&text), format!("cinder.conf:{line}"));
        }
        let line = refused(&format!("{ACCOUNT}cafile = no/such.pem\n"));
        assert!(
            line.starts_with("cinder.conf:9: [nova] cafile: no/such.pem cannot be read: "),
            "{line}"
        );
    }
}
