//! Our client of Keystone against a real one.

use ashlar_clients::keystone::{Interface, Keystone, Wanted};
use ashlar_clients::{ClientError, Neighbour, Tls};
use ashlar_types::Clock;

use super::Neighbours;

fn wanted(service: &'static str, region: Option<&'static str>) -> Wanted<'static> {
    Wanted { service, interface: Interface::Public, region }
}

#[tokio::test(flavor = "multi_thread")]
async fn our_account_logs_in_and_finds_its_neighbours() {
    let Some(mut neighbours) = Neighbours::start() else { return };
    neighbours.locate("http://127.0.0.1:8776");
    let account = neighbours.account("cinder", "service");
    let session = account.session().await.expect("logged in");
    for region in [None, Some("RegionOne")] {
        let image = session.endpoint(&wanted("image", region)).expect("Glance");
        assert_eq!(image.as_str().trim_end_matches('/'), neighbours.glance);
        let own = session.endpoint(&wanted("block-storage", region)).expect("ourselves");
        assert_eq!(own.as_str(), "http://127.0.0.1:8776/v3");
    }
    let error = session.endpoint(&wanted("compute", None)).expect_err("no Nova");
    assert!(matches!(error, ClientError::NoEndpoint { .. }), "{error}");

    let mut login = neighbours.login("cinder", "service");
    login.password = "wrong".into();
    let stranger = Keystone::new(login, &Tls::default(), Clock::System).expect("a client");
    let error = stranger.session().await.expect_err("refused");
    assert_eq!(error, ClientError::Refused { neighbour: Neighbour::Keystone, status: 401 });

    neighbours.stop_keystone();
    let error = neighbours.account("cinder", "service").session().await.expect_err("away");
    assert!(matches!(error, ClientError::Unreachable { .. }), "{error}");
    neighbours.start_keystone();
    neighbours.account("cinder", "service").session().await.expect("there again");
}
