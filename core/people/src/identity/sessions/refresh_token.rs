//! Rotating refresh tokens.
//!
//! A token names its session and the generation it belongs to, under a keyed hash. The database
//! keeps only the number of the good generation: an older one is a replay, which ends the family
//! (RFC 9700, section 4.14.2), and a made-up one ends nothing.

use crate::identity::sessions::lifetimes::UNUSED_SESSION_LIFETIME;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::SecretString;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use vitrine_base::security::KeyRing;
use vitrine_entity::{SessionId, sealing_key::KeyUse, session};

const PREFIX: &str = "vt_rt_";
const SESSION: usize = 16;
const GENERATION: usize = 4;
const MARK: usize = 32;
const PURPOSE: &str = "vitrine 2026 refresh tokens";

/// Makes and reads refresh tokens.
#[derive(Clone)]
pub(in crate::identity) struct RefreshTokens {
    ring: KeyRing,
}

/// Which token of which family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::identity) struct TokenGeneration {
    /// The family.
    pub(in crate::identity) session: SessionId,
    /// Its place in the family.
    pub(in crate::identity) generation: i32,
}

impl TokenGeneration {
    /// The newest one of a session.
    pub(in crate::identity) fn of(session: &session::Model) -> Self {
        Self {
            session: session.id,
            generation: session.generation,
        }
    }
}

impl RefreshTokens {
    /// Tokens under these keys. One that a retired key marked is good for as long as the last of them lives.
    pub(in crate::identity) fn new(ring: &KeyRing) -> Self {
        Self { ring: ring.clone() }
    }

    /// The token of one generation.
    pub(in crate::identity) fn issue(&self, ticket: TokenGeneration) -> SecretString {
        let body = body(ticket);
        let key = self.ring.active(KeyUse::Sign, PURPOSE);
        let bytes = [body.as_slice(), mark(&key.secret, &body).as_bytes()].concat();
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)).into()
    }

    /// Which token this is; none for a made-up one.
    pub(in crate::identity) fn read(&self, token: &str) -> Option<TokenGeneration> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let (body, mark) = bytes.split_at_checked(SESSION + GENERATION)?;
        let genuine = mark.len() == MARK && self.is_genuine(body, mark);
        let (session, generation) = body.split_at(SESSION);
        genuine.then_some(TokenGeneration {
            session: SessionId(Uuid::from_slice(session).ok()?),
            generation: i32::from_be_bytes(generation.try_into().ok()?),
        })
    }

    fn is_genuine(&self, body: &[u8], found: &[u8]) -> bool {
        let keys = self.ring.accepted(PURPOSE, UNUSED_SESSION_LIFETIME);
        keys.iter()
            .any(|key| bool::from(mark(&key.secret, body).as_bytes().ct_eq(found)))
    }
}

fn mark(key: &[u8; 32], body: &[u8]) -> blake3::Hash {
    blake3::keyed_hash(key, body)
}

fn body(ticket: TokenGeneration) -> Vec<u8> {
    [
        ticket.session.0.as_bytes().as_slice(),
        &ticket.generation.to_be_bytes(),
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::sync::Arc;
    use vitrine_base::{clock::TestClock, security::MasterKey};

    fn under_key(byte: u8) -> RefreshTokens {
        let master = MasterKey::from_bytes([byte; 32]);
        RefreshTokens::new(&KeyRing::from_master_key(&master, Arc::new(TestClock::new())))
    }

    #[test]
    fn a_token_says_which_generation_it_is() {
        let tokens = under_key(1);
        let ticket = TokenGeneration {
            session: SessionId::generate(),
            generation: 3,
        };

        assert_eq!(tokens.read(tokens.issue(ticket).expose_secret()), Some(ticket));
    }

    #[test]
    fn a_made_up_token_says_nothing() {
        let tokens = under_key(1);
        let others = under_key(2);
        let foreign = others.issue(TokenGeneration {
            session: SessionId::generate(),
            generation: 1,
        });

        for text in ["", "vt_rt_", "vt_rt_AAAA", "nonsense", foreign.expose_secret()] {
            assert_eq!(tokens.read(text), None, "{text}");
        }
    }
}
