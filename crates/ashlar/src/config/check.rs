//! What in the files has no effect, or not the one that was meant. Nothing here stops a start.

use std::collections::BTreeSet;
use std::fmt;

use ashlar_drivers::Settings as Driver;
use ashlar_drivers::export::ExportSettings;
use ashlar_drivers::file::FileSettings;

use super::error::Origin;
use super::ini::{Assignment, IniFile};
use super::option::BACKEND;
use super::settings::{AuthStrategy, BackendSettings};
use super::sources::same_section;
use super::{Loaded, exposure, options};

/// One remark about the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Notice {
    origin: Origin,
    section: String,
    option: Option<String>,
    text: String,
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: [{}] ", self.origin, self.section)?;
        if let Some(option) = &self.option {
            write!(f, "{option}: ")?;
        }
        f.write_str(&self.text)
    }
}

/// All remarks, in the order of the files.
pub(crate) fn notices(loaded: &Loaded) -> Vec<Notice> {
    let mut notices = Vec::new();
    for file in &loaded.values.sources.files {
        let mut seen = BTreeSet::new();
        for (section, line) in &file.sections {
            if let Some(text) = section_notice(loaded, file, section)
                && seen.insert(section)
            {
                let origin = Origin::File { path: file.path.clone(), line: *line };
                notices.push(Notice { origin, section: section.clone(), option: None, text });
            }
        }
        notices.extend(file.assignments.iter().filter_map(|a| option_notice(loaded, file, a)));
    }
    let api = &options::api::OSAPI_VOLUME_LISTEN.entry;
    if let Some(text) = exposure::danger(&loaded.settings.api) {
        notices.push(Notice {
            origin: loaded.values.origin(api),
            section: api.section.to_owned(),
            option: Some(api.name.to_owned()),
            text,
        });
    }
    notices.extend(open_to_all(loaded));
    notices.extend(loaded.settings.backends.iter().filter_map(|backend| deaf(loaded, backend)));
    notices
}

/// There is an account for Keystone, and yet nobody is asked who they are: Cinder's default is the other.
fn open_to_all(loaded: &Loaded) -> Option<Notice> {
    let unguarded = loaded.settings.api.auth == AuthStrategy::Noauth;
    let entry = &options::api::AUTH_STRATEGY.entry;
    (unguarded && loaded.settings.identity.is_some()).then(|| Notice {
        origin: loaded.values.origin(entry),
        section: entry.section.to_owned(),
        option: Some(entry.name.to_owned()),
        text: "is noauth, so whoever reaches the API is an administrator although [keystone_authtoken] has an \
               account; Cinder's default is keystone, which must be written here"
            .to_owned(),
    })
}

/// Volumes are to be exported by a tgtd that is not there.
fn deaf(loaded: &Loaded, backend: &BackendSettings) -> Option<Notice> {
    let Driver::File(FileSettings { export: ExportSettings::Tgt(tgt), .. }) = &backend.settings
    else {
        return None;
    };
    let socket = tgt.socket_file();
    if socket.exists() {
        return None;
    }
    let entry = &options::backend::TARGET_HELPER.entry;
    Some(Notice {
        origin: loaded.values.origin_in(&backend.section, entry),
        section: backend.section.clone(),
        option: Some(entry.name.to_owned()),
        text: format!(
            "tgtd has no socket {}; is tgt installed and running, and tgt_ipc_socket what its TGT_IPC_SOCKET is?",
            socket.display()
        ),
    })
}

fn is_backend(loaded: &Loaded, section: &str) -> bool {
    let enabled = &loaded.settings.backends;
    same_section(section, BACKEND) || enabled.iter().any(|b| same_section(&b.section, section))
}

fn is_known(loaded: &Loaded, section: &str) -> bool {
    is_backend(loaded, section) || options::all().any(|entry| same_section(entry.section, section))
}

fn section_notice(loaded: &Loaded, file: &IniFile, section: &str) -> Option<String> {
    if is_known(loaded, section) {
        return None;
    }
    if section.eq_ignore_ascii_case("DEFAULT") {
        return Some("is not read; write [DEFAULT] in capitals".to_owned());
    }
    let describes_backend = file
        .assignments
        .iter()
        .any(|a| a.option == "volume_driver" && same_section(&a.section, section));
    Some(match describes_backend {
        true => "is not used: enabled_backends does not name it".to_owned(),
        false => "is not used by Ashlar".to_owned(),
    })
}

fn option_notice(loaded: &Loaded, file: &IniFile, assignment: &Assignment) -> Option<Notice> {
    let Assignment { section, option, line, .. } = assignment;
    if !is_known(loaded, section) {
        return None;
    }
    let backend = is_backend(loaded, section);
    let text = match options::find(section, option, backend) {
        Some(entry) if entry.name == option => return None,
        Some(entry) => format!("is the old name of [{}] {}", entry.section, entry.name),
        None if options::find(section, option, true).is_some() => {
            format!("is read from the sections of backends and from [{BACKEND}] only, as in Cinder")
        }
        None => match resembling(section, option, backend) {
            Some(name) => format!("is not used by Ashlar; is {name} meant?"),
            None => "is not used by Ashlar".to_owned(),
        },
    };
    Some(Notice {
        origin: Origin::File { path: file.path.clone(), line: *line },
        section: section.clone(),
        option: Some(option.clone()),
        text,
    })
}

/// An option of that section whose name is at most two letters away.
fn resembling(section: &str, name: &str, backend: bool) -> Option<&'static str> {
    options::all()
        .filter(|e| same_section(e.section, section) || (backend && e.section == BACKEND))
        .map(|entry| (distance(entry.name, name), entry.name))
        .filter(|(distance, _)| *distance <= 2)
        .min()
        .map(|(_, name)| name)
}

/// Letters to add, remove or replace to get from one name to the other.
fn distance(one: &str, other: &str) -> usize {
    let other = other.as_bytes();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::super::testing::loaded;
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        notices(&loaded(text)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_not_used_is_listed_and_values_are_not_shown() {
        let text = "[DEFAULT]\nenabled_backend = x\nosapi_volume_workers = 2\nlogfile = a.log\n\
                    [keystone_authtoken]\npassword = s3cret\nmemcached_servers = s3cret\n";
        assert_eq!(
            lines(text),
            [
                "cinder.conf:2: [DEFAULT] enabled_backend: is not used by Ashlar; is enabled_backends meant?",
                "cinder.conf:3: [DEFAULT] osapi_volume_workers: is not used by Ashlar",
                "cinder.conf:4: [DEFAULT] logfile: is the old name of [DEFAULT] log_file",
                "cinder.conf:7: [keystone_authtoken] memcached_servers: is not used by Ashlar",
            ]
        );
    }

    #[test]
    fn an_account_for_keystone_that_guards_nothing_is_told() {
        let account = "[keystone_authtoken]\nauth_type = password\nauth_url = http://k\nusername = u\n\
                       user_domain_id = d\npassword = p\nproject_name = s\nproject_domain_id = d\n";
        let told = |strategy: &str| lines(&format!("{account}[DEFAULT]\n{strategy}"));
        let [line] = told("").try_into().expect("one line");
        assert!(line.contains("auth_strategy: is noauth, so whoever reaches the API"), "{line}");
        assert!(told("auth_strategy = keystone\n").is_empty());
    }

    #[test]
    fn a_section_in_the_wrong_case_and_a_backend_left_out_are_told_apart() {
        assert_eq!(
            lines("[default]\ndebug = true\n[lvm1]\nvolume_driver = file\n"),
            [
                "cinder.conf:1: [default] is not read; write [DEFAULT] in capitals",
                "cinder.conf:3: [lvm1] is not used: enabled_backends does not name it",
            ]
        );
    }

    #[test]
    fn a_backends_option_in_default_is_pointed_to_its_place() {
        assert_eq!(
            lines("[DEFAULT]\nreserved_percentage = 5\n"),
            [
                "cinder.conf:2: [DEFAULT] reserved_percentage: is read from the sections of backends and from \
              [backend_defaults] only, as in Cinder"
            ]
        );
    }

    #[test]
    fn an_open_api_without_authentication_is_remarked() {
        let lines = lines("[DEFAULT]\nosapi_volume_listen = 0.0.0.0\n");
        assert_eq!(lines.len(), 1);
        assert!(
            lines[0].starts_with("cinder.conf:2: [DEFAULT] osapi_volume_listen: 0.0.0.0 can be")
        );
    }

    #[test]
    fn a_tgtd_that_is_not_there_is_remarked() {
        assert_eq!(
            lines(
                "[DEFAULT]\nenabled_backends = a\n[a]\nvolume_driver = file\ntarget_helper = tgtadm\n\
                 tgt_ipc_socket = no/such\n"
            ),
            [
                "cinder.conf:5: [a] target_helper: tgtd has no socket no/such.0; is tgt installed and running, and \
              tgt_ipc_socket what its TGT_IPC_SOCKET is?"
            ]
        );
    }

    #[test]
    fn a_good_file_has_no_remarks() {
        assert!(
            lines("[DEFAULT]\ndebug = yes\nenabled_backends = a\n[a]\nvolume_driver = sim\n")
                .is_empty()
        );
    }
}
