//! Seals what is kept for a client by the key that it chose, so that the database alone does not tell it.

use std::fmt::Write as _;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest;

use crate::request::Request;

/// Bytes of a nonce.
const NONCE: usize = 12;

/// Closes and opens; the same for the same key of the same user in the same project.
pub(super) struct Seal(Option<RandomizedNonceKey>);

impl Seal {
    pub(super) fn new(request: &Request, chosen: &str) -> Self {
        let caller = &request.caller;
        let parts = ("seal", &caller.project_id, &caller.user_id, chosen);
        let text = serde_json::to_vec(&parts).expect("texts can be written as JSON");
        let key = digest::digest(&digest::SHA256, &text);
        Self(RandomizedNonceKey::new(&AES_256_GCM, key.as_ref()).ok())
    }

    /// `content` sealed, in hexadecimal digits.
    pub(super) fn close(&self, content: &[u8]) -> Option<String> {
        let mut sealed = content.to_vec();
        let nonce = self.0.as_ref()?.seal_in_place_append_tag(Aad::empty(), &mut sealed).ok()?;
        let mut text = String::with_capacity((NONCE + sealed.len()) * 2);
        for byte in nonce.as_ref().iter().chain(&sealed) {
            let _ = write!(text, "{byte:02x}");
        }
        Some(text)
    }

    /// What was sealed; none when it is nothing that this key has sealed.
    pub(super) fn open(&self, text: &str) -> Option<String> {
        let bytes = bytes(text)?;
        let (nonce, sealed) = bytes.split_at_checked(NONCE)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut sealed = sealed.to_vec();
        let content = self.0.as_ref()?.open_in_place(nonce, Aad::empty(), &mut sealed).ok()?;
        String::from_utf8(content.to_vec()).ok()
    }
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}
