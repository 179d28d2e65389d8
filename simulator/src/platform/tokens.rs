//! Access tokens that carry their own facts, hidden and signed, so that they outlive a restart.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::wire::Dialect;

/// The short token of the code exchange lives an hour.
pub(crate) const SHORT_LIFE: i64 = 3_600;
/// What the platform was seen to answer for sixty days.
pub(crate) const LONG_LIFE: i64 = 5_183_944;

/// How a token came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    Short,
    Long,
}

/// What a token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claims {
    pub(crate) account: u32,
    pub(crate) epoch: u32,
    pub(crate) kind: TokenKind,
    /// Bit n stands for the dialect's scope n.
    pub(crate) scopes: u8,
    pub(crate) issued_at: i64,
    pub(crate) expires_at: i64,
}

const NONCE: usize = 12;
const MAC: usize = 16;
const CLAIMS: usize = 26;

/// Seals and opens tokens of one seed.
pub(crate) struct TokenMint {
    hiding_key: [u8; 32],
    signing_key: [u8; 32],
}

impl TokenMint {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            hiding_key: blake3::derive_key("vitrine simulator token hiding", &seed.to_le_bytes()),
            signing_key: blake3::derive_key("vitrine simulator token signing", &seed.to_le_bytes()),
        }
    }

    /// A token of about so many characters, under the dialect's prefix.
    pub(crate) fn seal(&self, claims: &Claims, dialect: Dialect, length: usize) -> String {
        #[expect(
            clippy::disallowed_methods,
            reason = "the simulator builds on nothing of ours"
        )]
        let nonce: [u8; NONCE] = rand::random();
        let characters = length.saturating_sub(dialect.token_prefix().len());
        let hidden = (characters * 3 / 4).saturating_sub(NONCE + MAC).max(CLAIMS);
        let mut body = vec![0_u8; hidden];
        body[..CLAIMS].copy_from_slice(&encode(claims));
        self.hide(&nonce, &mut body);
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&self.sign(&nonce, &body));
        bytes.extend_from_slice(&body);
        format!("{}{}", dialect.token_prefix(), URL_SAFE_NO_PAD.encode(bytes))
    }

    /// What a token says; nothing when it was not made here, is another dialect's, or was changed on the way.
    pub(crate) fn open(&self, token: &str, dialect: Dialect) -> Option<Claims> {
        let bytes = URL_SAFE_NO_PAD
            .decode(token.strip_prefix(dialect.token_prefix())?)
            .ok()?;
        let (nonce, rest) = bytes.split_first_chunk::<NONCE>()?;
        let (mac, body) = rest.split_first_chunk::<MAC>()?;
        if self.sign(nonce, body) != *mac {
            return None;
        }
        let mut body = body.to_vec();
        self.hide(nonce, &mut body);
        decode(body.first_chunk::<CLAIMS>()?)
    }

    fn hide(&self, nonce: &[u8; NONCE], body: &mut [u8]) {
        let mut stream = vec![0_u8; body.len()];
        blake3::Hasher::new_keyed(&self.hiding_key)
            .update(nonce)
            .finalize_xof()
            .fill(&mut stream);
        for (byte, mask) in body.iter_mut().zip(stream) {
            *byte ^= mask;
        }
    }

    fn sign(&self, nonce: &[u8; NONCE], body: &[u8]) -> [u8; MAC] {
        let mut mac = [0_u8; MAC];
        blake3::Hasher::new_keyed(&self.signing_key)
            .update(nonce)
            .update(body)
            .finalize_xof()
            .fill(&mut mac);
        mac
    }
}

/// A short name for a token that gives nothing away; used in the call log.
pub(crate) fn fingerprint(token: &str) -> String {
    blake3::hash(token.as_bytes()).to_hex()[..12].to_owned()
}

fn encode(claims: &Claims) -> [u8; CLAIMS] {
    let mut bytes = [0_u8; CLAIMS];
    bytes[0..4].copy_from_slice(&claims.account.to_le_bytes());
    bytes[4..8].copy_from_slice(&claims.epoch.to_le_bytes());
    bytes[8] = u8::from(claims.kind == TokenKind::Long);
    bytes[9] = claims.scopes;
    bytes[10..18].copy_from_slice(&claims.issued_at.to_le_bytes());
    bytes[18..26].copy_from_slice(&claims.expires_at.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8; CLAIMS]) -> Option<Claims> {
    Some(Claims {
        account: u32::from_le_bytes(bytes[0..4].try_into().ok()?),
        epoch: u32::from_le_bytes(bytes[4..8].try_into().ok()?),
        kind: if bytes[8] == 1 {
            TokenKind::Long
        } else {
            TokenKind::Short
        },
        scopes: bytes[9],
        issued_at: i64::from_le_bytes(bytes[10..18].try_into().ok()?),
        expires_at: i64::from_le_bytes(bytes[18..26].try_into().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> Claims {
        Claims {
            account: 3,
            epoch: 1,
            kind: TokenKind::Long,
            scopes: 5,
            issued_at: 1_764_000_000,
            expires_at: 1_769_183_944,
        }
    }

    const LIVE: Dialect = Dialect::InstagramLogin;

    #[test]
    fn a_token_opens_after_a_restart_and_in_no_other_seed_or_dialect() {
        let token = TokenMint::new(1).seal(&claims(), LIVE, 184);
        assert!(token.starts_with("IGAA") && token.len() == 184, "{}", token.len());
        assert_eq!(TokenMint::new(1).open(&token, LIVE), Some(claims()));
        assert_eq!(TokenMint::new(2).open(&token, LIVE), None);
        assert_eq!(TokenMint::new(1).open(&token, Dialect::BasicDisplay), None);
    }

    #[test]
    fn a_changed_token_does_not_open() {
        let mint = TokenMint::new(1);
        let token = mint.seal(&claims(), LIVE, 300);
        assert!(token.len() > 255);
        for place in [10, 60, 290] {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(mint.open(&changed, LIVE), None, "{place}");
        }
    }
}
