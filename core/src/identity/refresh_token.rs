//! Rotating refresh tokens.
//!
//! A token names its session and the generation it belongs to, under a keyed hash. The database
//! keeps only the number of the good generation: an older one is a replay, which ends the family
//! (RFC 9700, section 4.14.2), and a made-up one ends nothing.

use crate::security::MasterKey;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::SecretString;
use subtle::ConstantTimeEq;
use uuid::Uuid;
use vitrine_entity::SessionId;

const PREFIX: &str = "vt_rt_";
const SESSION: usize = 16;
const GENERATION: usize = 4;
const MARK: usize = 32;

/// Makes and reads refresh tokens.
#[derive(Clone)]
pub struct RefreshTokens {
    key: [u8; 32],
}

/// Which token of which family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The family.
    pub session: SessionId,
    /// Its place in the family.
    pub generation: i32,
}

impl RefreshTokens {
    /// Tokens under this master key.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        Self {
            key: master.derive("vitrine 2026 refresh tokens"),
        }
    }

    /// The token of one generation.
    #[must_use]
    pub fn issue(&self, ticket: Ticket) -> SecretString {
        let body = body(ticket);
        let bytes = [body.as_slice(), self.mark(&body).as_bytes()].concat();
        format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(bytes)).into()
    }

    /// Which token this is; none for a made-up one.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<Ticket> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token.strip_prefix(PREFIX)?).ok()?;
        let (body, mark) = bytes.split_at_checked(SESSION + GENERATION)?;
        let genuine = mark.len() == MARK && bool::from(self.mark(body).as_bytes().ct_eq(mark));
        let (session, generation) = body.split_at(SESSION);
        genuine.then_some(Ticket {
            session: SessionId(Uuid::from_slice(session).ok()?),
            generation: i32::from_be_bytes(generation.try_into().ok()?),
        })
    }

    fn mark(&self, body: &[u8]) -> blake3::Hash {
        blake3::keyed_hash(&self.key, body)
    }
}

fn body(ticket: Ticket) -> Vec<u8> {
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

    #[test]
    fn a_token_says_which_generation_it_is() {
        let tokens = RefreshTokens::new(&MasterKey::from_bytes([1; 32]));
        let ticket = Ticket {
            session: SessionId::generate(),
            generation: 3,
        };

        assert_eq!(tokens.read(tokens.issue(ticket).expose_secret()), Some(ticket));
    }

    #[test]
    fn a_made_up_token_says_nothing() {
        let tokens = RefreshTokens::new(&MasterKey::from_bytes([1; 32]));
        let others = RefreshTokens::new(&MasterKey::from_bytes([2; 32]));
        let foreign = others.issue(Ticket {
            session: SessionId::generate(),
            generation: 1,
        });

        for text in ["", "vt_rt_", "vt_rt_AAAA", "nonsense", foreign.expose_secret()] {
            assert_eq!(tokens.read(text), None, "{text}");
        }
    }
}
