//! Origins of web pages: read as people paste them, kept as browsers send them, and compared.

use super::{address::is_web_address, public_suffix::is_one_owners};
use url::{ParseError, Url};

/// Most bytes of an origin; a host has 253 at most.
const LONGEST: usize = 255;
/// Stands for the subdomains while an address is taken apart: a `*` is no part of a host.
const ANY: &str = "://any.";
const WILDCARD: &str = "://*.";

/// Why a text is no origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Nothing, or far too much.
    #[error("must be an origin such as https://example.com, of at most {LONGEST} characters")]
    Length,
    /// No scheme.
    #[error("must begin with https://, as in https://example.com")]
    NoScheme,
    /// Another scheme, or `http` of another machine.
    #[error("must begin with https://; http:// is for this machine only, as in http://localhost:3000")]
    Insecure,
    /// A star somewhere else.
    #[error("may have one *, in place of subdomains, as in https://*.example.com")]
    Star,
    /// A star above the hosts of many owners.
    #[error(
        "must not put * in front of a domain that many people share; use your own domain, as in https://*.example.com"
    )]
    Wide,
    /// A port that there is not.
    #[error("must have a port between 1 and 65535, as in https://example.com:8443, or none")]
    Port,
    /// A host that there cannot be.
    #[error("must have a host without spaces and special characters, as in https://example.com")]
    Host,
    /// No address at all.
    #[error("is not a web address; an origin looks like https://example.com or https://example.com:8443")]
    Unreadable,
    /// A user or a password.
    #[error("must not contain a user name or a password: {0}")]
    Credentials(String),
    /// Something behind the host.
    #[error("must not have a path; write {0}")]
    Path(String),
}

/// The origin that a person means, as browsers send it: in lower case, without the port that goes without saying, with
/// its host in ASCII. A slash at its end is let be.
///
/// # Errors
/// [`OriginError`] says what is wrong, with the origin that it would be otherwise where that can be told.
pub fn read_origin(text: &str) -> Result<String, OriginError> {
    let text = text.trim();
    if text.is_empty() || text.len() > LONGEST {
        return Err(OriginError::Length);
    }
    if !text.contains("://") {
        return Err(OriginError::NoScheme);
    }
    let plain = text.replacen(WILDCARD, ANY, 1);
    if plain.contains('*') {
        return Err(OriginError::Star);
    }
    let address = Url::parse(&plain).map_err(unreadable)?;
    if address.port() == Some(0) {
        return Err(OriginError::Port);
    }
    let origin = address.origin().ascii_serialization();
    let origin = if plain == text {
        origin
    } else {
        origin.replacen(ANY, WILDCARD, 1)
    };
    check(&address, &origin).map(|()| origin)
}

fn unreadable(error: ParseError) -> OriginError {
    match error {
        ParseError::InvalidPort => OriginError::Port,
        ParseError::InvalidDomainCharacter | ParseError::IdnaError => OriginError::Host,
        _ => OriginError::Unreadable,
    }
}

fn check(address: &Url, origin: &str) -> Result<(), OriginError> {
    if !address.username().is_empty() || address.password().is_some() {
        return Err(OriginError::Credentials(origin.to_owned()));
    }
    let is_bare = address.path() == "/" && address.query().is_none() && address.fragment().is_none();
    let mut root = address.clone();
    root.set_path("");
    root.set_query(None);
    root.set_fragment(None);
    match (is_web_address(&root), is_bare) {
        (false, _) => Err(OriginError::Insecure),
        (true, false) => Err(OriginError::Path(origin.to_owned())),
        (true, true) if origin.len() > LONGEST => Err(OriginError::Length),
        (true, true) if !is_narrow(origin) => Err(OriginError::Wide),
        (true, true) => Ok(()),
    }
}

/// Whether a wildcard stands for the hosts of one owner; an origin without one does.
fn is_narrow(origin: &str) -> bool {
    let Some((_, below)) = origin.split_once(WILDCARD) else {
        return true;
    };
    let host = below.split(':').next().unwrap_or_default();
    is_one_owners(host)
}

/// Whether a page's origin is among the allowed ones, or below one that begins with `*.`.
#[must_use]
#[inline]
pub fn is_among(allowed: &[String], origin: &str) -> bool {
    allowed.iter().any(|pattern| fits(pattern, origin))
}

fn fits(pattern: &str, origin: &str) -> bool {
    match pattern.split_once(WILDCARD) {
        None => origin.eq_ignore_ascii_case(pattern),
        Some((scheme, parent)) => subdomain(origin, scheme, parent).is_some_and(is_labels),
    }
}

fn subdomain<'a>(origin: &'a str, scheme: &str, parent: &str) -> Option<&'a str> {
    let (given, host) = origin.split_once("://")?;
    let (labels, rest) = host.split_at_checked(host.len().checked_sub(parent.len() + 1)?)?;
    let fits = given.eq_ignore_ascii_case(scheme) && rest[1..].eq_ignore_ascii_case(parent);
    (fits && rest.starts_with('.')).then_some(labels)
}

fn is_labels(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_paste_is_kept_as_browsers_send_it() {
        for (pasted, kept) in [
            ("https://example.com", "https://example.com"),
            (" https://example.com/ ", "https://example.com"),
            ("HTTPS://Www.Example.COM", "https://www.example.com"),
            ("https://example.com:443", "https://example.com"),
            ("https://example.com:65535", "https://example.com:65535"),
            ("https://example.com:8443/", "https://example.com:8443"),
            ("https://studio.photography", "https://studio.photography"),
            ("https://Blumen-Müller.de", "https://xn--blumen-mller-klb.de"),
            ("https://*.Example.com/", "https://*.example.com"),
            ("https://*.münchen.de", "https://*.xn--mnchen-3ya.de"),
            ("https://*.Example.co.uk:8443", "https://*.example.co.uk:8443"),
            ("http://*.localhost:3000", "http://*.localhost:3000"),
            ("http://localhost:12345", "http://localhost:12345"),
            ("http://LOCALHOST:80", "http://localhost"),
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("http://[::1]:3000", "http://[::1]:3000"),
        ] {
            assert_eq!(read_origin(pasted).as_deref(), Ok(kept), "{pasted}");
            assert_eq!(read_origin(kept).as_deref(), Ok(kept), "{kept}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let example = || "https://example.com".to_owned();
        for (text, wrong) in [
            ("", OriginError::Length),
            (&format!("https://{}.com", "a".repeat(300)), OriginError::Length),
            ("example.com", OriginError::NoScheme),
            ("*", OriginError::NoScheme),
            ("null", OriginError::NoScheme),
            ("http://example.com", OriginError::Insecure),
            ("ftp://example.com", OriginError::Insecure),
            ("https://*.*.com", OriginError::Star),
            ("https://*", OriginError::Star),
            ("https://a*b.com", OriginError::Star),
            ("https://*.com", OriginError::Wide),
            ("https://*.COM:8443", OriginError::Wide),
            ("https://*.com.", OriginError::Wide),
            ("https://*.", OriginError::Wide),
            ("https://*.co.uk", OriginError::Wide),
            ("https://*.github.io", OriginError::Wide),
            ("https://", OriginError::Unreadable),
            ("https://a b.example", OriginError::Host),
            ("https://example.com:99999", OriginError::Port),
            ("https://example.com:0", OriginError::Port),
            ("https://example.com:https", OriginError::Port),
            ("https://ada@example.com", OriginError::Credentials(example())),
            ("https://example.com/shop", OriginError::Path(example())),
            ("https://example.com/?a=b", OriginError::Path(example())),
            ("https://example.com#top", OriginError::Path(example())),
        ] {
            assert_eq!(read_origin(text), Err(wrong), "{text}");
        }
    }

    #[test]
    fn only_subdomains_fit_a_star() {
        let allowed = [
            "https://shop.example".to_owned(),
            "https://*.example.com".to_owned(),
        ];

        for origin in [
            "https://shop.example",
            "https://www.example.com",
            "https://a.b.example.com",
        ] {
            assert!(is_among(&allowed, origin), "{origin}");
        }
        for origin in [
            "https://example.com",
            "https://notexample.com",
            "http://www.example.com",
            "null",
        ] {
            assert!(!is_among(&allowed, origin), "{origin}");
        }
        assert!(!is_among(&[], "https://shop.example"));
    }
}
