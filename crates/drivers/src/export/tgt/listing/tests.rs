//! A listing as tgtd 1.0.85 answers it.

use super::*;

const LISTING: &str = "\
Target 5: iqn.2010-10.org.openstack:volume-1
    System information:
        Driver: iscsi
        State: ready
    I_T nexus information:
        I_T nexus: 1
            Initiator: iqn.2008-11.org.linux-kvm alias: none
            Connection: 0
                IP Address: 127.0.0.1
    LUN information:
        LUN: 0
            Type: controller
            SCSI ID: IET     00050000
            SCSI SN: beaf50
            Size: 0 MB, Block size: 1
            Online: Yes
            Removable media: No
            Prevent removal: No
            Readonly: No
            SWP: No
            Thin-provisioning: No
            Backing store type: null
            Backing store path: None
            Backing store flags: 
        LUN: 1
            Type: disk
            SCSI ID: 0a00000000004000800000000000000a
            SCSI SN: 0a000000-0000-4000-8000-00000000000a
            Size: 1074 MB, Block size: 512
            Online: Yes
            Removable media: No
            Prevent removal: No
            Readonly: No
            SWP: No
            Thin-provisioning: Yes
            Backing store type: rdwr
            Backing store path: /srv/volumes: all/volume-1
            Backing store flags: 
    Account information:
        user1
        other (outgoing)
    ACL information:
        ALL
        iqn.2008-11.org.linux-kvm
Target 268435455: iqn.2010-10.org.openstack:volume-2
    System information:
        Driver: iscsi
        State: offline
    I_T nexus information:
    LUN information:
        LUN: 0
            Type: controller
            Backing store path: None
    Account information:
    ACL information:
";

#[test]
fn a_listing_is_read() {
    let targets = parse(LISTING);
    let [first, second] = targets.as_slice() else { panic!("two targets: {targets:?}") };
    assert_eq!((first.tid, first.iqn.as_str()), (5, "iqn.2010-10.org.openstack:volume-1"));
    assert!(first.ready);
    let session =
        Session { id: 1, initiator: "iqn.2008-11.org.linux-kvm".to_owned(), connections: vec![0] };
    assert_eq!(first.sessions, [session]);
    let unit = Unit {
        path: "/srv/volumes: all/volume-1".to_owned(),
        size: "1074 MB".to_owned(),
        store: "rdwr".to_owned(),
        flags: String::new(),
        id: "0a00000000004000800000000000000a".to_owned(),
        thin: true,
        online: true,
        read_only: false,
    };
    assert_eq!(first.unit, Some(unit));
    assert_eq!(first.accounts, ["user1"]);
    assert_eq!(
        first.admitted.iter().map(String::as_str).collect::<Vec<_>>(),
        ["ALL", "iqn.2008-11.org.linux-kvm"]
    );
    let bare = Found {
        tid: 268_435_455,
        iqn: "iqn.2010-10.org.openstack:volume-2".to_owned(),
        ..Found::default()
    };
    assert_eq!(*second, bare);
}

#[test]
fn nothing_and_nonsense_are_no_targets() {
    assert_eq!(parse(""), []);
    assert_eq!(parse("    LUN information:\n        LUN: 1\nTarget x: y\n"), []);
}

#[test]
fn sizes_are_printed_as_tgtd_prints_them_and_whole_gib_differ() {
    assert_eq!(printed_size(1 << 30), "1074 MB");
    let mut sizes: Vec<_> = (1..=2000_u64).map(|gib| printed_size(gib << 30)).collect();
    sizes.dedup();
    assert_eq!(sizes.len(), 2000);
}

#[test]
fn a_listing_in_which_a_host_makes_up_another_target_is_not_believed() {
    assert!(is_plausible(&parse(LISTING)));
    let alias = "x\n    LUN information:\n    Account information:\n    ACL information:\n        ALL\n\
        Target 268435455: iqn.2010-10.org.openstack:volume-2\n    System information:\n        State: ready\n    \
        I_T nexus information:";
    let forged = LISTING.replace("alias: none", &format!("alias: {alias}"));
    assert_ne!(forged, LISTING);
    assert!(!is_plausible(&parse(&forged)));
}
