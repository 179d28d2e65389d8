//! Reading and moving the clock.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{DateTime, Duration, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Refusal, body, kept};
use crate::platform::Platform;

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum ClockChange {
    /// A span such as `8d` or `90m`, backwards with a minus before it.
    Advance(String),
    Set(DateTime<Utc>),
}

pub(super) async fn show(State(platform): State<Arc<Platform>>) -> axum::Json<Value> {
    axum::Json(view(&platform))
}

pub(super) async fn change(State(platform): State<Arc<Platform>>, bytes: Bytes) -> Result<Response, Refusal> {
    match body(&bytes)? {
        ClockChange::Advance(text) => platform.clock.advance(span(&text)?),
        ClockChange::Set(moment) => platform.clock.set(moment),
    }
    kept(&platform, StatusCode::OK, view(&platform)).await
}

fn view(platform: &Platform) -> Value {
    let offset = platform.clock.offset().as_seconds_f64();
    json!({"now": platform.now().to_rfc3339_opts(SecondsFormat::Micros, true), "offset_seconds": offset})
}

fn span(text: &str) -> Result<Duration, Refusal> {
    let bad = |error: String| Refusal::bad_request(format!("advance: {error}"));
    let (back, plain) = text
        .strip_prefix('-')
        .map_or((false, text), |plain| (true, plain));
    let span = humantime::parse_duration(plain).map_err(|error| bad(error.to_string()))?;
    let span = Duration::from_std(span).map_err(|error| bad(error.to_string()))?;
    Ok(if back { -span } else { span })
}
