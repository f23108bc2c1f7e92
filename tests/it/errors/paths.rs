//! Paths, queries and methods that lead nowhere.

use ashlar_testkit::Cloud;

use super::wire::{PROJECT, Request};
use super::{Case, check, check_everywhere};

const NOBODY: &str = "/volumes/00000000-0000-4000-8000-000000000001";

fn get(path: &str) -> Request {
    Request::new("GET", path).at(71)
}

fn to(target: &str) -> Request {
    Request::to("GET", target)
}

#[tokio::test]
async fn unknown_paths_are_404() {
    let lost = |name, request| Case::new(name, request, 404, "The resource could not be found.");
    let mut cases = vec![
        lost("a resource that is not there", get("/nothing")),
        lost("below a resource", get(&format!("{NOBODY}/nothing"))),
        lost("far below a resource", get(&format!("/volumes{}", "/x".repeat(2_000)))),
        lost("a slash behind", get("/volumes/")),
        lost("a slash behind the id", get(&format!("{NOBODY}/"))),
        lost("an older version", to("/v2/volumes")),
        lost("a newer version", to("/v4/volumes")),
        lost("no version", to("/volumes")),
        lost("the file system", to("/../../../../etc/passwd")),
        lost("the file system, in disguise", to("/v3/%2e%2e/%2e%2e/etc/passwd")),
        lost("a backslash", to("/v3\\volumes")),
        lost("a project of another form", to("/v3/not_a_project/volumes")),
        lost("the star", to("/*")),
    ];
    let id = |name, path: &str| Case::new(name, get(path), 404, "could not be found");
    cases.extend([
        id("an id of nobody", NOBODY),
        id("a word for an id", "/volumes/word"),
        id("a NUL for an id", "/volumes/%00"),
        id("a slash in an id", "/volumes/a%2fb"),
        id("an id with blanks", "/volumes/%20%20"),
        id("an id with quotes", "/volumes/'%20OR%201=1--"),
        id("an id with letters of all kinds", "/volumes/%F0%9F%92%BE"),
        id("an id that is long", &format!("/volumes/{}", "a".repeat(10_000))),
        id("another ending", "/volumes/detail.xml"),
        id("a snapshot", "/snapshots/word"),
        id("a type", "/types/word"),
        id("a message", "/messages/word"),
    ]);
    check_everywhere(&cases).await;
}

#[tokio::test]
async fn a_path_may_be_written_in_more_than_one_way() {
    let cloud = Cloud::start().await;
    let fine = |name, request| Case::new(name, request, 200, "");
    check(
        &cloud,
        &[
            fine("with the project", get("/volumes")),
            fine("without the project", to("/v3/volumes")),
            fine("slashes doubled", to(&format!("//v3//{PROJECT}///volumes//detail"))),
            fine("ending in .json", get("/volumes.json")),
            fine("a letter encoded", get("/volume%73")),
            fine("a question and nothing more", get("/volumes?")),
            fine("the absolute form", to(&format!("http://localhost/v3/{PROJECT}/volumes"))),
        ],
    )
    .await;
}

#[tokio::test]
async fn another_project_in_the_url_is_refused() {
    let cloud = Cloud::start().await;
    let other = to("/v3/ffffffffffffffffffffffffffffffff/volumes");
    check(&cloud, &[Case::new("another project", other, 400, "Malformed request url")]).await;
}

#[tokio::test]
async fn what_is_no_utf8_is_refused() {
    let cloud = Cloud::start().await;
    let refused = |name, path: &str| Case::new(name, get(path), 400, "Error decoding your request");
    check(
        &cloud,
        &[
            refused("in the path", "/volumes/%ff"),
            refused("in the path, cut short", "/volumes/%e2%82"),
            refused("in the query", "/volumes?name=%ff"),
            refused("in a key of the query", "/volumes?%ff=x"),
        ],
    )
    .await;
}

#[tokio::test]
async fn queries_are_checked() {
    let long = "x".repeat(10_000);
    let many: String = (0..2_000).map(|number| format!("k{number}=v&")).collect();
    let refused = |name, query: &str, says| {
        Case::new(name, get(&format!("/volumes/detail?{query}")), 400, says)
    };
    let fine =
        |name, query: &str| Case::new(name, get(&format!("/volumes/detail?{query}")), 200, "");
    let member = Request::to("GET", &format!("/v3/{PROJECT}/volumes?nothing={long}")).at(71);
    let member = Request {
        headers: member
            .headers
            .into_iter()
            .map(|(name, value)| match name.as_str() {
                "X-Auth-Token" => (name, format!("tester:{PROJECT}:member")),
                _ => (name, value),
            })
            .collect(),
        ..member
    };
    check_everywhere(&[
        refused("a limit below nothing", "limit=-1", "limit"),
        refused("a limit that is a word", "limit=x", "limit"),
        refused("an offset below nothing", "offset=-1", "offset"),
        refused("an offset that is a word", "offset=x", "offset"),
        refused("an unknown order", "sort=colour", "Invalid sort key"),
        refused("an unknown direction", "sort=name:up", "sort direction"),
        refused("two ways to sort", "sort=name&sort_key=name", ""),
        refused("a flag that is none", "all_tenants=perhaps", "is not a boolean"),
        refused("a key that is no ASCII", "k%C3%A4se=x", ""),
        Case::new("an unknown marker", get(&format!("/volumes?marker={}", &NOBODY[9..])), 404, ""),
        Case::new("a marker that is a word", get("/volumes?marker=word"), 404, ""),
        Case::new("a member's unknown filter", member, 400, "Invalid filters"),
        fine("10,000 letters in a value", &format!("name={long}")),
        fine("10,000 letters in a key", &format!("{long}=x")),
        fine("2,000 keys", &many),
        fine("the same key again", "name=a&name=b&name=a"),
        fine("signs", "name=%27%22%25_%5C;--"),
        fine("half a percent sign", "name=%"),
        fine("nothing but signs", "&&==&=&"),
        fine("a Python literal that never ends", &format!("metadata={}", "[".repeat(5_000))),
        fine("a limit beyond all pages", &format!("limit={}", "9".repeat(400))),
        fine("a very large number", &format!("size={}", "9".repeat(400))),
    ])
    .await;
}

#[tokio::test]
async fn a_method_that_a_path_does_not_know_is_405_with_allow() {
    let cloud = Cloud::start().await;
    let one = format!("/v3/{PROJECT}{NOBODY}");
    let many = format!("/v3/{PROJECT}/volumes");
    let action = format!("/v3/{PROJECT}{NOBODY}/action");
    let cases = [
        ("PATCH", &one, "DELETE, GET, PUT"),
        ("POST", &one, "DELETE, GET, PUT"),
        ("PUT", &many, "GET, POST"),
        ("DELETE", &many, "GET, POST"),
        ("TRACE", &many, "GET, POST"),
        ("BREW", &many, "GET, POST"),
        ("get", &many, "GET, POST"),
        ("GET", &action, "POST"),
        ("DELETE", &"/".to_owned(), "GET"),
        ("POST", &"/v3/".to_owned(), "GET"),
    ];
    for (method, target, allowed) in cases {
        let answer = Request::to(method, target).send(cloud.address).await;
        assert_eq!(answer.status, 405, "{method} {target}: {}", answer.body);
        assert_eq!(answer.header("allow"), allowed, "{method} {target}");
        assert!(answer.fault().is_some(), "{method} {target}: {}", answer.body);
    }
    // The answer to a HEAD has no body.
    let head = Request::to("HEAD", &many).send(cloud.address).await;
    assert_eq!((head.status, head.header("allow"), head.body.as_str()), (405, "GET, POST", ""));
    for target in [many.as_str(), "/", "/nothing", "*"] {
        let options = Request::to("OPTIONS", target).send(cloud.address).await;
        assert_eq!((options.status, options.body.as_str()), (200, ""), "{target}");
    }
}

#[tokio::test]
async fn every_answer_names_its_request_and_those_of_the_api_their_version() {
    let cloud = Cloud::start().await;
    for (request, in_api) in [
        (get("/volumes"), true),
        (get(NOBODY), true),
        (Request::new("PATCH", "/volumes").at(71), true),
        (Request::new("POST", "/volumes").at(71).json("{"), true),
        (get("/nothing"), false),
    ] {
        let answer = request.send(cloud.address).await;
        let id = answer.header("x-openstack-request-id");
        assert!(id.starts_with("req-") && id.len() == 40, "{request:?}: {id}");
        let (shown, version) =
            (answer.header("x-compute-request-id"), answer.header("openstack-api-version"));
        if in_api {
            assert_eq!((shown, version), (id, "volume 3.71"), "{request:?}");
            assert_eq!(answer.header("vary"), "OpenStack-API-Version", "{request:?}");
        } else {
            assert_eq!((shown, version), ("", ""), "{request:?}");
        }
    }
}
