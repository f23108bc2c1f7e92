//! The client against a listener that answers with given bytes.

use tokio::net::TcpListener;

use super::*;

/// Accepts connections one after the other; on each sends one text for each request that comes in.
async fn stub(connections: Vec<Vec<&'static str>>) -> Arc<Target> {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(async move {
        for answers in connections {
            let (mut stream, _) = listener.accept().await.expect("a client");
            for answer in answers {
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.expect("a request");
                assert!(request[..length].ends_with(b"\r\n\r\n"), "a whole request");
                // In two pieces, as networks do it.
                let (one, other) = answer.as_bytes().split_at(answer.len() / 2);
                stream.write_all(one).await.expect("sent");
                tokio::task::yield_now().await;
                stream.write_all(other).await.expect("sent");
            }
        }
    });
    let url = format!("http://{address}");
    Arc::new(Target::new(&url, "abc", "bench:abc").expect("a usable address"))
}

async fn bodies(connections: Vec<Vec<&'static str>>) -> Vec<String> {
    let count = connections.iter().map(Vec::len).sum();
    let target = stub(connections).await;
    let mut connection = Connection::new(&target);
    let mut bodies = Vec::new();
    for _ in 0..count {
        let answer = connection.send(&target.get("/volumes")).await.expect("an answer");
        bodies.push(format!("{} {}", answer.status, String::from_utf8_lossy(&answer.body)));
    }
    bodies
}

#[tokio::test]
async fn one_connection_serves_many_requests() {
    let answers = vec![
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 202 Accepted\r\ncontent-length:0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone",
    ];
    assert_eq!(bodies(vec![answers]).await, ["200 {}", "202 ", "204 ", "404 gone"]);
}

#[tokio::test]
async fn chunks_are_joined() {
    let answer =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
    assert_eq!(bodies(vec![vec![answer, answer]]).await, ["200 abcde", "200 abcde"]);
}

#[tokio::test]
async fn a_closed_connection_is_opened_again() {
    let close = vec!["HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\na"];
    let old = vec!["HTTP/1.0 200 OK\r\n\r\nb"];
    let kept = vec!["HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nc"];
    assert_eq!(bodies(vec![close, old, kept]).await, ["200 a", "200 b", "200 c"]);
}

#[tokio::test]
async fn half_an_answer_is_an_error() {
    let target = stub(vec![vec!["HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"]]).await;
    let error = Connection::new(&target).send(&target.get("/")).await.expect_err("not whole");
    assert!(error.to_string().contains("middle of an answer"), "{error}");
}
