//! The built-in callback: what Instagram sends the browser back with, and where the browser goes on.

use super::{ConnectError, Connections};
use url::Url;
use utoipa::IntoParams;
use vitrine_base::format_chars::strip_format_chars;
use vitrine_entity::{AccountId, connect_attempt::Model};

/// Instagram's words are shown to people, and anybody can write an address: more than this is nobody's sentence.
const LONGEST_WORDS: usize = 300;

/// What Instagram sends the browser back with; the OpenAPI document shows it as it stands.
#[derive(Clone, Default, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CallbackQuery {
    /// The code, on success.
    pub code: Option<String>,
    /// The state of the connection.
    pub state: Option<String>,
    /// What went wrong, on failure: `access_denied` if the owner refused.
    pub error: Option<String>,
    /// The same in words.
    pub error_description: Option<String>,
    /// What went wrong, if Meta refuses the app itself.
    pub error_code: Option<String>,
    /// The same in words.
    pub error_message: Option<String>,
}

/// Where the browser goes, and why.
#[derive(Debug)]
pub struct CallbackOutcome {
    /// The owner's page; none for a plain answer of ours.
    pub return_to: Option<Url>,
    /// The site that the connection was begun for, as far as it is known.
    pub site: Option<String>,
    /// The account, or what went wrong.
    pub result: Result<AccountId, ConnectError>,
}

impl CallbackQuery {
    /// The code, or why there is none.
    fn into_code(self) -> Result<String, ConnectError> {
        let [error, description, number, message] = [
            self.error,
            self.error_description,
            self.error_code,
            self.error_message,
        ]
        .map(words);
        if error.as_deref() == Some("access_denied") {
            return Err(ConnectError::Denied);
        }
        let said = message.or(description).or(error);
        let code = self.code.filter(|code| !code.is_empty());
        match (said, number, code) {
            (Some(said), Some(number), _) => Err(ConnectError::Refused(format!("{said} ({number})"))),
            (Some(said), None, _) | (None, Some(said), _) => Err(ConnectError::Refused(said)),
            (None, None, Some(code)) => Ok(code),
            (None, None, None) => Err(ConnectError::NothingCame),
        }
    }
}

impl CallbackOutcome {
    /// An answer that leaves the browser here.
    fn here(site: Option<String>, error: ConnectError) -> Self {
        Self {
            return_to: None,
            site,
            result: Err(error),
        }
    }
}

impl Connections {
    /// Completes a connection at the built-in callback. Loading it again gives the same answer.
    ///
    /// Only what Instagram decided uses the state up: a request with neither a code nor an error is somebody who looks
    /// ahead, and a connection of the owner's own page is completed by that page.
    pub async fn callback(&self, query: CallbackQuery) -> CallbackOutcome {
        let attempt = match self
            .find_attempt(query.state.as_deref().unwrap_or_default())
            .await
        {
            Ok(attempt) => attempt,
            Err(error) => return CallbackOutcome::here(None, error),
        };
        let site = self
            .tenant(attempt.tenant_id)
            .await
            .ok()
            .map(|tenant| tenant.name);
        if attempt.redirect_uri != self.settings.callback() {
            return CallbackOutcome::here(site, ConnectError::RedirectMismatch);
        }
        let code = query.into_code();
        if matches!(code, Err(ConnectError::NothingCame)) {
            return CallbackOutcome::here(site, ConnectError::NothingCame);
        }
        let return_to = return_to(&attempt);
        let result = self.finish(attempt, code).await;
        CallbackOutcome {
            return_to,
            site,
            result,
        }
    }
}

fn return_to(attempt: &Model) -> Option<Url> {
    let address = attempt.return_to.as_deref()?;
    Url::parse(address).ok()
}

/// A parameter that holds something, as one short line in which nothing turns or hides what stands around it.
fn words(text: Option<String>) -> Option<String> {
    let plain: String = strip_format_chars(&text?)
        .chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .take(LONGEST_WORDS)
        .collect();
    let plain = plain.trim();
    (!plain.is_empty()).then(|| plain.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What comes of a query, as the code or the words of the refusal.
    fn outcome(query: &str) -> Result<String, String> {
        let named = |wanted: &str| {
            url::form_urlencoded::parse(query.as_bytes())
                .find(|(name, _)| name == wanted)
                .map(|(_, value)| value.into_owned())
        };
        let query = CallbackQuery {
            code: named("code"),
            state: None,
            error: named("error"),
            error_description: named("error_description"),
            error_code: named("error_code"),
            error_message: named("error_message"),
        };
        query
            .into_code()
            .map_err(|error| format!("{}: {error}", error.code()))
    }

    #[test]
    fn a_code_counts_only_without_an_error() {
        assert_eq!(outcome("code=a%20b"), Ok("a b".to_owned()));
        assert!(outcome("code=a&error=access_denied").is_err());
        assert!(outcome("code=a&error_code=1&error_message=no").is_err());
    }

    #[test]
    fn only_the_owners_no_is_a_denial() {
        for (query, expected) in [
            (
                "error=access_denied&error_reason=user_denied&error_description=no",
                "access_denied",
            ),
            ("error=access_denied&error_code=200", "access_denied"),
            (
                "error_code=1349126&error_message=App+not+active",
                "App not active (1349126)",
            ),
            ("error=server_error&error_description=Try+later", "Try later"),
            ("error=invalid_scope", "invalid_scope"),
            ("error_code=100", "“100”"),
            ("error_message=one%0D%0Atwo", "one  two"),
            ("error_message=one%E2%80%AE+two%E2%80%8B", "“one two”"),
        ] {
            let refused = outcome(query).unwrap_err();
            assert!(refused.contains(expected), "{query}: {refused}");
            assert_eq!(
                refused.starts_with("access_denied:"),
                expected == "access_denied",
                "{query}: {refused}"
            );
        }
    }

    #[test]
    fn neither_code_nor_error_is_nothing() {
        for query in ["", "code=", "code=&error=", "error_message=%20"] {
            let refused = outcome(query).unwrap_err();
            assert!(refused.starts_with("code_missing"), "{query}: {refused}");
        }
    }

    #[test]
    fn long_words_are_cut() {
        let refused = outcome(&format!("error_message={}", "é".repeat(5_000))).unwrap_err();
        assert!(refused.chars().count() < LONGEST_WORDS + 100);
    }
}
