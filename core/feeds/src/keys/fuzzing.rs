//! What must hold for every text that is given as a key.

use super::KeyText;
use vitrine_base::fuzzing::halves;
use vitrine_entity::api_key::KeyKind;

/// What is read as a key is one letter by letter, and no key with one sign changed.
pub fn keys(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    assert_whole(text);
    let (body, _) = halves(input);
    let body = String::from_utf8_lossy(body);
    for kind in [KeyKind::Secret, KeyKind::Publishable] {
        assert_whole(&KeyText::checked(kind, &body));
    }
}

fn assert_whole(text: &str) {
    let Ok(key) = text.parse::<KeyText>() else {
        return;
    };
    assert_eq!(key.expose(), text);
    assert_eq!(text.len(), 52);
    let random = text
        .strip_prefix("vt_sk_")
        .or_else(|| text.strip_prefix("vt_pk_"));
    let is_plain = |random: &str| random.bytes().all(|byte| byte.is_ascii_alphanumeric());
    assert!(random.is_some_and(is_plain), "{text}");
    assert!(!format!("{:?}", key.clone().into_secret()).contains(text));
    for place in 0..text.len() {
        let other = if text[place..].starts_with('A') { "B" } else { "A" };
        let mistyped = format!("{}{other}{}", &text[..place], &text[place + 1..]);
        assert!(mistyped.parse::<KeyText>().is_err(), "{mistyped} beside {text}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::fuzzing::holds_for_seeds;

    #[test]
    fn seeds_of_keys() {
        holds_for_seeds("keys", keys);
    }
}
