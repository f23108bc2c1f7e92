//! How the volumes of the `file` driver are exported: `target_helper` and what goes with it.

use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::path::Path;

use ashlar_drivers::export::{ExportSettings, LocalSettings, TgtSettings};

use crate::config::error::ConfigError;
use crate::config::options::{backend, service};
use crate::config::values::Values;

/// Longest list of addresses that the tables can keep.
const MOST_ADDRESSES: usize = 4;

/// Reads it for the backend `section` on the node `host`, whose files are in `directory`.
pub(super) fn read(
    values: &Values,
    section: &str,
    host: &str,
    directory: &Path,
) -> Result<ExportSettings, ConfigError> {
    match values.require_in(section, &backend::TARGET_HELPER)?.as_str() {
        "tgtadm" => tgt(values, section, directory).map(ExportSettings::Tgt),
        _ => local(values, host).map(ExportSettings::Local),
    }
}

fn local(values: &Values, host: &str) -> Result<LocalSettings, ConfigError> {
    let mut hosts = vec![values.machine().to_owned()];
    for name in [values.get(&service::HOST)?, Some(host.to_owned())].into_iter().flatten() {
        if !hosts.iter().any(|known| known.eq_ignore_ascii_case(&name)) {
            hosts.push(name);
        }
    }
    let addresses = vec![values.get(&service::MY_IP)?.unwrap_or_else(machine_address)];
    Ok(LocalSettings { hosts, addresses })
}

fn tgt(values: &Values, section: &str, directory: &Path) -> Result<TgtSettings, ConfigError> {
    // There is one.
    values.require_in(section, &backend::TARGET_PROTOCOL)?;
    let mut addresses = vec![address(values, section)?];
    let more = &backend::TARGET_SECONDARY_IP_ADDRESSES;
    addresses.extend(values.require_in(section, more)?.into_iter().filter(|it| !it.is_empty()));
    if addresses.len() > MOST_ADDRESSES || addresses.iter().any(|it| !is_address(it)) {
        let problem =
            format!("expected IP addresses or host names, {} at most", MOST_ADDRESSES - 1);
        return Err(values.refuse_in(section, &more.entry, problem));
    }
    let prefix = values.require_in(section, &backend::TARGET_PREFIX)?;
    if !TgtSettings::takes_prefix(&prefix) {
        let problem = "expected letters, digits, colons, dots and hyphens, such as iqn.2010-10.org.openstack:";
        return Err(values.refuse_in(section, &backend::TARGET_PREFIX.entry, problem));
    }
    let path = std::path::absolute(directory).unwrap_or_else(|_| directory.to_owned());
    if path.to_str().is_none_or(|path| path.contains([',', '\n'])) {
        let problem = "tgt takes no path with a comma or a line break";
        return Err(values.refuse_in(section, &backend::FILE_DIRECTORY.entry, problem));
    }
    Ok(TgtSettings {
        socket: values.get_in(section, &backend::TGT_IPC_SOCKET)?,
        addresses,
        port: values.require_in(section, &backend::TARGET_PORT)?,
        prefix,
        chap: values.require_in(section, &backend::USE_CHAP_AUTH)?,
        write_cache: values.require_in(section, &backend::ISCSI_WRITE_CACHE)? == "on",
        flags: values.require_in(section, &backend::ISCSI_TARGET_FLAGS)?,
    })
}

fn address(values: &Values, section: &str) -> Result<String, ConfigError> {
    let option = &backend::TARGET_IP_ADDRESS;
    let address = values.require_in(section, option)?;
    if !is_address(&address) {
        return Err(values.refuse_in(
            section,
            &option.entry,
            "expected an IP address or a host name",
        ));
    }
    Ok(address)
}

/// An address that hosts can be told. The tables keep it between commas and semicolons.
fn is_address(text: &str) -> bool {
    text.parse::<IpAddr>().is_ok()
        || ((1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')))
}

/// The address with which this machine reaches others, as Cinder finds its default of `my_ip`; nothing is sent for that.
pub(in crate::config) fn machine_address() -> String {
    let found = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        // An address for documentation: any that the default route leads to.
        socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9))?;
        socket.local_addr()
    });
    found.map_or_else(|_| Ipv4Addr::LOCALHOST.to_string(), |address| address.ip().to_string())
}

#[cfg(test)]
mod tests {
    use ashlar_drivers::Settings as DriverSettings;

    use super::*;
    use crate::config::testing::{loaded, refused};

    const FILES: &str = "[DEFAULT]\nenabled_backends = a\nmy_ip = 192.0.2.7\nhost = store\n\
        [a]\nvolume_driver = file\n";

    fn export(text: &str) -> ExportSettings {
        match &loaded(text).settings.backends[0].settings {
            DriverSettings::File(settings) => settings.export.clone(),
            DriverSettings::Sim(_) => panic!("a file backend"),
        }
    }

    #[test]
    fn without_a_word_volumes_are_for_this_machine() {
        let expected = LocalSettings {
            hosts: vec!["node-1".to_owned(), "store".to_owned()],
            addresses: vec!["192.0.2.7".to_owned()],
        };
        assert_eq!(export(FILES), ExportSettings::Local(expected));
        let ExportSettings::Local(settings) = export("") else { panic!("local") };
        assert!(settings.addresses[0].parse::<IpAddr>().is_ok(), "{settings:?}");
    }

    #[test]
    fn tgt_has_cinders_options_and_defaults() {
        let plain = export(&format!("{FILES}target_helper = tgtadm\n"));
        assert_eq!(plain, ExportSettings::Tgt(TgtSettings::new("192.0.2.7")));
        let ExportSettings::Tgt(settings) = export(&format!(
            "{FILES}target_helper = tgtadm\ntarget_ip_address = 2001:db8::7\ntarget_port = 13260\n\
             target_secondary_ip_addresses = 192.0.2.8, 192.0.2.9\ntarget_prefix = iqn.2026-01.example:\n\
             use_chap_auth = false\niscsi_write_cache = off\niscsi_target_flags = direct\n\
             tgt_ipc_socket = /run/tgt/sock\n"
        )) else {
            panic!("by tgt")
        };
        assert_eq!(settings.addresses, ["2001:db8::7", "192.0.2.8", "192.0.2.9"]);
        assert_eq!((settings.port, settings.chap, settings.write_cache), (13260, false, false));
        assert_eq!(
            (settings.prefix.as_str(), settings.flags.as_str()),
            ("iqn.2026-01.example:", "direct")
        );
        assert_eq!(settings.socket_file(), Path::new("/run/tgt/sock.0"));
    }

    #[test]
    fn what_cannot_be_exported_so_is_refused_with_its_place() {
        let text = format!("{FILES}target_helper = tgtadm\n");
        for (line, refusal) in [
            (
                "target_helper = lioadm",
                "6: [a] target_helper: 'lioadm' is not one of: local, tgtadm",
            ),
            ("target_protocol = iser", "8: [a] target_protocol: 'iser' is not one of: iscsi"),
            (
                "target_ip_address = a b",
                "8: [a] target_ip_address: expected an IP address or a host name",
            ),
            (
                "target_secondary_ip_addresses = a,b,c,d",
                "8: [a] target_secondary_ip_addresses: expected IP addresses or host names, 3 at most",
            ),
            (
                "target_prefix = iqn x",
                "8: [a] target_prefix: expected letters, digits, colons, dots and hyphens, such as \
                 iqn.2010-10.org.openstack:",
            ),
            (
                "file_directory = a,b",
                "8: [a] file_directory: tgt takes no path with a comma or a line break",
            ),
        ] {
            let text = match line.starts_with("target_helper") {
                true => {
                    FILES.replace("volume_driver = file", &format!("{line}\nvolume_driver = file"))
                }
                false => format!("{text}{line}\n"),
            };
            assert_eq!(refused(&text), format!("cinder.conf:{refusal}"));
        }
    }
}
