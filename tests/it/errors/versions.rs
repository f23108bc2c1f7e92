//! Every form of the header `OpenStack-API-Version`.

use ashlar_testkit::Cloud;

use super::assert_alive;
use super::wire::Request;

/// Value of the header, status, version in the answer, part of the message.
const FORMS: &[(&str, u16, &str, &str)] = &[
    ("volume 3.0", 200, "volume 3.0", ""),
    ("volume 3.71", 200, "volume 3.71", ""),
    ("volume latest", 200, "volume 3.71", ""),
    ("volume  3.9", 200, "volume 3.9", ""),
    ("compute 2.1, volume 3.27", 200, "volume 3.27", ""),
    ("volume 3.27, compute 2.1", 200, "volume 3.27", ""),
    ("volume 3.72", 406, "volume 3.72", "Version 3.72 is not supported by the API. Minimum is 3.0"),
    ("volume 4.0", 406, "volume 4.0", "Version 4.0 is not supported by the API."),
    ("volume 3.99999999999999999999", 406, "volume 3.99999999999999999999", "is not supported"),
    ("volume 1.0", 406, "", "Version 1.0 is not supported by the API."),
    ("volume 2.0", 406, "", "Version 2.0 is not supported by the API."),
    ("volume 3", 400, "", "API Version String 3 is of invalid format."),
    ("volume 3.00", 400, "", "API Version String 3.00 is of invalid format."),
    ("volume 3.1.1", 400, "", "API Version String 3.1.1 is of invalid format."),
    ("volume abc", 400, "", "API Version String abc is of invalid format."),
    ("volume -3.1", 400, "", "is of invalid format."),
    ("volume 3.1 3.2", 400, "", "The server could not comply"),
    ("volume", 400, "", "The server could not comply"),
    ("compute 2.1", 400, "", "The server could not comply"),
    ("", 400, "", "The server could not comply"),
    (",", 400, "", "The server could not comply"),
    ("3.27", 400, "", "The server could not comply"),
];

#[tokio::test]
async fn each_form_of_the_header_is_answered_as_cinder_does() {
    let cloud = Cloud::start().await;
    for &(form, status, shown, says) in FORMS {
        let request = Request::new("GET", "/volumes").header("OpenStack-API-Version", form);
        let answer = request.send(cloud.address).await;
        assert_eq!(answer.status, status, "{form:?}: {}", answer.body);
        assert_eq!(answer.header("openstack-api-version"), shown, "{form:?}");
        if status >= 400 {
            let message = answer.fault().unwrap_or_default();
            assert!(!message.is_empty() && message.contains(says), "{form:?}: {}", answer.body);
        }
    }
    let without = Request::new("GET", "/volumes").send(cloud.address).await;
    assert_eq!((without.status, without.header("openstack-api-version")), (200, "volume 3.0"));
    let bytes = Request::new("GET", "/volumes").header("OpenStack-API-Version", "volume \u{e9}");
    let answer = bytes.send(cloud.address).await;
    assert!(answer.status == 400 && answer.fault().is_some(), "{answer:?}");
    let long = Request::new("GET", "/volumes")
        .header("OpenStack-API-Version", &format!("volume 3.{}", "9".repeat(5_000)));
    let answer = long.send(cloud.address).await;
    assert!(answer.status == 406 && answer.fault().is_some(), "{answer:?}");
    assert_alive(&cloud).await;
}

#[tokio::test]
async fn an_operation_is_not_there_before_its_first_version() {
    let cloud = Cloud::start().await;
    for (path, first) in [("/volumes/summary", 12), ("/messages", 3)] {
        let before = Request::new("GET", path).at(first - 1).send(cloud.address).await;
        assert_eq!(before.status, 404, "{path}: {}", before.body);
        assert!(before.fault().is_some(), "{path}: {}", before.body);
        let from = Request::new("GET", path).at(first).send(cloud.address).await;
        assert_eq!(from.status, 200, "{path}: {}", from.body);
    }
}
