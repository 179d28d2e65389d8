//! Secrets that came by, and the search for them.

use aho_corasick::AhoCorasick;
use base64::{
    Engine,
    engine::GeneralPurpose,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Shorter ones would be found by chance.
const SHORTEST: usize = 8;

/// Every secret that came by, by what it is.
#[derive(Default)]
pub(super) struct Secrets(BTreeMap<String, Vec<u8>>);

impl Secrets {
    pub(super) fn add(&mut self, what: &str, secret: impl AsRef<[u8]>) {
        let secret = secret.as_ref();
        assert!(secret.len() >= SHORTEST, "{what} is too short to be looked for");
        let name = format!("{what} {}", self.0.len());
        self.0.insert(name, secret.to_owned());
    }

    /// Adds what an answer shows this once.
    pub(super) fn of_answer(&mut self, answer: &Value) {
        for name in ["access_token", "refresh_token", "key", "state", "secret"] {
            if let Some(secret) = answer[name].as_str() {
                self.add(name, secret);
            }
        }
        for code in answer["recovery_codes"].as_array().into_iter().flatten() {
            let code = code.as_str().unwrap();
            self.add("recovery code", code);
            self.add(
                "recovery code as it is compared",
                code.replace('-', "").to_uppercase(),
            );
        }
    }

    /// How many secrets of this kind came by.
    pub(super) fn count(&self, what: &str) -> usize {
        self.0.keys().filter(|name| name.starts_with(what)).count()
    }

    /// One of them, as text.
    pub(super) fn any(&self) -> String {
        let mut texts = self
            .0
            .values()
            .filter_map(|secret| String::from_utf8(secret.clone()).ok());
        texts.next().unwrap()
    }

    /// Names of the secrets that a text holds, in any of the ways in which they are usually written.
    pub(super) fn found_in(&self, text: &str) -> BTreeSet<String> {
        let forms = self
            .0
            .iter()
            .flat_map(|(name, secret)| forms(secret).into_iter().map(move |form| (name, form)));
        let (names, forms): (Vec<_>, Vec<_>) = forms.unzip();
        // All at once: texts are long, and secrets are many.
        let search = AhoCorasick::new(forms).unwrap();
        let found = search.find_overlapping_iter(text);
        found
            .map(|place| names[place.pattern().as_usize()].clone())
            .collect()
    }
}

fn forms(secret: &[u8]) -> Vec<String> {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let mut forms = vec![
        // As the dumps write bytes that are no text.
        secret.iter().map(|byte| char::from(*byte)).collect(),
        url::form_urlencoded::byte_serialize(secret).collect(),
        hex.to_uppercase(),
        hex,
        // As `Debug` writes bytes.
        secret.iter().map(u8::to_string).collect::<Vec<_>>().join(", "),
    ];
    forms.extend(std::str::from_utf8(secret).map(str::to_owned));
    for alphabet in [&BASE64_STANDARD_NO_PAD, &BASE64_URL_SAFE_NO_PAD] {
        forms.extend((0..3).map(|before| amid_base64(alphabet, before, secret)));
    }
    forms
}

/// How a secret looks in the Base64 of something longer, of which so many bytes (modulo three) stand before it: the
/// signs that depend on nothing but the secret.
fn amid_base64(alphabet: &GeneralPurpose, before: usize, secret: &[u8]) -> String {
    let mut bytes = vec![0; before];
    bytes.extend(secret);
    let encoded = alphabet.encode(&bytes);
    let (start, end) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
    encoded[start..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_found_however_it_is_written() {
        let mut secrets = Secrets::default();
        secrets.add("word", "open sesame!");
        secrets.add("bytes", [0xff, 0x00, 0x9d, 0x12, 0xfe, 0x33, 0x81, 0x07]);
        let found = |text: &str| secrets.found_in(text).len();

        for before in ["", "a", "ab", "abc"] {
            let text = format!("{before}open sesame! and more");
            assert_eq!(found(&BASE64_STANDARD_NO_PAD.encode(text)), 1, "{before}");
        }
        for text in [
            "xopen sesame!x",
            "?q=open+sesame%21&",
            "\\x6f70656e20736573616d6521",
            "[255, 0, 157, 18, 254, 51, 129, 7]",
            "FF009D12FE338107",
        ] {
            assert_eq!(found(text), 1, "{text}");
        }
        assert_eq!(found("open sesame?"), 0);
    }
}
