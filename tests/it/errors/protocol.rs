//! HTTP itself, broken in all the usual ways. The server answers or closes, and lives on.

use ashlar_testkit::Cloud;

use super::assert_alive;
use super::wire::{Answer, PROJECT, Request, Then, exchange};

/// Sends these pieces; one of these statuses must come back.
async fn answered(cloud: &Cloud, name: &str, pieces: &[&[u8]], wanted: &[u16]) {
    let received = exchange(cloud.address, pieces, Then::Wait).await;
    let answer = Answer::read(&received);
    let answer = answer.unwrap_or_else(|| panic!("{name}: no answer in {received:?}"));
    assert!(wanted.contains(&answer.status), "{name}: {answer:?}");
    assert_alive(cloud).await;
}

#[tokio::test]
async fn what_is_no_http_is_answered_with_400() {
    let cloud = Cloud::start().await;
    let garbage: Vec<u8> = (0..=255_u8).cycle().take(4_096).collect();
    for (name, bytes) in [
        ("words", b"hello there\r\n\r\n".as_slice()),
        ("a TLS greeting", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
        ("all bytes", &garbage),
        ("no version", b"GET /v3/volumes\r\n\r\n"),
        ("an unknown version", b"GET / HTTP/9.9\r\nHost: x\r\n\r\n"),
        ("a blank in the path", b"GET /v3/vol umes HTTP/1.1\r\nHost: x\r\n\r\n"),
        ("a header without a colon", b"GET / HTTP/1.1\r\nHost: x\r\nnonsense\r\n\r\n"),
        ("a NUL in a header", b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b\r\n\r\n"),
        ("a length that is a word", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n"),
        ("a length below nothing", b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n"),
        (
            "two lengths",
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        ),
    ] {
        answered(&cloud, name, &[bytes], &[400]).await;
    }
}

#[tokio::test]
async fn a_connection_that_says_nothing_is_simply_closed() {
    let cloud = Cloud::start().await;
    for pieces in [&[][..], &[b"GET /v3/vol".as_slice()], &[b"GET / HTTP/1.1\r\nHost: x\r\n"]] {
        let received = exchange(cloud.address, pieces, Then::HalfClose).await;
        // Nothing was asked: a bare 400 is as good as silence.
        let status = Answer::read(&received).map(|answer| answer.status);
        assert!(matches!(status, None | Some(400)), "{pieces:?}: {received:?}");
    }
    assert_alive(&cloud).await;
}

#[tokio::test]
async fn a_client_that_closes_its_half_has_hung_up() {
    let cloud = Cloud::start().await;
    for request in [
        Request::new("GET", "/volumes/detail"),
        Request::new("POST", "/volumes").json("{\"volume\": {\"size\": 1}}"),
    ] {
        let received = exchange(cloud.address, &[&request.bytes()], Then::HalfClose).await;
        // Whether the answer or the end is seen first is chance.
        let answer = Answer::read(&received);
        assert!(answer.is_none_or(|answer| answer.status < 300), "{received:?}");
    }
    assert_alive(&cloud).await;
}

#[tokio::test]
async fn a_head_that_comes_in_pieces_is_waited_for() {
    let cloud = Cloud::start().await;
    let bytes = Request::new("GET", "/volumes").bytes();
    let pieces: Vec<&[u8]> = bytes.chunks(1).collect();
    answered(&cloud, "letter by letter", &pieces, &[200]).await;
    let body = Request::new("POST", "/volumes").json("{\"volume\": 1}").bytes();
    let pieces: Vec<&[u8]> = body.chunks(7).collect();
    answered(&cloud, "a body in pieces", &pieces, &[400]).await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let cloud = Cloud::start().await;
    let mut many = Request::new("GET", "/volumes");
    for number in 0..500 {
        many = many.header(&format!("X-Header-{number}"), "x");
    }
    answered(&cloud, "500 headers", &[&many.bytes()], &[431]).await;
    let long = Request::new("GET", "/volumes").header("X-Long", &"x".repeat(2_000_000));
    answered(&cloud, "a header of 2 MB", &[&long.bytes()], &[400, 431]).await;
    let target = Request::to("GET", &format!("/{}", "x".repeat(100_000)));
    answered(&cloud, "a path of 100 kB", &[&target.bytes()], &[404, 414]).await;
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_harm() {
    let cloud = Cloud::start().await;
    let short = Request::new("POST", "/volumes")
        .header("Content-Type", "application/json")
        .header("Content-Length", "1000");
    let mut bytes = short.bytes();
    bytes.extend_from_slice(b"{\"volume\":");
    // The rest never comes: the client has closed its half.
    let received = exchange(cloud.address, &[&bytes], Then::HalfClose).await;
    let answer = Answer::read(&received);
    assert!(answer.is_none_or(|answer| answer.status == 400), "less than promised: {received:?}");
    let mut chunks = Request::new("POST", "/volumes")
        .header("Content-Type", "application/json")
        .header("Transfer-Encoding", "chunked");
    chunks.body = b"zz\r\n{}\r\n0\r\n\r\n".to_vec();
    answered(&cloud, "a chunk without a length", &[&chunks.bytes()], &[400]).await;
}

#[tokio::test]
async fn requests_one_behind_the_other_are_answered_in_order_until_one_is_broken() {
    let cloud = Cloud::start().await;
    let keep = |path: &str| {
        let mut request = Request::new("GET", path);
        request.headers.retain(|(name, _)| name != "Connection");
        request.bytes()
    };
    let mut bytes = keep("/volumes");
    bytes.extend(keep("/nothing"));
    bytes.extend_from_slice(b"\x00\x01garbage\r\n\r\n");
    let received = exchange(cloud.address, &[&bytes], Then::Wait).await;
    let text = String::from_utf8_lossy(&received);
    let statuses: Vec<&str> =
        text.match_indices("HTTP/1.1 ").map(|(at, _)| &text[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["200", "404", "400"], "{text}");
    assert_alive(&cloud).await;
}

#[tokio::test]
async fn headers_may_hold_anything_that_http_allows() {
    let cloud = Cloud::start().await;
    for (name, value) in [
        ("X-Auth-Token", "é"),
        ("X-Auth-Token", "::::"),
        ("Accept", "application/xml"),
        ("Accept", "*/*;q=x"),
        ("Accept-Language", "tlh"),
        ("X-OpenStack-Request-ID", "not an id"),
        ("Host", "a b"),
        ("If-Match", "\"\u{1}"),
        ("X-Forwarded-Host", "é"),
        ("Expect", "a miracle"),
    ] {
        let mut request = Request::to("GET", "/v3/volumes");
        request.headers.retain(|(known, _)| known != name);
        let answer = request.header(name, value).send(cloud.address).await;
        assert!(answer.status < 500, "{name}: {value}: {answer:?}");
    }
    // A target that names a server is not for us; a proxy's client may send it.
    let tunnel = Request::to("CONNECT", "localhost:80").send(cloud.address).await;
    assert!(tunnel.status == 405 && tunnel.fault().is_some(), "{tunnel:?}");
    let old = format!("GET /v3/{PROJECT}/volumes HTTP/1.0\r\n\r\n");
    answered(&cloud, "HTTP/1.0 without a host", &[old.as_bytes()], &[200]).await;
}
