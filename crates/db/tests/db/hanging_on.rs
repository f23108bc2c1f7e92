//! What hangs on a volume: attachments given up, the encryption of its type.

use ashlar_db::metadata::{self, Of};
use ashlar_db::testing::databases;
use ashlar_db::type_encryption::{self, EncryptionChange, TypeEncryption};
use ashlar_db::{DbError, args, attachments, transact, volume_types};
use ashlar_types::{AttachmentId, VolumeTypeId};

use crate::made::{NOW, at, insert, insert_type, pairs, run, volume, volume_type};

#[tokio::test]
async fn a_volumes_attachments_are_given_up_together_and_no_others() {
    for test in databases().await {
        let (ours, other) = (volume("p"), volume("p"));
        for v in [&ours, &other] {
            insert(&test, v).await;
            for _ in 0..2 {
                let sql = "INSERT INTO volume_attachment (id, volume_id, attach_status, \
                           created_at, deleted) VALUES (?, ?, 'attached', ?, FALSE)";
                run(&test, sql, args![AttachmentId::random(), v.id, NOW]).await;
            }
        }
        let mode = pairs(&[("attached_mode", "rw"), ("readonly", "False")]);
        let id = ours.id;
        let set: Result<_, DbError> = transact!(
            test.db, tx => metadata::merge(tx, Of::VolumeAdmin(id), &mode, NOW).await
        );
        set.expect("set");
        for expected in [2, 0] {
            let given_up: Result<u64, DbError> =
                transact!(test.db, tx => attachments::detach_all(tx, id, at(1)).await);
            assert_eq!(given_up.expect("given up"), expected);
        }
        let mut tx = test.db.read().await.expect("reads");
        assert!(attachments::of_volume(&mut tx, id).await.expect("reads").is_empty());
        assert_eq!(attachments::of_volume(&mut tx, other.id).await.expect("reads").len(), 2);
        let left = metadata::get(&mut tx, Of::VolumeAdmin(id)).await.expect("reads");
        assert_eq!(left, pairs(&[("readonly", "False")]));
    }
}

#[tokio::test]
async fn a_type_tells_how_its_volumes_are_encrypted() {
    for test in databases().await {
        let (gold, plain) = (VolumeTypeId::random(), VolumeTypeId::random());
        let sql = "INSERT INTO encryption (encryption_id, volume_type_id, control_location, cipher, \
                   key_size, provider, deleted) VALUES (?, ?, 'front-end', 'aes-xts-plain64', 256, \
                   'luks', FALSE)";
        run(&test, sql, args!["e0000000-0000-4000-8000-000000000000", gold]).await;
        let mut tx = test.db.read().await.expect("reads");
        let found = type_encryption::of_type(&mut tx, gold).await.expect("reads");
        let expected = TypeEncryption {
            control_location: Some("front-end".to_owned()),
            cipher: Some("aes-xts-plain64".to_owned()),
            key_size: Some(256),
            provider: Some("luks".to_owned()),
        };
        assert_eq!(found, Some(expected));
        assert_eq!(type_encryption::of_type(&mut tx, plain).await.expect("reads"), None);
    }
}

#[tokio::test]
async fn encryption_is_made_changed_and_goes_with_its_type() {
    for test in databases().await {
        let gold = volume_type("gold");
        insert_type(&test, &gold).await;
        let mut tx = test.db.begin().await.expect("begins");
        let tx = &mut tx;
        let made = TypeEncryption {
            control_location: Some("front-end".to_owned()),
            cipher: Some("aes-xts-plain64".to_owned()),
            key_size: Some(256),
            provider: Some("luks".to_owned()),
        };
        assert!(!type_encryption::is_encrypted(tx, gold.id).await.expect("reads"));
        let id = type_encryption::insert(tx, gold.id, &made, NOW).await.expect("made");
        assert!(type_encryption::is_encrypted(tx, gold.id).await.expect("reads"));
        let change = EncryptionChange {
            cipher: Some(None),
            key_size: Some(Some(512)),
            provider: Some("plain"),
            ..EncryptionChange::default()
        };
        assert!(type_encryption::update(tx, gold.id, &change, at(1)).await.expect("changed"));
        let found = type_encryption::get(tx, gold.id).await.expect("reads").expect("there");
        let expected = TypeEncryption {
            cipher: None,
            key_size: Some(512),
            provider: Some("plain".to_owned()),
            ..made.clone()
        };
        assert_eq!((found.id, found.encryption), (id, expected));
        assert_eq!((found.created_at, found.updated_at), (Some(NOW), Some(at(1))));
        assert!(type_encryption::destroy(tx, gold.id, at(2)).await.expect("removed"));
        assert!(!type_encryption::destroy(tx, gold.id, at(2)).await.expect("gone"));
        assert!(!type_encryption::update(tx, gold.id, &change, at(2)).await.expect("gone"));
        let _ = type_encryption::insert(tx, gold.id, &made, at(3)).await.expect("made again");
        let gone = volume_types::destroy(tx, gold.id, at(4)).await.expect("removed");
        assert_eq!(gone, volume_types::Destroyed::Done);
        assert!(!type_encryption::is_encrypted(tx, gold.id).await.expect("reads"));
    }
}
