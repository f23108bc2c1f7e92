//! The server on real sockets.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;
use crate::dispatch::tests::house;
use crate::testing::House;

mod given_back;

struct Running {
    address: std::net::SocketAddr,
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<()>,
    house: House,
}

async fn start() -> Running {
    serving(house().await).await
}

async fn serving(house: House) -> Running {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(serve(listener, house.app.clone(), shutdown.clone()));
    Running { address, shutdown, task, house }
}

/// Sends `text` and reads until the server closes.
async fn talk(address: std::net::SocketAddr, text: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(text).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn several_requests_go_over_one_connection() {
    let running = start().await;
    let one = "GET /v3/extensions HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = "GET /healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let answer = talk(running.address, format!("{one}{one}{last}").as_bytes()).await;
    assert_eq!(answer.matches("HTTP/1.1 200 OK").count(), 3, "{answer}");
}

#[tokio::test]
async fn a_huge_body_is_answered_and_not_cut_off() {
    let running = start().await;
    let size = 4_000_000;
    let mut text = format!(
        "POST /v3/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
         Content-Length: {size}\r\nConnection: close\r\n\r\n"
    )
    .into_bytes();
    text.resize(text.len() + size, b'x');
    let answer = talk(running.address, &text).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
    assert!(answer.contains("\"overLimit\""), "{answer}");
}

#[tokio::test]
async fn a_client_that_does_not_take_its_answers_is_cut_off() {
    let settings = crate::app::ApiSettings {
        write_timeout: Duration::from_millis(200),
        ..crate::app::ApiSettings::default()
    };
    let house = House::with_settings(&[crate::v3::extensions::ENDPOINTS], settings).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(serve(listener, house.app.clone(), CancellationToken::new()));
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (mut reader, mut writer) = stream.into_split();
    // It asks and asks and never reads, until the server has closed the connection.
    let asking = async {
        let one = "GET /v3/extensions HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
        while writer.write_all(one.as_bytes()).await.is_ok() {}
    };
    asking.await;
    let mut rest = Vec::new();
    // What was on its way arrives, or the reset does.
    drop(reader.read_to_end(&mut rest).await);
}

#[tokio::test]
async fn a_request_under_way_is_answered_before_the_end() {
    let running = start().await;
    let mut stream = TcpStream::connect(running.address).await.expect("a connection");
    let head = "POST /v3/things HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\
                Content-Length: 13\r\nExpect: 100-continue\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("sent");
    let mut buffer = [0; 1024];
    let count = stream.read(&mut buffer).await.expect("leave to send");
    assert!(buffer[..count].starts_with(b"HTTP/1.1 100"));
    running.shutdown.cancel();
    stream.write_all(br#"{"thing": {}}"#).await.expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    running.task.await.expect("an orderly end");
    assert!(TcpStream::connect(running.address).await.is_err());
}
