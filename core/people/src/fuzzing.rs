//! What must hold for every text that is given as an address.

use crate::identity::users::email_address::EmailAddress;
use url::Url;
use vitrine_base::web::origin_pattern::read_origin;

const SIGNS: &str = "!#$%&'*+/=?^_`{|}~-.@";

/// A mail address has one form, which can be written to; an origin is as browsers write it.
pub fn addresses(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Some(address) = EmailAddress::parse(text) {
        assert_mailbox(&address);
        assert_eq!(
            EmailAddress::parse(&text.to_ascii_uppercase()).as_ref(),
            Some(&address)
        );
        assert_eq!(EmailAddress::parse(&text.to_ascii_lowercase()), Some(address));
    }
    if let Ok(origin) = read_origin(text) {
        assert_origin(&origin);
        assert_eq!(read_origin(&origin).as_ref(), Ok(&origin), "its form is its own");
    }
}

fn assert_mailbox(mailbox: &EmailAddress) {
    let address = mailbox.as_str();
    assert_eq!(
        EmailAddress::parse(address).as_ref(),
        Some(mailbox),
        "its form is its own"
    );
    let is_plain = |sign: char| sign.is_ascii_lowercase() || sign.is_ascii_digit() || SIGNS.contains(sign);
    assert!(address.len() <= 254 && address.chars().all(is_plain), "{address}");
    assert_eq!(address.matches('@').count(), 1);
    assert!(
        address.parse::<lettre::Address>().is_ok(),
        "{address} can be written to"
    );
    let (local, domain) = address.split_once('@').unwrap_or_default();
    assert_eq!(mailbox.hidden(), format!("{}***@{domain}", &local[..1]));
}

fn assert_origin(text: &str) {
    let host = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let Some(host) = host else {
        panic!("{text} is no origin");
    };
    let host = host.strip_prefix("*.").unwrap_or(host);
    assert!(
        !host.is_empty() && !host.contains(['*', '/', '?', '#', '@', '\\', ' ']),
        "{text}"
    );
    assert!(
        text.is_ascii()
            && !text
                .bytes()
                .any(|byte| byte.is_ascii_control() || byte.is_ascii_uppercase())
    );
    let sent = format!("{}{host}", &text[..text.find("//").unwrap_or_default() + 2]);
    let written = Url::parse(&sent).map(|url| url.origin().ascii_serialization());
    assert_eq!(written.as_deref(), Ok(sent.as_str()), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use vitrine_base::fuzzing::holds_for_seeds;

    #[test]
    fn seeds_of_addresses() {
        holds_for_seeds("addresses", addresses);
    }
}
