//! Places that clients give back, whether they want to or not. There is one for connections in these tests, so the next
//! client comes in when the one before is gone.

use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::Empty;
use hyper::body::Frame;
use tokio::task::JoinHandle;

use super::*;
use crate::answer::Answer;
use crate::app::ApiSettings;
use crate::endpoint::{Endpoint, Outcome};
use crate::request::Request;
use crate::run;

/// Longer than any test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(60);
/// More than any gate lets in.
const MANY: usize = 2_000;

static BEGUN: AtomicUsize = AtomicUsize::new(0);
static GO: Semaphore = Semaphore::const_new(0);

async fn held(_: &Request) -> Outcome {
    BEGUN.fetch_add(1, Ordering::SeqCst);
    let _go = GO.acquire().await;
    Ok(Answer::empty(http::StatusCode::ACCEPTED))
}

/// More than any client takes.
async fn endless(_: &Request) -> Outcome {
    let pieces = std::iter::repeat(Bytes::from_static(&[b'x'; 1 << 16]));
    let stream = futures::stream::iter(pieces.map(|piece| Ok(Frame::data(piece))));
    Ok(Answer::events(Box::pin(stream), Longest(Duration::from_millis(500))))
}

static TABLE: &[Endpoint] = &[
    Endpoint::post("thing.held", "/held", run!(held)),
    Endpoint::get("thing.endless", "/endless", run!(endless)),
];

async fn start_with_one_place() -> Running {
    let settings = ApiSettings { max_connections: 1, ..ApiSettings::default() };
    serving(House::with_settings(&[TABLE], settings).await).await
}

/// Asks in the name of project `abc`, without a connection.
fn ask(app: &App) -> JoinHandle<u16> {
    let app = app.clone();
    let request = http::Request::post("/v3/held")
        .header("host", "x")
        .header("x-auth-token", "me:abc")
        .body(Empty::<Bytes>::new())
        .expect("a request");
    tokio::spawn(async move { dispatch::respond(&app, request).await.status().as_u16() })
}

/// A new client is let in and answered.
async fn next_is_let_in(running: &Running) {
    let text = b"GET /healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = tokio::time::timeout(PATIENCE / 2, talk(running.address, text)).await;
    let answer = answer.expect("the place of the one before is free");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test]
async fn a_client_that_hangs_up_in_a_queue_is_not_worked_for() {
    let running = start_with_one_place().await;
    let mut asked = Vec::new();
    // Until the gate is full, and one waits before it.
    while asked.len() == BEGUN.load(Ordering::SeqCst) {
        assert!(asked.len() < MANY, "there is no gate");
        asked.push(ask(&running.house.app));
        for _ in 0..1_000 {
            if asked.len() == BEGUN.load(Ordering::SeqCst) {
                break;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
    let mut client = TcpStream::connect(running.address).await.expect("a connection");
    let text =
        b"POST /v3/held HTTP/1.1\r\nHost: x\r\nX-Auth-Token: me:abc\r\nContent-Length: 0\r\n\r\n";
    client.write_all(text).await.expect("sent");
    // Most likely it stands in the queue by then. If not, it hangs up even earlier.
    tokio::time::sleep(Duration::from_millis(100)).await;
    drop(client);
    next_is_let_in(&running).await;
    GO.add_permits(MANY);
    let wanted = asked.len();
    for answer in asked {
        assert_eq!(answer.await.expect("no panic"), 202);
    }
    // It would have come in before this one.
    assert_eq!(ask(&running.house.app).await.expect("no panic"), 202);
    assert_eq!(BEGUN.load(Ordering::SeqCst), wanted + 1);
}

#[tokio::test]
async fn a_client_that_takes_a_stream_too_slowly_is_cut_off() {
    let running = start_with_one_place().await;
    let mut client = TcpStream::connect(running.address).await.expect("a connection");
    let text = b"GET /v3/endless HTTP/1.1\r\nHost: x\r\nX-Auth-Token: me:abc\r\n\r\n";
    client.write_all(text).await.expect("sent");
    // It takes some now and then, so no single write waits for long.
    let slow = tokio::spawn(async move {
        let mut piece = vec![0; 1 << 16];
        while client.read(&mut piece).await.is_ok_and(|count| count > 0) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    next_is_let_in(&running).await;
    slow.abort();
}
