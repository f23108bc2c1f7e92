//! The accounts with which other services are asked.

use ashlar_clients::keystone::{Domain, Interface, Login, Scope, User};
use ashlar_clients::nova::{self, Nova};
use ashlar_clients::{Roots, SetupError, Tls};
use ashlar_types::Clock;

use crate::config::error::ConfigError;
use crate::config::option::Opt;
use crate::config::options::nova as options;
use crate::config::values::Values;

/// Section `[nova]`; `None` without `auth_type`, as in Cinder.
pub(super) fn nova(values: &Values) -> Result<Option<nova::Settings>, ConfigError> {
    if text(values, &options::AUTH_TYPE)?.is_none() {
        return Ok(None);
    }
    let settings = nova::Settings {
        login: login(values)?,
        interface: match values.require(&options::INTERFACE)?.as_str() {
            "admin" => Interface::Admin,
            "internal" => Interface::Internal,
            _ => Interface::Public,
        },
        region: text(values, &options::REGION_NAME)?,
        tls: Tls {
            roots: values.get(&options::CAFILE)?.map_or(Roots::System, Roots::File),
            insecure: values.require(&options::INSECURE)?,
        },
    };
    // What cannot work is found here, where there is a line to point at.
    match Nova::new(settings.clone(), Clock::System) {
        Ok(_) => Ok(Some(settings)),
        Err(error) => {
            let entry = match &error {
                SetupError::Unreadable { .. } | SetupError::NoCertificates { .. } => {
                    &options::CAFILE.entry
                }
                SetupError::BadUrl | SetupError::Tls(_) => &options::AUTH_URL.entry,
            };
            Err(values.refuse(entry, error.to_string()))
        }
    }
}

fn login(values: &Values) -> Result<Login, ConfigError> {
    let user = match text(values, &options::USER_ID)? {
        Some(id) => User::Id(id),
        None => User::Name {
            name: values.require(&options::USERNAME)?,
            domain: domain(values, &options::USER_DOMAIN_ID, &options::USER_DOMAIN_NAME)?,
        },
    };
    let scope = match text(values, &options::PROJECT_ID)? {
        Some(id) => Scope::ProjectId(id),
        None => Scope::Project {
            name: values.require(&options::PROJECT_NAME)?,
            domain: domain(values, &options::PROJECT_DOMAIN_ID, &options::PROJECT_DOMAIN_NAME)?,
        },
    };
    Ok(Login {
        auth_url: values.require(&options::AUTH_URL)?,
        user,
        password: values.require(&options::PASSWORD)?,
        scope,
    })
}

fn domain(values: &Values, id: &Opt<String>, name: &Opt<String>) -> Result<Domain, ConfigError> {
    match text(values, id)? {
        Some(id) => Ok(Domain::Id(id)),
        None => Ok(Domain::Name(values.require(name)?)),
    }
}

/// An empty text stands for none.
fn text(values: &Values, option: &Opt<String>) -> Result<Option<String>, ConfigError> {
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
