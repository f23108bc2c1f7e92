//! Texts that not every database can hold.

use ashlar_db::testing::databases;
use ashlar_db::{DbError, transact, volumes};
use ashlar_types::Metadata;

use crate::made::volume;

#[tokio::test]
async fn a_text_is_stored_as_it_is_or_told_apart_as_unstorable() {
    // Four bytes in UTF-8, which Cinder's tables on MariaDB lack; a NUL, which PostgreSQL lacks; and more
    // than the column declares, which SQLite does not mind.
    for text in ["\u{1f980}".to_owned(), "a\0b".to_owned(), "x".repeat(256)] {
        for test in databases().await {
            let mut v = volume("p");
            v.name = Some(text.clone());
            let stored: Result<(), DbError> =
                transact!(test.db, tx => volumes::insert(tx, &v, &Metadata::new()).await);
            let mut tx = test.db.read().await.expect("reads");
            let found = volumes::get(&mut tx, v.id).await.expect("reads");
            match stored {
                Ok(()) => assert_eq!(found, Some(v)),
                Err(error) => {
                    assert!(error.is_unstorable(), "{error:?}");
                    assert_eq!(found, None);
                }
            }
        }
    }
}

#[tokio::test]
async fn sqlite_holds_any_text() {
    let test = ashlar_db::testing::sqlite().await;
    let mut v = volume("p");
    v.name = Some("\u{1f980}\0".to_owned());
    let stored: Result<(), DbError> =
        transact!(test.db, tx => volumes::insert(tx, &v, &Metadata::new()).await);
    stored.expect("stored");
    let mut tx = test.db.read().await.expect("reads");
    assert_eq!(volumes::get(&mut tx, v.id).await.expect("reads"), Some(v));
}
