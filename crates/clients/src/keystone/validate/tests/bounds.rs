//! Keystone slow, away or flooded: nobody waits for long, and no heap grows.

use tokio::net::{TcpListener, TcpStream};

use super::*;

/// Any question at all.
fn any_question() -> MockBuilder {
    Mock::given(method("GET")).and(path("/v3/auth/tokens"))
}

fn forever() -> ResponseTemplate {
    ResponseTemplate::new(200).set_delay(Duration::from_secs(3600))
}

async fn questions(server: &MockServer) -> usize {
    let received = server.received_requests().await.expect("they are recorded");
    received.iter().filter(|request| request.method.as_str() == "GET").count()
}

#[tokio::test]
async fn a_slow_keystone_is_waited_for_within_bounds_and_remembered_by_nobody() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    any_question().respond_with(forever()).up_to_n_times(1).mount(&server).await;
    any_question().respond_with(member(&json!({}))).mount(&server).await;
    let mut tokens = tokens(&server, &clock());
    tokens.keystone.session().await.expect("logged in");
    tokens.patience = Duration::from_millis(500);
    let error = tokens.validate(THEIRS, Accept::Current).await.expect_err("too slow");
    assert!(matches!(error, TokenError::Unanswered(_)), "{error}");
    tokens.patience = Tokens::PATIENCE;
    tokens.validate(THEIRS, Accept::Current).await.expect("asked again");
}

#[tokio::test]
async fn patience_is_ten_seconds_unless_the_operator_has_more_and_a_minute_at_most() {
    let server = MockServer::start().await;
    for (time_out, patience) in [(None, 10), (Some(3), 10), (Some(30), 30), (Some(600), 60)] {
        let time_out = time_out.map(Duration::from_secs);
        let tokens = tokens_with(&server, &clock(), Settings { time_out, ..Settings::default() });
        assert_eq!(tokens.patience, Duration::from_secs(patience));
    }
}

#[tokio::test]
async fn a_keystone_that_is_away_is_told_at_once() {
    let server = MockServer::start().await;
    let tokens = tokens(&server, &clock());
    drop(server);
    let error = tokens.validate(THEIRS, Accept::Current).await.expect_err("nobody there");
    assert!(matches!(error, TokenError::Unanswered(_)), "{error}");
}

#[tokio::test]
async fn a_question_that_got_lost_is_asked_again() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    question().respond_with(member(&json!({}))).expect(1).mount(&server).await;
    let door = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let mut login = settings(&server).login;
    login.auth_url = format!("http://{}", door.local_addr().expect("its address"));
    let keystone = *server.address();
    tokio::spawn(async move {
        // The first connection breaks, the others lead to Keystone.
        drop(door.accept().await);
        while let Ok((mut outside, _)) = door.accept().await {
            tokio::spawn(async move {
                let mut inside = TcpStream::connect(keystone).await?;
                tokio::io::copy_bidirectional(&mut outside, &mut inside).await
            });
        }
    });
    let account = Keystone::new(login, &Tls::default(), clock()).expect("a client");
    let tokens = Tokens::new(Arc::new(account), Settings { retries: 1, ..Settings::default() });
    tokens.validate(THEIRS, Accept::Current).await.expect("valid");
}

#[tokio::test]
async fn a_flood_of_tokens_asks_sixty_four_at_once_and_turns_away_what_is_too_much() {
    const BEYOND: usize = 100;
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    any_question().respond_with(forever()).mount(&server).await;
    let tokens = Arc::new(tokens(&server, &clock()));
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let mut asking = tokio::task::JoinSet::new();
    for number in 0..ADMITTED + BEYOND {
        let (tokens, told) = (Arc::clone(&tokens), told.clone());
        asking.spawn(async move {
            let answer = tokens.validate(&format!("token-{number}"), Accept::Current).await;
            let _ = told.send(answer);
        });
    }
    for _ in 0..BEYOND {
        assert_eq!(heard.recv().await.expect("an answer"), Err(TokenError::Busy));
    }
    while questions(&server).await < UNDER_WAY {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(tokens.asking.available_permits(), 0);
    assert_eq!(questions(&server).await, UNDER_WAY);
    asking.shutdown().await;
    assert_eq!(tokens.admitted.available_permits(), ADMITTED, "places are given back");
}

#[tokio::test]
async fn what_can_be_no_token_is_not_asked_about() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 0).await;
    let tokens = tokens(&server, &clock());
    for text in ["", "  ", "two words", "line\nend", "\u{e9}", &"x".repeat(LONGEST + 1)] {
        let refused = tokens.validate(text, Accept::Current).await;
        assert_eq!(refused, Err(TokenError::Invalid));
    }
}

#[tokio::test]
async fn white_space_around_a_token_does_not_count() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1).await;
    question().respond_with(member(&json!({}))).expect(1).mount(&server).await;
    let tokens = tokens(&server, &clock());
    for text in [THEIRS.to_owned(), format!(" {THEIRS}\t")] {
        tokens.validate(&text, Accept::Current).await.expect("valid");
    }
}

#[tokio::test]
async fn nothing_that_is_shown_holds_a_token() {
    let server = MockServer::start().await;
    logins(&server, welcome(&server), 1..).await;
    let echo = ResponseTemplate::new(500).set_body_string(format!("{THEIRS} {TOKEN}"));
    question().respond_with(echo).mount(&server).await;
    let tokens = tokens(&server, &clock());
    let error = tokens.validate(THEIRS, Accept::Current).await.expect_err("no word");
    let shown = format!("{tokens:?} {error} {error:?}");
    assert!(!shown.contains(THEIRS) && !shown.contains(TOKEN), "{shown}");
}
