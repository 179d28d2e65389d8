//! The two signatures the platform uses, both HMAC-SHA256 with the app secret.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

fn mac(secret: &str, message: &[u8]) -> Vec<u8> {
    // HMAC takes keys of any length, so there is always one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return Vec::new();
    };
    mac.update(message);
    mac.finalize().into_bytes().to_vec()
}

/// `signature.payload`, both base64url without padding; the signature is over the encoded payload.
pub(super) fn signed_request(secret: &str, payload: &str) -> String {
    let encoded = URL_SAFE_NO_PAD.encode(payload);
    format!(
        "{}.{encoded}",
        URL_SAFE_NO_PAD.encode(mac(secret, encoded.as_bytes()))
    )
}

/// The hex digits of `X-Hub-Signature-256`, over the bytes of the body.
pub(super) fn body_signature(secret: &str, body: &[u8]) -> String {
    mac(secret, body).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_signed_request_is_as_computed_by_hand() {
        let payload = r#"{"algorithm":"HMAC-SHA256","issued_at":1764000000,"user_id":"25982752248032036"}"#;
        assert_eq!(
            signed_request(SECRET, payload),
            "YMlCdaLIQnMjhEyckK6zqv_ge7BohXmpsKoMUuwyg-0.eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTc\
             2NDAwMDAwMCwidXNlcl9pZCI6IjI1OTgyNzUyMjQ4MDMyMDM2In0"
        );
    }

    #[test]
    fn a_body_signature_is_as_computed_by_hand() {
        assert_eq!(
            body_signature(SECRET, br#"{"object":"instagram","entry":[]}"#),
            "8912de8ce2cf02fdf72be5dee010dc1bf8145745d177db4fb80b628f8bccf8de"
        );
    }
}
