//! Authorization codes: an hour, one use, bound to who asked for them.

use std::collections::HashMap;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};

use crate::locks::lock;

const LIFE_SECONDS: i64 = 3_600;
/// Spent codes are remembered this long, to tell a second use from an unknown code.
const MEMORY_SECONDS: i64 = 7 * 86_400;

/// A code given out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Code {
    pub(crate) account: u32,
    pub(crate) scopes: u8,
    pub(crate) client_id: String,
    pub(crate) redirect_uri: String,
    pub(crate) issued_at: i64,
    pub(crate) spent: bool,
}

/// Why a code cannot be redeemed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CodeRefusal {
    UnknownOrExpired,
    AlreadyUsed,
    OtherRedirectUri,
}

/// The codes given out and not yet forgotten.
#[derive(Debug, Default)]
pub(crate) struct Codes(Mutex<HashMap<String, Code>>);

impl Codes {
    pub(crate) fn from_saved(codes: HashMap<String, Code>) -> Self {
        Self(Mutex::new(codes))
    }

    pub(crate) fn saved(&self) -> HashMap<String, Code> {
        lock(&self.0).clone()
    }

    pub(crate) fn issue(&self, code: Code) -> String {
        #[expect(
            clippy::disallowed_methods,
            reason = "the simulator builds on nothing of ours"
        )]
        let random: [u8; 24] = rand::random();
        let text = format!("AQ{}", blake3::hash(&random).to_hex());
        let mut codes = lock(&self.0);
        let now = code.issued_at;
        codes.retain(|_, old| now - old.issued_at < MEMORY_SECONDS);
        codes.insert(text.clone(), code);
        text
    }

    /// The account a code was given for, spent or not.
    pub(crate) fn owner(&self, text: &str) -> Option<u32> {
        lock(&self.0).get(text).map(|code| code.account)
    }

    /// Spends a code. A refused attempt leaves the code as it was.
    pub(crate) fn redeem(
        &self,
        text: &str,
        client_id: &str,
        redirect_uri: &str,
        now: i64,
    ) -> Result<Code, CodeRefusal> {
        let mut codes = lock(&self.0);
        let code = codes
            .get_mut(text)
            .filter(|code| code.client_id == client_id && now - code.issued_at < LIFE_SECONDS || code.spent)
            .ok_or(CodeRefusal::UnknownOrExpired)?;
        if code.spent {
            return Err(CodeRefusal::AlreadyUsed);
        }
        if code.redirect_uri != redirect_uri {
            return Err(CodeRefusal::OtherRedirectUri);
        }
        code.spent = true;
        Ok(code.clone())
    }
}
