//! Bytes of images, both ways, and what may go wrong with them on the way.

use futures::StreamExt as _;
use futures::stream;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::*;

/// A server that sends these bytes to whoever asks, and then closes or stays silent.
async fn raw_server(answer: Vec<u8>, closes: bool) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let _ = socket.read(&mut asked).await;
            let _ = socket.write_all(&answer).await;
            let _ = socket.flush().await;
            if !closes {
                open.push(socket);
            }
        }
    });
    format!("http://{address}")
}

async fn all(download: Download) -> (Vec<u8>, Option<ClientError>) {
    let mut bytes = Vec::new();
    let mut stream = download.stream;
    while let Some(piece) = stream.next().await {
        match piece {
            Ok(piece) => bytes.extend_from_slice(&piece),
            Err(error) => {
                assert!(stream.next().await.is_none(), "nothing comes after an error");
                return (bytes, Some(error));
            }
        }
    }
    (bytes, None)
}

fn file() -> MockBuilder {
    Mock::given(path(format!("{}/file", place())))
}

fn pieces(pieces: Vec<io::Result<&'static str>>) -> BoxStream<'static, io::Result<Bytes>> {
    stream::iter(pieces).map(|piece| piece.map(|text| Bytes::from_static(text.as_bytes()))).boxed()
}

#[tokio::test]
async fn bytes_come_with_their_promised_length() {
    let server = MockServer::start().await;
    let body = vec![7_u8; 300_000];
    let answer = ResponseTemplate::new(200).set_body_bytes(body.clone());
    file().and(method("GET")).respond_with(answer).expect(1).mount(&server).await;
    let download = at(&[server.uri()]).download(As::Service, id()).await.expect("bytes");
    assert_eq!(download.length, Some(300_000));
    assert_eq!(all(download).await, (body, None));
}

#[tokio::test]
async fn a_stream_that_breaks_ends_with_an_error() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345".to_vec();
    let server = raw_server(answer, true).await;
    let download = at(&[server]).download(As::Service, id()).await.expect("bytes");
    let (bytes, error) = all(download).await;
    assert_eq!(bytes, b"12345");
    assert!(matches!(error, Some(ClientError::Unreachable { .. })), "{error:?}");

    let answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n".to_vec();
    let server = raw_server(answer, true).await;
    let download = at(&[server]).download(As::Service, id()).await.expect("bytes");
    assert_eq!(download.length, None);
    let (bytes, error) = all(download).await;
    assert_eq!(bytes, b"12345");
    assert!(matches!(error, Some(ClientError::Unreachable { .. })), "{error:?}");
}

#[tokio::test]
async fn a_stream_that_falls_silent_ends_with_an_error() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345".to_vec();
    let server = raw_server(answer, false).await;
    let glance = Glance { time_out: Duration::from_millis(200), ..at(&[server]) };
    let download = glance.download(As::Service, id()).await.expect("bytes");
    let (bytes, error) = all(download).await;
    assert_eq!(bytes, b"12345");
    assert_eq!(error, Some(ask::silent(Duration::from_millis(200))));
}

#[tokio::test]
async fn no_more_comes_than_was_promised() {
    let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n1234567890".to_vec();
    let server = raw_server(answer, true).await;
    let download = at(&[server]).download(As::Service, id()).await.expect("bytes");
    assert_eq!(all(download).await, (b"12345".to_vec(), None));
}

#[tokio::test]
async fn an_image_without_bytes_and_a_part_of_one_are_malformed() {
    for status in [204, 206] {
        let server = MockServer::start().await;
        file().respond_with(ResponseTemplate::new(status)).mount(&server).await;
        let error = at(&[server.uri()]).download(As::Service, id()).await.expect_err("no bytes");
        assert!(matches!(error, ClientError::Malformed { .. }), "{status}: {error}");
    }
}

#[tokio::test]
async fn an_upload_sends_the_pieces_as_they_come() {
    let server = MockServer::start().await;
    asked("GET").respond_with(image()).mount(&server).await;
    file()
        .and(method("PUT"))
        .and(header("Content-Type", "application/octet-stream"))
        .and(header("X-Auth-Token", TOKEN))
        .and(|request: &wiremock::Request| request.body == b"one two three")
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let glance = with_account(&server, 1).await;
    let stream = pieces(vec![Ok("one "), Ok("two "), Ok("three")]);
    glance.upload(As::Service, id(), stream).await.expect("uploaded");
}

#[tokio::test]
async fn an_upload_with_a_revoked_token_begins_with_a_new_one() {
    let server = MockServer::start().await;
    let revoked = ResponseTemplate::new(401);
    asked("GET").respond_with(revoked).up_to_n_times(1).expect(1).mount(&server).await;
    asked("GET").respond_with(image()).expect(1).mount(&server).await;
    file().respond_with(ResponseTemplate::new(204)).expect(1).mount(&server).await;
    let glance = with_account(&server, 2).await;
    glance.upload(As::Service, id(), pieces(vec![Ok("bytes")])).await.expect("uploaded");
}

#[tokio::test]
async fn an_upload_that_glance_refuses_or_forgets_is_told() {
    for (status, is_right) in [
        (
            409,
            (|e| matches!(e, ClientError::Refused { status: 409, .. })) as fn(&ClientError) -> bool,
        ),
        (413, |e| matches!(e, ClientError::Refused { status: 413, .. })),
        (410, |e| matches!(e, ClientError::NotFound { .. })),
        (503, |e| matches!(e, ClientError::Unreachable { .. })),
    ] {
        let server = MockServer::start().await;
        asked("GET").respond_with(image()).mount(&server).await;
        file().respond_with(ResponseTemplate::new(status)).expect(1).mount(&server).await;
        let glance = at(&[server.uri()]);
        let uploaded = glance.upload(As::Service, id(), pieces(vec![Ok("bytes")])).await;
        let error = uploaded.expect_err("not uploaded");
        assert!(is_right(&error), "{status}: {error}");
    }
}

#[tokio::test]
async fn a_source_that_breaks_is_told_as_such() {
    let server = MockServer::start().await;
    asked("GET").respond_with(image()).mount(&server).await;
    file().respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let broken = pieces(vec![Ok("one "), Err(io::Error::other("the disk is on fire"))]);
    let error = at(&[server.uri()]).upload(As::Service, id(), broken).await.expect_err("broken");
    assert!(error.to_string().contains("the disk is on fire"), "{error}");
}

#[tokio::test]
async fn a_slow_source_is_waited_for_and_a_glance_that_takes_nothing_is_not() {
    let server = MockServer::start().await;
    asked("GET").respond_with(image()).mount(&server).await;
    file().respond_with(ResponseTemplate::new(204)).mount(&server).await;
    let slow = pieces(vec![Ok("one "), Ok("two")]).then(|piece| async {
        tokio::time::sleep(Duration::from_millis(600)).await;
        piece
    });
    let glance = Glance { time_out: Duration::from_millis(300), ..at(&[server.uri()]) };
    glance.upload(As::Service, id(), slow.boxed()).await.expect("uploaded");

    // Reads the head of each request, answers the first question and takes none of the bytes.
    let body = format!("{{\"id\":\"{ID}\"}}");
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        let (mut socket, _) = listener.accept().await.expect("a question");
        let mut asked = [0; 4096];
        let _ = socket.read(&mut asked).await;
        let _ = socket.write_all(format!("{head}{body}").as_bytes()).await;
        let _kept = (socket, listener.accept().await);
        std::future::pending::<()>().await;
    });
    let glance =
        Glance { time_out: Duration::from_millis(300), ..at(&[format!("http://{address}")]) };
    let endless = stream::repeat_with(|| Ok(Bytes::from(vec![0; 1 << 20]))).boxed();
    let error = glance.upload(As::Service, id(), endless).await.expect_err("nothing is taken");
    assert_eq!(error, ask::silent(Duration::from_millis(300)));
}
