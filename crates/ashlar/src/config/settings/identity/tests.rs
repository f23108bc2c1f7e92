//! The section as operators write it, and what is refused in it.

use std::time::Duration;

use crate::config::settings::AuthStrategy;
use crate::config::testing::{loaded, refused};

/// As installation guides have it.
const GUIDE: &str = "[DEFAULT]\nauth_strategy = keystone\n\
    [keystone_authtoken]\n\
    www_authenticate_uri = http://controller:5000\n\
    auth_url = http://controller:5000\n\
    memcached_servers = controller:11211\n\
    auth_type = password\n\
    project_domain_name = default\n\
    user_domain_name = default\n\
    project_name = service\n\
    username = cinder\n\
    password = s3cr$$et\n";

#[test]
fn the_section_of_the_installation_guides_is_taken_as_it_is() {
    let settings = loaded(GUIDE).settings;
    assert_eq!(settings.api.auth, AuthStrategy::Keystone);
    let identity = settings.identity.as_ref().expect("an account");
    assert_eq!(identity.tokens.cache_time, Some(Duration::from_secs(300)));
    assert_eq!((identity.tokens.time_out, identity.tokens.retries), (None, 3));
    assert_eq!(identity.rules.www_authenticate_uri, "http://controller:5000");
    assert_eq!(identity.rules.service_token_roles, ["service"]);
    assert!(identity.rules.service_token_roles_required);
    let shown = format!("{settings:?}");
    assert!(shown.contains("cinder") && !shown.contains("s3cr"), "{shown}");
}

#[test]
fn the_account_is_there_for_others_when_tokens_are_not_validated() {
    let text = GUIDE.replace("auth_strategy = keystone\n", "");
    let settings = loaded(&text).settings;
    assert_eq!(settings.api.auth, AuthStrategy::Noauth);
    assert!(settings.identity.is_some());
    assert!(loaded("[keystone_authtoken]\nauth_url = x\n").settings.identity.is_none());
}

#[test]
fn older_names_and_one_domain_for_both_are_taken() {
    let text = GUIDE
        .replace("www_authenticate_uri", "auth_uri")
        .replace("user_domain_name = default\n", "default_domain_id = default\n")
        .replace("project_domain_name = default\n", "")
        .replace("username", "user_name");
    let identity = loaded(&text).settings.identity.expect("an account");
    assert_eq!(identity.rules.www_authenticate_uri, "http://controller:5000");
    let shown = format!("{:?}", identity.login);
    assert_eq!(shown.matches("Id(\"default\")").count(), 2, "{shown}");
}

#[test]
fn clients_are_told_the_login_url_without_its_password_when_there_is_no_other() {
    let text = GUIDE
        .replace("www_authenticate_uri = http://controller:5000\n", "")
        .replace("auth_url = http://", "auth_url = http://me:hidden@");
    let identity = loaded(&text).settings.identity.expect("an account");
    assert_eq!(identity.rules.www_authenticate_uri, "http://controller:5000/");
}

#[test]
fn a_cache_time_of_nothing_or_less_is_none() {
    for time in ["-1", "0"] {
        let identity = loaded(&format!("{GUIDE}token_cache_time = {time}\n")).settings.identity;
        assert_eq!(identity.expect("an account").tokens.cache_time, None);
    }
}

#[test]
fn what_is_missing_or_wrong_is_one_line_with_its_place() {
    for (changed, to, line) in [
        (
            "auth_type = password\n",
            "",
            "3: [keystone_authtoken] auth_type: is not set; auth_strategy = keystone needs an account \
             (auth_type = password)",
        ),
        (
            "auth_type = password",
            "auth_type = v3kerberos",
            "7: [keystone_authtoken] auth_type: 'v3kerberos' is not one of: password, v3password",
        ),
        ("password = s3cr$$et\n", "", "3: [keystone_authtoken] password: is not set"),
        (
            "user_domain_name = default\n",
            "",
            "3: [keystone_authtoken] user_domain_name: is not set",
        ),
        (
            "\nauth_url = http://",
            "\nauth_url = ",
            "5: [keystone_authtoken] auth_url: must be a URL that starts with http:// or https://",
        ),
        (
            "uri = http://controller",
            "uri = \"http://\"",
            "4: [keystone_authtoken] www_authenticate_uri: must be a URL that starts with http:// or https://",
        ),
        (
            "memcached_servers = controller:11211",
            "delay_auth_decision = true",
            "6: [keystone_authtoken] delay_auth_decision: true is not supported: nothing here is for people \
             without a token",
        ),
        (
            "memcached_servers = controller:11211",
            "enforce_token_bind = strict",
            "6: [keystone_authtoken] enforce_token_bind: 'strict' is not one of: permissive, disabled",
        ),
        (
            "memcached_servers = controller:11211",
            "auth_section = service_user",
            "6: [keystone_authtoken] auth_section: is not supported; write the account into \
             [keystone_authtoken]",
        ),
        (
            "memcached_servers = controller:11211",
            "token_cache_time = soon",
            "6: [keystone_authtoken] token_cache_time: 'soon' is not a whole number from -1",
        ),
    ] {
        assert_eq!(refused(&GUIDE.replace(changed, to)), format!("cinder.conf:{line}"));
    }
    let line = refused("[DEFAULT]\nauth_strategy = keystone\n");
    assert!(line.contains("[keystone_authtoken] auth_type: is not set; auth_strategy"), "{line}");
}
