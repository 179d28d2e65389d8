//! What must hold for everything that claims to come from Meta.

use super::{
    SignedRequest,
    signature::{from_header, is_signed, sign},
    webhook,
};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta};
use secrecy::SecretString;
use serde_json::Value;
use vitrine_base::fuzzing::{halves, with_a_bit_changed};
use vitrine_entity::Time;

const SECRETS: [&str; 2] = [
    "0123456789abcdef0123456789abcdef",
    "fedcba9876543210fedcba9876543210",
];
const OTHER: &str = "not one of the secrets";
const LONGEST_ID: usize = 64;

/// What is genuine was signed with one of the secrets, lately, and says whom it is about; whatever else was
/// changed on the way is refused.
pub fn signed_request(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        as_received(text);
    }
    for secret in SECRETS {
        as_payload(input, secret);
    }
}

fn as_received(text: &str) {
    let Some(request) = read(text, &SECRETS) else {
        return;
    };
    let (signature, payload) = text.split_once('.').unwrap_or_default();
    let signature = BASE64_URL_SAFE_NO_PAD.decode(signature.trim_end_matches('='));
    let genuine = SECRETS.map(|secret| sign(secret, payload.as_bytes()));
    assert!(signature.is_ok_and(|signature| genuine.contains(&signature)));
    assert_eq!(read(text, &[OTHER]), None);
    assert!(is_id(&request.user_id));
}

/// Signs what the target made up, so that it reaches what lies behind the signature.
fn as_payload(payload: &[u8], secret: &str) {
    let text = signed(payload, secret);
    assert_eq!(read(&text, &[OTHER]), None);
    let Some(request) = read(&text, &SECRETS) else {
        return;
    };
    assert!(is_id(&request.user_id));
    assert_says(payload, &request);
    assert!(SignedRequest::read(&text, &secrets(&SECRETS), now() + TimeDelta::days(2)).is_err());
    let padded = read(&text.replacen('.', "=.", 1), &SECRETS);
    assert_eq!(padded.as_ref(), Some(&request), "padding makes no other request");
    let (signature, encoded) = text.split_once('.').unwrap_or_default();
    let changed = with_a_bit_changed(encoded.as_bytes());
    let changed = format!("{signature}.{}", String::from_utf8_lossy(&changed));
    assert_eq!(read(&changed, &SECRETS), None);
}

fn assert_says(payload: &[u8], request: &SignedRequest) {
    let Ok(Value::Object(payload)) = serde_json::from_slice(payload) else {
        return;
    };
    let text = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = payload.get("user_id").and_then(Value::as_u64);
    let issued_at = payload.get("issued_at").and_then(Value::as_i64);
    assert_eq!(issued_at, Some(request.issued_at.timestamp()));
    assert!(text("algorithm").eq_ignore_ascii_case("hmac-sha256"));
    assert!(text("user_id") == request.user_id || number.is_some_and(|id| id.to_string() == request.user_id));
}

/// A body is genuine only under the signature of one of the secrets, and names accounts that there may be.
pub fn webhook(input: &[u8]) {
    let (header, body) = halves(input);
    let secrets = secrets(&SECRETS);
    let genuine = SECRETS.map(|secret| sign(secret, body));
    if let Some(digest) = std::str::from_utf8(header).ok().and_then(from_header) {
        assert!(header.eq_ignore_ascii_case(written(&digest).as_bytes()));
        let is_genuine = genuine.iter().any(|known| *known == digest);
        assert_eq!(is_signed(&secrets, body, &digest), is_genuine);
    }
    for known in &genuine {
        let header = written(known);
        assert_eq!(
            from_header(&header).as_ref().map(|digest| &digest[..]),
            Some(&known[..])
        );
        assert!(is_signed(&secrets, body, known));
        assert!(body.is_empty() || !is_signed(&secrets, &with_a_bit_changed(body), known));
        assert!(!is_signed(&self::secrets(&[OTHER]), body, known));
    }
    assert_accounts(body);
}

fn assert_accounts(body: &[u8]) {
    let Ok(accounts) = webhook::accounts(body) else {
        return;
    };
    assert!(accounts.len() <= 1_000);
    let is_digits = |id: &String| id.bytes().all(|byte| byte.is_ascii_digit());
    assert!(
        accounts.iter().all(|id| is_id(id) && is_digits(id)),
        "{accounts:?}"
    );
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn written(digest: &[u8]) -> String {
    let digits: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256={digits}")
}

fn signed(payload: &[u8], secret: &str) -> String {
    let encoded = BASE64_URL_SAFE_NO_PAD.encode(payload);
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(secret, encoded.as_bytes()));
    format!("{signature}.{encoded}")
}

fn read(text: &str, secrets: &[&str]) -> Option<SignedRequest> {
    SignedRequest::read(text, &self::secrets(secrets), now()).ok()
}

fn secrets(texts: &[&str]) -> Vec<SecretString> {
    texts.iter().map(|text| (*text).into()).collect()
}

/// When the seeds were issued.
fn now() -> Time {
    DateTime::UNIX_EPOCH + TimeDelta::seconds(1_764_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::fuzzing::holds_for_seeds;

    #[test]
    fn seeds_of_signed_requests() {
        holds_for_seeds("signed_request", signed_request);
    }

    #[test]
    fn seeds_of_webhooks() {
        holds_for_seeds("webhook", webhook);
    }
}
