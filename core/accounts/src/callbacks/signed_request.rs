//! Meta's signed requests: who took the permission back, or wants their data deleted.

use super::{object::Object, signature::is_signed};
use base64::{
    Engine,
    alphabet::URL_SAFE,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use chrono::{DateTime, TimeDelta};
use secrecy::SecretString;
use serde::Deserialize;
use vitrine_entity::Time;

/// Longer than any that was seen, by far.
const LONGEST: usize = 4 * 1024;
const LONGEST_ID: usize = 64;
/// A request is good for so long after it was issued; its digest is remembered for ever.
const OLDEST: TimeDelta = TimeDelta::hours(24);
/// Their clock may be ahead of ours by so much.
const NEWEST: TimeDelta = TimeDelta::minutes(10);
const ALGORITHM: &str = "HMAC-SHA256";

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What a genuine request says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedRequest {
    /// The person, by one of the ids that Instagram has for them.
    pub user_id: String,
    /// When Meta signed it, in whole seconds.
    pub issued_at: Time,
    /// The same for the same request, whatever its signature was padded with.
    pub digest: blake3::Hash,
}

/// The request is not genuine, or too old. Nobody is told which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signed request is not genuine, or too old")]
pub struct NotGenuine;

#[derive(Deserialize)]
struct Payload {
    algorithm: String,
    issued_at: i64,
    user_id: UserId,
}

/// Documented as a text; numbers above 2^53 are exact in an integer.
#[derive(Deserialize)]
#[serde(untagged)]
enum UserId {
    Text(String),
    Number(u64),
}

impl SignedRequest {
    /// Reads a request that was signed with one of these secrets.
    ///
    /// # Errors
    /// [`NotGenuine`] for anything else.
    pub fn read(text: &str, secrets: &[SecretString], now: Time) -> Result<Self, NotGenuine> {
        let (signature, encoded) = parts(text).ok_or(NotGenuine)?;
        let signature = BASE64.decode(signature).map_err(|_| NotGenuine)?;
        if !is_signed(secrets, encoded.as_bytes(), &signature) {
            return Err(NotGenuine);
        }
        let payload = BASE64.decode(encoded).map_err(|_| NotGenuine)?;
        let Object(payload) = serde_json::from_slice::<Object<Payload>>(&payload).map_err(|_| NotGenuine)?;
        payload.checked(now).map(|(user_id, issued_at)| Self {
            user_id,
            issued_at,
            digest: blake3::hash(encoded.as_bytes()),
        })
    }
}

impl Payload {
    fn checked(self, now: Time) -> Result<(String, Time), NotGenuine> {
        let issued = DateTime::from_timestamp(self.issued_at, 0).ok_or(NotGenuine)?;
        let in_time = now - OLDEST <= issued && issued <= now + NEWEST;
        let user_id = match self.user_id {
            UserId::Text(text) => text,
            UserId::Number(number) => number.to_string(),
        };
        let is_id = (1..=LONGEST_ID).contains(&user_id.len())
            && user_id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        (in_time && is_id && self.algorithm.eq_ignore_ascii_case(ALGORITHM))
            .then_some((user_id, issued))
            .ok_or(NotGenuine)
    }
}

/// Exactly two.
fn parts(text: &str) -> Option<(&str, &str)> {
    let (signature, payload) = text.split_once('.').filter(|_| text.len() <= LONGEST)?;
    (!payload.contains('.')).then_some((signature, payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::callbacks::signature::sign;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";
    const KNOWN: &str = "YMlCdaLIQnMjhEyckK6zqv_ge7BohXmpsKoMUuwyg-0.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6\
                         MTc2NDAwMDAwMCwidXNlcl9pZCI6IjI1OTgyNzUyMjQ4MDMyMDM2In0";
    const ISSUED: i64 = 1_764_000_000;

    fn read(text: &str, seconds_later: i64) -> Result<String, NotGenuine> {
        let now = DateTime::from_timestamp(ISSUED + seconds_later, 0).unwrap();
        let secrets = ["another".into(), SECRET.into()];
        SignedRequest::read(text, &secrets, now).map(|request| request.user_id)
    }

    fn signed(payload: &str) -> String {
        let encoded = BASE64.encode(payload);
        format!("{}.{encoded}", BASE64.encode(sign(SECRET, encoded.as_bytes())))
    }

    #[test]
    fn the_known_answer_is_read_with_any_padding() {
        assert_eq!(read(KNOWN, 0).unwrap(), "25982752248032036");
        let padded = KNOWN.replacen('.', "=.", 1);
        assert_eq!(read(&padded, 0).unwrap(), "25982752248032036");
        let number = r#"{"algorithm":"hmac-sha256","issued_at":1764000000,"user_id":25982752248032036}"#;
        assert_eq!(read(&signed(number), 0).unwrap(), "25982752248032036");
    }

    #[test]
    fn old_and_future_requests_are_refused() {
        assert!(read(KNOWN, 24 * 3_600).is_ok());
        assert_eq!(read(KNOWN, 24 * 3_600 + 1), Err(NotGenuine));
        assert!(read(KNOWN, -600).is_ok());
        assert_eq!(read(KNOWN, -601), Err(NotGenuine));
    }

    #[test]
    fn anything_else_is_refused() {
        let payload = |algorithm: &str, user: &str| {
            signed(&format!(
                r#"{{"algorithm":"{algorithm}","issued_at":{ISSUED},"user_id":{user}}}"#
            ))
        };
        let unsigned = KNOWN.split_once('.').unwrap().1;
        let forged = format!("{}.{unsigned}", BASE64.encode(sign("wrong", unsigned.as_bytes())));
        for text in [
            String::new(),
            ".".to_owned(),
            format!(".{unsigned}"),
            format!("{KNOWN}."),
            format!("{KNOWN}A"),
            forged,
            payload("none", "\"1\""),
            payload("HMAC-SHA1", "\"1\""),
            payload(ALGORITHM, "\"\""),
            payload(ALGORITHM, "\"a b\""),
            payload(ALGORITHM, "-1"),
            payload(ALGORITHM, "null"),
            signed("[]"),
            signed("\u{0}"),
            "A".repeat(LONGEST + 1),
        ] {
            assert_eq!(read(&text, 0), Err(NotGenuine), "{text}");
        }
    }
}
