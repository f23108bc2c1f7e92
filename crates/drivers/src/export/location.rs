//! Where an iSCSI export is, as the column `provider_location` keeps it:
//! `<address>:<port>[;<address>:<port>…],<portal group> <target name> <lun>`.

use std::fmt;

/// The longest target name that iSCSI has.
const LONGEST_NAME: usize = 223;

/// The target's portals, its name, and the number of the volume's logical unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Location {
    /// `address:port`, an IPv6 address in brackets; at least one.
    pub(super) portals: Vec<String>,
    /// The number after the portals. Ours is 1, the portal group that tgt answers; Cinder writes tgt's number of the
    /// target there. Nobody reads it.
    pub(super) group: u32,
    /// The target's name.
    pub(super) iqn: String,
    /// The logical unit.
    pub(super) lun: u64,
}

impl Location {
    /// Reads it; `None` for anything else, such as the path of a file.
    pub(super) fn parse(kept: &str) -> Option<Self> {
        let mut words = kept.split(' ');
        let (place, iqn, lun) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !is_target_name(iqn) {
            return None;
        }
        let (portals, group) = place.rsplit_once(',')?;
        let portals: Vec<_> = portals.split(';').map(str::to_owned).collect();
        if !portals.iter().all(|portal| is_portal(portal)) {
            return None;
        }
        Some(Self {
            portals,
            group: group.parse().ok()?,
            iqn: iqn.to_owned(),
            lun: lun.parse().ok()?,
        })
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{} {} {}", self.portals.join(";"), self.group, self.iqn, self.lun)
    }
}

/// What tgt takes as a target's name: it refuses all other characters.
pub(super) fn is_target_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'.' | b'-'))
}

/// What an initiator may call itself: `iqn.…`, `eui.…`, `naa.…`.
pub(super) fn is_initiator_name(name: &str) -> bool {
    (5..=LONGEST_NAME).contains(&name.len())
        && ["iqn.", "eui.", "naa."].iter().any(|prefix| name.starts_with(prefix))
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b':' | b'.' | b'-' | b'_'))
}

fn is_portal(portal: &str) -> bool {
    portal.rsplit_once(':').is_some_and(|(address, port)| {
        !address.is_empty()
            && address.bytes().all(|b| b.is_ascii_graphic() && b != b',')
            && port.parse::<u16>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_tables_keep_comes_back_as_it_was() {
        for kept in [
            "192.0.2.7:3260,1 iqn.2010-10.org.openstack:volume-1 1",
            "192.0.2.7:3260;[2001:db8::7]:3261,42 iqn.2010-10.org.openstack:volume-1 1",
            "storage.example:3260,1 iqn.2010-10.org.openstack:volume-1 0",
        ] {
            let location = Location::parse(kept).expect("a location");
            assert_eq!(location.to_string(), kept);
        }
        let two = Location::parse("a:1;[::1]:2,7 iqn.x:v 1").expect("a location");
        assert_eq!(two.portals, ["a:1", "[::1]:2"]);
        assert_eq!((two.group, two.iqn.as_str(), two.lun), (7, "iqn.x:v", 1));
    }

    #[test]
    fn what_is_no_location_is_told_apart() {
        for kept in [
            "",
            "/var/lib/ashlar/volumes/volume-1",
            "192.0.2.7:3260 iqn.x:volume-1 1",
            "192.0.2.7,1 iqn.x:volume-1 1",
            "192.0.2.7:3260,1 iqn.x:volume-1",
            "192.0.2.7:3260,1 iqn.x:volume_1 1",
            "192.0.2.7:3260,1 iqn.x:volume-1 one",
            "192.0.2.7:3260,1 iqn.x:volume-1 1 more",
        ] {
            assert_eq!(Location::parse(kept), None, "{kept}");
        }
    }

    #[test]
    fn an_initiators_name_says_which_kind_it_is() {
        assert!(is_initiator_name("iqn.1993-08.org.debian:01:abc_1"));
        for name in ["", "ALL", "iqn.", "iqn.x,initiator-address=ALL", "iqn.a b", "iqn.a\n"] {
            assert!(!is_initiator_name(name), "{name:?}");
        }
    }
}
