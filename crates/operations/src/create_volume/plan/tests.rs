//! Where a volume may be placed, worked out without a database.

use std::collections::BTreeMap;

use ashlar_types::VolumeTypeId;

use super::*;

fn plain() -> VolumeType {
    VolumeType {
        id: VolumeTypeId::random(),
        name: "plain".to_owned(),
        description: None,
        is_public: true,
        qos_specs_id: None,
        extra_specs: BTreeMap::new(),
        created_at: None,
        updated_at: None,
    }
}

/// Where a volume goes that is asked for in `zone`; `az1` and `odd:name` have services.
fn placed(zone: &str, is_admin: bool, forced_host_zones: bool) -> Result<Place, String> {
    let request = Request { availability_zone: Some(zone.to_owned()), ..Request::default() };
    let caller = Caller { is_admin, ..Caller::internal() };
    let known = ["az1", "odd:name"].map(str::to_owned).into();
    let settings = Settings { forced_host_zones, ..Settings::default() };
    place(&request, &Found::Blank, &caller, &plain(), (&known, &settings))
        .map_err(|refusal| refusal.to_string())
}

#[test]
fn an_administrator_names_the_host_after_the_zone() {
    for (asked, zone, host) in [
        ("az1:node", "az1", "node"),
        ("nowhere:node@lvm#a", "nowhere", "node@lvm#a"),
        (":node@lvm", "nova", "node@lvm"),
        ("az1:a:b", "az1", "a:b"),
    ] {
        let expected = (vec![zone.to_owned()], Some(host.to_owned()));
        assert_eq!(placed(asked, true, true), Ok(expected), "{asked}");
    }
}

#[test]
fn to_others_and_other_schedulers_it_is_an_unknown_zone() {
    let refused = Err("Availability zone 'az1:node' is invalid.".to_owned());
    assert_eq!(placed("az1:node", false, true), refused);
    assert_eq!(placed("az1:node", true, false), refused);
}

#[test]
fn a_zone_that_has_such_a_name_is_a_zone() {
    assert_eq!(placed("odd:name", true, true), Ok((vec!["odd:name".to_owned()], None)));
    assert!(placed("az1:", true, true).is_err(), "no host is named");
}
