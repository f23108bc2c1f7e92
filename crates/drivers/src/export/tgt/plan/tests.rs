//! Plans, tried on a model of what tgtd does with them.

use super::*;
use crate::export::tgt::listing::Session;

fn wanted() -> Wanted {
    Wanted {
        iqn: "iqn.x:volume-1".to_owned(),
        path: "/v/volume-1".to_owned(),
        length: 1 << 30,
        id: "0a000000-0000-4000-8000-00000000000a".to_owned(),
        write_cache: true,
        flags: String::new(),
        chap: Some(Chap { user: "user".to_owned(), password: "password".to_owned() }),
        initiators: BTreeSet::new(),
    }
}

fn open(names: &[&str]) -> Wanted {
    let initiators = names.iter().map(|name| (*name).to_owned()).collect();
    Wanted { chap: None, initiators, ..wanted() }
}

fn session() -> Session {
    Session { id: 1, initiator: "iqn.host".to_owned(), connections: vec![0] }
}

/// What tgtd makes of the requests. Checks at each step that nobody is let in without an account where one is wanted.
fn apply(wanted: &Wanted, mut target: Option<Found>, requests: Vec<Request>) -> Found {
    for request in requests {
        if let Request::NewTarget { tid, iqn } = &request {
            assert!(target.is_none(), "made twice");
            let made = Found { tid: *tid, iqn: iqn.clone(), ready: true, ..Found::default() };
            target = Some(made);
            continue;
        }
        let now = target.as_mut().expect("it is made first");
        match request {
            Request::NewUnit { params, .. } => {
                assert_eq!(now.unit, None, "two units");
                assert!(params.starts_with("path=/v/volume-1,bstype=rdwr"), "{params}");
                now.unit = Some(Unit { online: true, ..right_unit(wanted, "", false) });
            }
            Request::SetUnit { params, .. } => {
                assert!(params.contains("thin_provisioning=1"));
                let unit = now.unit.as_mut().expect("there is one");
                (unit.id, unit.thin) = (scsi_id(&wanted.id), true);
            }
            Request::DropUnit { .. } => now.unit = None,
            Request::SetReady { ready, .. } => now.ready = ready,
            Request::NewAccount { .. } => {}
            Request::DropAccount { user } | Request::UnbindAccount { user, .. } => {
                now.accounts.retain(|known| *known != user);
            }
            Request::BindAccount { user, .. } => {
                assert!(now.accounts.is_empty(), "two accounts at once");
                now.accounts.push(user);
            }
            Request::Admit { who: Who::Address(who) | Who::Initiator(who), .. } => {
                now.admitted.insert(who);
            }
            Request::Exclude { who: Who::Address(who) | Who::Initiator(who), .. } => {
                now.admitted.remove(&who);
            }
            request => panic!("not part of a plan: {request:?}"),
        }
        let asks = wanted.chap.is_none() || !now.accounts.is_empty();
        assert!(asks || now.admitted.is_empty(), "open to all: {now:?}");
    }
    target.expect("there is one at the end")
}

fn right_unit(wanted: &Wanted, id: &str, thin: bool) -> Unit {
    Unit {
        path: wanted.path.clone(),
        size: printed_size(wanted.length),
        store: "rdwr".to_owned(),
        flags: wanted.flags.clone(),
        id: id.to_owned(),
        thin,
        online: true,
        read_only: false,
    }
}

fn made(wanted: &Wanted) -> Found {
    apply(wanted, None, plan(wanted, None, 7, false).expect("nobody uses it"))
}

#[test]
fn a_new_target_is_right_and_then_nothing_is_left_to_do() {
    for wanted in [wanted(), open(&[]), open(&["iqn.host"])] {
        let found = made(&wanted);
        assert_eq!((found.tid, found.iqn.as_str()), (7, "iqn.x:volume-1"));
        assert_eq!(plan(&wanted, Some(&found), 8, true), Ok(Vec::new()));
    }
    assert_eq!(made(&wanted()).admitted, BTreeSet::from(["ALL".to_owned()]));
    assert_eq!(made(&open(&["iqn.host"])).admitted, BTreeSet::from(["iqn.host".to_owned()]));
}

#[test]
fn a_target_that_was_left_half_made_is_finished() {
    for wanted in [wanted(), open(&["iqn.host"])] {
        let whole = made(&wanted);
        let all = plan(&wanted, None, 7, false).expect("nobody uses it");
        assert_eq!(reached(&wanted, None, 7), whole);
        for cut in 1..all.len() {
            // Whoever checks the model half way would find nothing either.
            let half = apply(&wanted, None, all[..cut].to_vec());
            let rest = plan(&wanted, Some(&half), 8, false).expect("nobody uses it");
            assert_eq!(reached(&wanted, Some(&half), 8), whole, "cut after {cut}");
            assert_eq!(apply(&wanted, Some(half), rest), whole, "cut after {cut}");
        }
    }
}

#[test]
fn another_file_or_size_is_corrected_unless_a_host_uses_it() {
    let wanted = wanted();
    for change in [
        |unit: &mut Unit| unit.path.push('x'),
        |unit: &mut Unit| unit.size = printed_size(2 << 30),
        |unit: &mut Unit| unit.read_only = true,
        |unit: &mut Unit| unit.online = false,
        |unit: &mut Unit| unit.store = "aio".to_owned(),
        |unit: &mut Unit| unit.flags = "sync".to_owned(),
    ] {
        let mut found = made(&wanted);
        change(found.unit.as_mut().expect("there is one"));
        let requests = plan(&wanted, Some(&found), 8, true).expect("nobody uses it");
        assert!(matches!(requests[0], Request::DropUnit { tid: 7 }));
        assert_eq!(apply(&wanted, Some(found.clone()), requests), made(&wanted));
        found.sessions.push(session());
        assert_eq!(plan(&wanted, Some(&found), 8, true), Err(InUse));
    }
}

#[test]
fn a_password_that_nobody_remembers_is_set_anew_but_not_under_a_host() {
    let wanted = wanted();
    let mut found = made(&wanted);
    let requests = plan(&wanted, Some(&found), 8, false).expect("nobody uses it");
    let sets = |request: &Request| matches!(request, Request::NewAccount { .. });
    assert_eq!(requests.iter().filter(|request| sets(request)).count(), 1);
    assert_eq!(apply(&wanted, Some(found.clone()), requests), found);
    found.sessions.push(session());
    assert_eq!(plan(&wanted, Some(&found), 8, false), Ok(Vec::new()));
}

#[test]
fn another_account_is_replaced_also_under_a_host_which_keeps_its_session() {
    let wanted = wanted();
    let mut found = made(&wanted);
    found.accounts = vec!["other".to_owned(), "more".to_owned()];
    found.admitted.insert("iqn.host".to_owned());
    found.sessions.push(session());
    let requests = plan(&wanted, Some(&found), 8, true).expect("the unit is right");
    assert_eq!(requests.iter().filter(|r| matches!(r, Request::Exclude { .. })).count(), 2);
    let expected = Found { sessions: vec![session()], ..made(&wanted) };
    assert_eq!(reached(&wanted, Some(&found), 8), expected);
    assert_eq!(apply(&wanted, Some(found), requests), expected);
}

#[test]
fn without_an_account_nobody_is_admitted_but_by_name() {
    let found = made(&wanted());
    let open = open(&["iqn.host"]);
    let requests = plan(&open, Some(&found), 8, true).expect("nobody uses it");
    assert_eq!(reached(&open, Some(&found), 8), made(&open));
    assert_eq!(apply(&open, Some(found), requests), made(&open));
    let mut more = made(&open);
    more.admitted.insert("iqn.another".to_owned());
    assert_eq!(plan(&open, Some(&more), 8, true), Ok(Vec::new()), "others stay");
}

#[test]
fn an_offline_target_answers_again() {
    let wanted = wanted();
    let found = Found { ready: false, ..made(&wanted) };
    let requests = plan(&wanted, Some(&found), 8, true).expect("nobody uses it");
    assert_eq!(requests, [Request::SetReady { tid: 7, ready: true }]);
}

#[test]
fn hosts_hear_of_a_cache_only_when_there_is_to_be_one() {
    let described = |write_cache| match describe(&Wanted { write_cache, ..wanted() }, 7) {
        Request::SetUnit { params, .. } => params,
        request => panic!("{request:?}"),
    };
    assert!(!described(true).contains("mode_page"));
    assert!(described(false).contains(",mode_page=8:0:18:0x10:"));
    assert!(described(true).contains("scsi_id=0a00000000004000800000000000000a"));
}

#[test]
fn a_number_is_the_same_for_the_same_name_and_never_one_that_is_taken() {
    let first = choose_tid("iqn.x:volume-1", &BTreeSet::new());
    assert_eq!(first, choose_tid("iqn.x:volume-1", &BTreeSet::new()));
    assert_ne!(first, choose_tid("iqn.x:volume-2", &BTreeSet::new()));
    let taken = BTreeSet::from([first, first + 1]);
    assert_eq!(choose_tid("iqn.x:volume-1", &taken), first + 2);
    assert!((1..1 << 28).contains(&first));
}

#[test]
fn an_identity_that_is_no_uuid_still_gives_32_digits() {
    let digits = scsi_id("volume of somebody");
    assert_eq!(digits.len(), 32);
    assert!(digits.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_ne!(digits, scsi_id("volume of somebody else"));
}
