//! Refusals in the words the platform was seen to use.

use axum::http::StatusCode;
use chrono::{DateTime, FixedOffset, Utc};

use crate::accounts::Revocation;
use crate::wire::JsonText;
use crate::wire::Modes;

/// The body and status of a refusal.
#[derive(Debug, Clone)]
pub(crate) struct GraphError {
    pub(crate) status: StatusCode,
    kind: &'static str,
    code: i64,
    subcode: Option<i64>,
    /// The subcode is one that the live host was never seen to send.
    subcode_by_mode: bool,
    message: String,
    transient: Option<bool>,
    title: Option<&'static str>,
}

impl GraphError {
    pub(crate) fn new(status: StatusCode, kind: &'static str, code: i64, message: impl Into<String>) -> Self {
        Self {
            status,
            kind,
            code,
            subcode: None,
            subcode_by_mode: false,
            message: message.into(),
            transient: None,
            title: None,
        }
    }

    pub(crate) fn oauth(code: i64, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "OAuthException", code, message)
    }

    pub(crate) fn api(code: i64, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "IGApiException", code, message)
    }

    pub(crate) fn with_subcode(self, subcode: i64) -> Self {
        Self {
            subcode: Some(subcode),
            ..self
        }
    }

    pub(crate) fn with_transient(self, transient: bool) -> Self {
        Self {
            transient: Some(transient),
            ..self
        }
    }

    pub(crate) fn with_title(self, title: &'static str) -> Self {
        Self {
            title: Some(title),
            ..self
        }
    }

    fn token(subcode: i64, message: impl Into<String>) -> Self {
        Self {
            subcode_by_mode: true,
            ..Self::oauth(190, message).with_subcode(subcode)
        }
    }

    pub(crate) fn expired(ended: i64, now: DateTime<Utc>) -> Self {
        let ended = DateTime::from_timestamp(ended, 0).unwrap_or_default();
        let (ended, now) = (pacific(ended), pacific(now));
        let message = format!(
            "Error validating access token: Session has expired on {ended}. The current time is {now}."
        );
        Self::token(463, message)
    }

    pub(crate) fn revoked(why: Revocation, client_id: &str) -> Self {
        match why {
            Revocation::PasswordChanged => Self::token(
                460,
                "Error validating access token: The session has been invalidated because the user changed \
                 their password or Facebook has changed the session for security reasons.",
            ),
            Revocation::AppRemoved => Self::token(
                458,
                format!(
                    "Error validating access token: The user has not authorized application {client_id}."
                ),
            ),
            Revocation::Checkpoint => Self::token(
                459,
                "Error validating access token: You cannot access the app till you log in to \
                 www.instagram.com and follow the instructions given.",
            ),
        }
    }

    pub(crate) fn unparsable_token() -> Self {
        Self::oauth(190, "Invalid OAuth access token - Cannot parse access token")
    }

    pub(crate) fn missing_token() -> Self {
        Self::oauth(104, "An access token is required to request this resource.")
    }

    pub(crate) fn unsupported_method(method: &str) -> Self {
        Self::api(100, format!("Unsupported request - method type: {method}"))
    }

    pub(crate) fn no_such_object(method: &str, id: &str) -> Self {
        let message = format!(
            "Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due to \
             missing permissions, or does not support this operation"
        );
        Self::api(100, message).with_subcode(33)
    }

    pub(crate) fn unknown_field(field: &str, node: &str) -> Self {
        Self::api(
            100,
            format!("Tried accessing nonexistent field ({field}) on node type ({node})"),
        )
    }

    pub(crate) fn no_permission() -> Self {
        let message = "Application does not have permission for this action";
        Self::new(StatusCode::FORBIDDEN, "IGApiException", 10, message)
    }

    pub(crate) fn unknown_path(rest: &str) -> Self {
        Self::api(2500, format!("Unknown path components: /{rest}"))
    }

    /// The body as sent.
    pub(crate) fn body(&self, modes: &Modes) -> String {
        let mut json = JsonText::new(modes.escape_json, 256);
        json.object(|json| json.key("error").object(|json| self.fields(json, modes)));
        json.finish()
    }

    /// The body in the shape of the code exchange, which is another host's.
    pub(crate) fn exchange_body(&self, modes: &Modes) -> String {
        let mut json = JsonText::new(modes.escape_json, 192);
        json.object(|json| {
            json.key("error_type").string("OAuthException");
            json.key("code").number(self.status.as_u16());
            json.key("error_message").string(&self.message);
        });
        json.finish()
    }

    fn fields(&self, json: &mut JsonText, modes: &Modes) {
        json.key("message").string(&self.message);
        json.key("type").string(self.kind);
        json.key("code").number(self.code);
        if let Some(subcode) = self.subcode.filter(|_| modes.subcodes || !self.subcode_by_mode) {
            json.key("error_subcode").number(subcode);
        }
        if let Some(transient) = self.transient {
            json.key("is_transient").boolean(transient);
        }
        if let Some(title) = self.title {
            json.key("error_user_title").string(title);
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "the simulator builds on nothing of ours"
        )]
        let trace: u128 = rand::random();
        json.key("fbtrace_id").string(&format!("A{trace:x}"));
    }
}

/// The platform writes its own local time.
fn pacific(moment: DateTime<Utc>) -> String {
    const HOURS_WEST: i32 = 8;
    match FixedOffset::west_opt(HOURS_WEST * 3_600) {
        Some(zone) => moment
            .with_timezone(&zone)
            .format("%A, %d-%b-%y %H:%M:%S PST")
            .to_string(),
        None => moment.to_rfc2822(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expired_token_is_told_when_it_ended_and_what_time_it_is() {
        let now = DateTime::from_timestamp(1_764_000_000, 0).unwrap();
        let body = GraphError::expired(1_763_990_000, now).body(&Modes::default());
        let body: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            body["error"]["message"],
            "Error validating access token: Session has expired on Monday, 24-Nov-25 05:13:20 PST. \
             The current time is Monday, 24-Nov-25 08:00:00 PST."
        );
        assert_eq!(body["error"]["code"], 190);
        assert!(body["error"].get("error_subcode").is_none());
        let with = GraphError::expired(0, now).body(&Modes {
            subcodes: true,
            ..Modes::default()
        });
        assert!(with.contains(r#""error_subcode":463"#));
    }
}
