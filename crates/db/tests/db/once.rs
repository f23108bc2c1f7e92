//! Requests under a key: what is kept of them, and how many there are.

use std::sync::Arc;

use ashlar_db::once::{self, Kept, Key, OF_PROJECT, Once};
use ashlar_db::testing::{TestDb, databases};
use ashlar_db::{DbError, answers, transact};
use ashlar_types::FlowId;

use crate::made::{NOW, at};

/// The key of this number, of the project whose digit it is.
fn key(project: char, number: u32) -> Key {
    Key {
        id: format!("{}{number:048x}", project.to_string().repeat(OF_PROJECT)),
        request: "asked".to_owned(),
        request_id: format!("req-{number}"),
        at: NOW,
        forgotten: at(0),
    }
}

/// Carries out a request under the key.
async fn carried(test: &TestDb, key: Key) -> Arc<Once> {
    let once = Once::new(key);
    let work = async {
        // Anything that changes something.
        transact!(test.db, tx => answers::put(tx, FlowId::fresh(), "told", NOW).await)
    };
    let done: Result<(), DbError> = once.scope(work).await;
    done.expect("carried out");
    once
}

#[tokio::test]
async fn an_answer_is_kept_with_its_body_or_without() {
    for test in databases().await {
        for (number, body) in [(1, Some("sealed")), (2, None)] {
            let key = key('a', number);
            let once = carried(&test, key.clone()).await;
            let kept = async || {
                let mut tx = test.db.read().await.expect("reads");
                once::get(&mut tx, &key.id, NOW).await.expect("ok").expect("it is kept")
            };
            assert_eq!(kept().await.answer, None);
            let answered: Result<(), DbError> =
                transact!(test.db, tx => once::answered(tx, &once, 202, body).await);
            answered.expect("kept");
            let expected = Kept {
                request: key.request.clone(),
                request_id: key.request_id.clone(),
                about: None,
                answer: Some((202, body.map(str::to_owned))),
                at: NOW,
            };
            assert_eq!(kept().await, expected);
        }
    }
}

#[tokio::test]
async fn keys_are_counted_for_each_project() {
    for test in databases().await {
        for (project, count) in [('0', 1), ('a', 3), ('f', 2)] {
            for number in 0..count {
                // From the first key that a project may have to the last.
                let number = if number == 0 { 0 } else { u32::MAX - number };
                carried(&test, key(project, number)).await;
            }
        }
        let mut tx = test.db.read().await.expect("reads");
        for (project, count) in [('0', 1), ('a', 3), ('f', 2), ('7', 0)] {
            for asked in 1..5 {
                let told = once::are_kept(&mut tx, &key(project, 9).id, asked).await;
                assert_eq!(told.expect("ok"), asked <= count, "{asked} of {project}");
            }
        }
    }
}
