//! HMAC-SHA256 with the app's secret, compared in constant time.

use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

const DIGEST: usize = 32;

/// Whether one of the secrets signed these bytes. Every secret is tried, so that time tells nothing about which.
pub(super) fn is_signed(secrets: &[SecretString], bytes: &[u8], signature: &[u8]) -> bool {
    let mut genuine = false;
    for secret in secrets.iter().filter(|secret| !secret.expose_secret().is_empty()) {
        genuine |= Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes())
            .is_ok_and(|mac| mac.chain_update(bytes).verify_slice(signature).is_ok());
    }
    genuine
}

/// Reads the value of `X-Hub-Signature-256`.
pub(super) fn from_header(value: &str) -> Option<[u8; DIGEST]> {
    let digits = value
        .strip_prefix("sha256=")
        .filter(|digits| digits.len() == 2 * DIGEST)?;
    let mut digest = [0; DIGEST];
    for (byte, pair) in digest.iter_mut().zip(digits.as_bytes().chunks(2)) {
        let pair = std::str::from_utf8(pair)
            .ok()
            .filter(|pair| !pair.starts_with('+'))?;
        *byte = u8::from_str_radix(pair, 16).ok()?;
    }
    Some(digest)
}

#[cfg(any(test, feature = "fuzzing"))]
pub(super) fn sign(secret: &str, bytes: &[u8]) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes());
    let signed = mac.map(|mac| mac.chain_update(bytes).finalize().into_bytes().to_vec());
    signed.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_genuine_under_any_of_the_secrets() {
        let secrets = ["meta".into(), "0123456789abcdef0123456789abcdef".into()];
        let known = "sha256=8912de8ce2cf02fdf72be5dee010dc1bf8145745d177db4fb80b628f8bccf8de";
        let body = br#"{"object":"instagram","entry":[]}"#;

        let signature = from_header(known).unwrap();

        assert!(is_signed(&secrets, body, &signature));
        assert!(!is_signed(&secrets[..1], body, &signature));
        assert!(!is_signed(&secrets, b"{}", &signature));
        assert!(!is_signed(&[], body, &signature));
        assert!(!is_signed(&secrets, body, &signature[..16]));
        assert!(!is_signed(&["".into()], body, &sign("", body)));
    }

    #[test]
    fn other_headers_are_refused() {
        let zeros = "0".repeat(64);
        for bad in [
            "",
            "sha256=",
            "sha1=00",
            &format!("sha1={zeros}"),
            &format!("sha256={}", &zeros[1..]),
            &format!("sha256=+{}", &zeros[1..]),
            &format!("sha256=ä{}", &zeros[2..]),
        ] {
            assert_eq!(from_header(bad), None, "{bad}");
        }
    }
}
