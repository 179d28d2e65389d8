//! How credentials are sent.

use crate::http::problem::{Problem, code};
use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName};

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Every API key begins so; no access token does.
const KEY_MARK: &str = "vt_";

/// What a caller shows.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credential {
    /// An access token.
    Token(String),
    /// An API key.
    Key(String),
}

impl Credential {
    /// The credential in these headers: `Authorization: Bearer` with a token or a key, else
    /// `X-Api-Key`; none when neither is sent.
    ///
    /// # Errors
    /// For an `Authorization` header that holds anything else, or bytes that are no text.
    pub(super) fn of(headers: &HeaderMap) -> Result<Option<Self>, Problem> {
        if let Some(value) = headers.get(AUTHORIZATION) {
            return value
                .to_str()
                .ok()
                .and_then(bearer)
                .map(Some)
                .ok_or_else(not_bearer);
        }
        let Some(value) = headers.get(X_API_KEY) else {
            return Ok(None);
        };
        let text = value.to_str().map_err(|_| Problem::new(&code::INVALID_KEY))?;
        Ok(Some(Self::Key(text.to_owned())))
    }
}

fn bearer(value: &str) -> Option<Credential> {
    let (scheme, text) = value.split_once(' ')?;
    let text = text.trim();
    let fits = scheme.eq_ignore_ascii_case("bearer") && !text.is_empty();
    let credential = if text.starts_with(KEY_MARK) {
        Credential::Key
    } else {
        Credential::Token
    };
    fits.then(|| credential(text.to_owned()))
}

fn not_bearer() -> Problem {
    Problem::new(&code::UNAUTHENTICATED).with_detail("The Authorization header has no bearer token.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    fn shown(headers: &[(HeaderName, &str)]) -> Result<Option<Credential>, Problem> {
        let pairs = headers
            .iter()
            .map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap()));
        Credential::of(&pairs.collect())
    }

    #[test]
    fn tokens_and_keys_are_told_apart() {
        let token = Some(Credential::Token("a.b.c".to_owned()));
        let key = Some(Credential::Key("vt_sk_x".to_owned()));

        assert!(shown(&[(AUTHORIZATION, "Bearer a.b.c")]).unwrap() == token);
        assert!(shown(&[(AUTHORIZATION, "bearer  vt_sk_x ")]).unwrap() == key);
        assert!(shown(&[(X_API_KEY, "vt_sk_x")]).unwrap() == key);
        assert!(shown(&[]).unwrap().is_none());
    }

    #[test]
    fn other_schemes_are_refused() {
        for value in ["Basic dXNlcjpwYXNz", "Bearer", "Bearer  ", "vt_sk_x", "Token a"] {
            let problem = shown(&[(AUTHORIZATION, value)]).err().unwrap();
            assert_eq!(problem.code(), &code::UNAUTHENTICATED, "{value}");
        }
    }
}
