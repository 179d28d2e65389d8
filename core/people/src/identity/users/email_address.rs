//! Mail addresses: one form for each mailbox, and no two that look alike.
//!
//! Upper and lower case are the same. The domain is put into its ASCII form (IDNA), so that a look-alike from
//! another script is a different text to the eye as well (`xn--…`). What stands before the `@` is ASCII: nearly
//! no server takes more, and a letter such as `ı`, which other programs fold into `i`, would let somebody else
//! answer for an address.

use crate::identity::IdentityError;
use idna::AsciiDenyList;
use vitrine_base::validation::FieldError;

/// RFC 5321, section 4.5.3.1.
const LONGEST: usize = 254;
const LONGEST_LOCAL: usize = 64;
/// RFC 5322, section 3.2.3: what an unquoted local part may hold besides letters, digits and single dots.
const SIGNS: &str = "!#$%&'*+/=?^_`{|}~-";

/// An address in the form that is stored and looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EmailAddress(String);

impl EmailAddress {
    /// Reads what somebody wrote; none for what is no address.
    #[must_use]
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text.len() > 4 * LONGEST {
            return None;
        }
        let (local, domain) = text.trim().rsplit_once('@')?;
        let domain = idna::domain_to_ascii_cow(domain.as_bytes(), AsciiDenyList::URL).ok()?;
        let address = format!("{}@{domain}", local.to_ascii_lowercase());
        let fits = is_local(local) && is_domain(&domain) && address.len() <= LONGEST;
        fits.then_some(Self(address))
    }

    /// Reads what somebody wrote into the field `email`.
    ///
    /// # Errors
    /// [`IdentityError::Invalid`] for what is no address.
    pub(crate) fn checked(text: &str) -> Result<Self, IdentityError> {
        Self::parse(text).ok_or_else(|| IdentityError::Invalid(vec![Self::refusal()]))
    }

    /// What is said of a field that holds no address.
    pub(in crate::identity) fn refusal() -> FieldError {
        FieldError {
            field: "email".to_owned(),
            code: "invalid_email",
            message: "must be an email address".to_owned(),
        }
    }

    /// The text that is stored.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// The address with most of it hidden, for emails to somebody else.
    pub(crate) fn hidden(&self) -> String {
        match self.0.split_once('@') {
            Some((local, domain)) => format!("{}***@{domain}", local.chars().next().unwrap_or('*')),
            None => "***".to_owned(),
        }
    }
}

impl From<EmailAddress> for String {
    fn from(address: EmailAddress) -> Self {
        address.0
    }
}

fn is_local(local: &str) -> bool {
    let plain = |sign: char| sign.is_ascii_alphanumeric() || SIGNS.contains(sign);
    local.len() <= LONGEST_LOCAL
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.chars().all(plain))
}

fn is_domain(domain: &str) -> bool {
    domain.split('.').all(|label| {
        let fine = label
            .chars()
            .all(|sign| sign.is_ascii_alphanumeric() || sign == '-');
        fine && (1..=63).contains(&label.len()) && !label.starts_with('-') && !label.ends_with('-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normalised(text: &str) -> Option<String> {
        EmailAddress::parse(text).map(String::from)
    }

    #[test]
    fn each_mailbox_has_one_form() {
        let same = [
            ("ADA@Example.COM ", "ada@example.com"),
            ("a.b+c@sub.example.org", "a.b+c@sub.example.org"),
            ("demo@vitrine.local", "demo@vitrine.local"),
            ("ada@bücher.example", "ada@xn--bcher-kva.example"),
            ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
            ("ada@ｅｘａｍｐｌｅ.com", "ada@example.com"),
        ];
        for (written, stored) in same {
            assert_eq!(normalised(written).as_deref(), Some(stored), "{written}");
        }
    }

    #[test]
    fn look_alikes_are_other_addresses_or_none() {
        // A Cyrillic а in the domain is another domain, and shows it.
        let other = normalised("ada@ex\u{430}mple.com").unwrap();
        assert!(other.starts_with("ada@xn--"), "{other}");
        for bad in [
            "\u{430}da@example.com",
            "m\u{131}ke@example.com",
            "ａda@example.com",
            "ada\u{200b}@example.com",
        ] {
            assert_eq!(normalised(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("ada@{}.com", "a".repeat(64));
        let longer = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a b@example.com",
            "a@b@c",
            "ada@.com",
            "ada@b..c",
            "a..b@c.de",
            ".a@c.de",
            "a\u{0}@b.c",
            "a@b.c\r\nBcc: x@y.z",
            "a@-b.c",
            "a@[127.0.0.1]",
            "a@b_c.de",
            "\"a\"@b.c",
            &long,
            &longer,
        ] {
            assert_eq!(normalised(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_hidden_address_is_still_recognised_by_its_owner() {
        let ada = EmailAddress::parse("ada@example.com").unwrap();

        assert_eq!(ada.hidden(), "a***@example.com");
    }
}
