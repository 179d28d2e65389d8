//! What must hold whatever a server answers: takes any bytes and panics where a promise is broken.
//!
//! `scripts/fuzz` looks for such bytes; the seeds that it begins with are tests here as well.

use std::error::Error;
use std::time::Duration;

use chrono::Datelike;
use reqwest::header::{HeaderMap, HeaderValue};
use serde_json::Value;

use crate::answers::grant::{LongLivedToken, ShortLivedGrant};
use crate::answers::link::link_expires_at;
use crate::answers::media::{MediaItem, MediaPage};
use crate::answers::profile::{Profile, read_alive};
use crate::endpoint::Endpoint;
use crate::failure::{Failure, FailureKind};
use crate::transport::reply::{Reader, Reply, retry_after};
use crate::usage::{Answer, Usage};

/// Stands in every text of a body that is read a second time, and must never come out of a failure.
const CANARY: &str = " canary 7f3a";
const LONGEST_WAIT: Duration = Duration::from_secs(7 * 24 * 3600);
const LONGEST_LIFE: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

/// Every reader finds in the body what stands there or refuses it; what it gives can be stored, and no failure
/// repeats a text of the body.
pub fn answer(body: &[u8]) {
    for status in [200, 302, 400, 429, 500] {
        assert_answer(status, body);
    }
    if let Ok(mut value) = serde_json::from_slice(body) {
        mark(&mut value);
        let marked = value.to_string().into_bytes();
        assert_answer(200, &marked);
        assert_answer(400, &marked);
    }
    assert_headers(body);
}

fn assert_answer(status: u16, body: &[u8]) {
    if let Some(page) = read(Endpoint::Media, status, body, MediaPage::read) {
        assert_page(&page, body);
    }
    if let Some(profile) = read(Endpoint::Me, status, body, Profile::read) {
        assert_profile(&profile);
    }
    if let Some(grant) = read(Endpoint::ExchangeCode, status, body, ShortLivedGrant::read) {
        assert!(!grant.user_id.is_empty() && !grant.token.expose().is_empty());
        assert_hidden(&format!("{:?}", grant.token), grant.token.expose());
        let names = grant.permissions.unwrap_or_default();
        assert!(names.iter().all(|name| !name.is_empty() && name.trim() == name));
    }
    for endpoint in [Endpoint::LongLived, Endpoint::Refresh] {
        if let Some(long) = read(endpoint, status, body, LongLivedToken::read) {
            assert!(
                long.expires_in.is_none_or(|life| life <= LONGEST_LIFE) && !long.token.expose().is_empty()
            );
            assert_hidden(&format!("{long:?}"), long.token.expose());
        }
    }
    for endpoint in [Endpoint::ConfirmAlive, Endpoint::OneMedia] {
        read(endpoint, status, body, read_alive);
    }
}

/// What a reader makes of the answer; none where it is a failure.
fn read<T>(endpoint: Endpoint, status: u16, body: &[u8], read: Reader<T>) -> Option<T> {
    let reply = Reply {
        status,
        usage: Usage::default(),
        retry_after: None,
        body: Ok(body.to_vec()),
    };
    match reply.interpret(endpoint, read) {
        Ok(Answer { value, .. }) => {
            assert!(status == 200 && !is_refusal(body));
            Some(value)
        }
        Err(failure) => {
            assert_failure(&failure, status);
            None
        }
    }
}

fn is_refusal(body: &[u8]) -> bool {
    let answer: Option<Value> = serde_json::from_slice(body).ok();
    answer.is_some_and(|answer| answer.get("error").is_some_and(Value::is_object))
}

fn assert_failure(failure: &Failure, status: u16) {
    assert_eq!(failure.status, Some(status));
    assert_hidden(
        &format!(
            "{failure} {failure:?} {:?}",
            failure.source().map(ToString::to_string)
        ),
        CANARY,
    );
    if let FailureKind::Throttled { wait, .. } = failure.kind {
        assert!(wait.is_none_or(|wait| wait <= LONGEST_WAIT));
    }
    assert!(failure.fbtrace_id.as_ref().is_none_or(|trace| trace.len() <= 28));
}

fn assert_hidden(shown: &str, secret: &str) {
    // A text as short as a word of ours says nothing.
    assert!(secret.len() < 12 || !shown.contains(secret), "{shown}");
}

fn assert_page(page: &MediaPage, body: &[u8]) {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let told = answer.get("data").and_then(Value::as_array).map(Vec::len);
    let skipped = page.unusable.iter().filter(|entry| entry.album.is_none()).count();
    assert_eq!(told, Some(page.items.len() + skipped));
    assert!(
        answer
            .get("paging")
            .is_some_and(|paging| paging.get("next").is_some())
            || page.after.is_none()
    );
    for item in &page.items {
        assert_medium(item);
        assert!(item.children.iter().all(|part| part.children.is_empty()));
        item.children.iter().for_each(assert_medium);
    }
}

fn assert_medium(item: &MediaItem) {
    assert!(!item.id.is_empty());
    assert!(
        item.timestamp
            .is_none_or(|time| (1..=9999).contains(&time.year()))
    );
    let links = [&item.media_url, &item.thumbnail_url].into_iter().flatten();
    assert!(
        links
            .filter_map(|link| link_expires_at(link))
            .all(|end| (1970..=2106).contains(&end.year()))
    );
    let stored = serde_json::to_string(item).unwrap_or_default();
    assert_storable(&stored);
    let again: Option<MediaItem> = serde_json::from_str(&stored).ok();
    assert_eq!(again.as_ref(), Some(item));
}

fn assert_profile(profile: &Profile) {
    assert!(!profile.id.is_empty());
    let stored = serde_json::to_string(profile).unwrap_or_default();
    assert_storable(&stored);
    let again: Option<Profile> = serde_json::from_str(&stored).ok();
    assert_eq!(again.as_ref(), Some(profile));
}

/// Postgres keeps no zero characters, in texts as in JSON.
fn assert_storable(json: &str) {
    let value: Value = serde_json::from_str(json).unwrap_or_default();
    assert!(!has_zero(&value), "{json}");
}

fn has_zero(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(has_zero),
        Value::Object(members) => members.values().any(has_zero),
        _ => false,
    }
}

fn mark(value: &mut Value) {
    match value {
        Value::String(text) => text.push_str(CANARY),
        Value::Array(values) => values.iter_mut().for_each(mark),
        Value::Object(members) => members.values_mut().for_each(mark),
        _ => {}
    }
}

/// The same bytes as headers that report budgets.
fn assert_headers(value: &[u8]) {
    let Ok(value) = HeaderValue::from_bytes(value) else {
        return;
    };
    let names = ["x-app-usage", "x-business-use-case-usage", "retry-after", "date"];
    let headers: HeaderMap = names
        .into_iter()
        .filter_map(|name| Some((name.parse().ok()?, value.clone())))
        .collect();
    let waits = [
        Usage::from_headers(&headers).regain_access_in,
        retry_after(&headers),
    ];
    assert!(waits.into_iter().flatten().all(|wait| wait <= LONGEST_WAIT));
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    /// Fails too where there are no seeds: a target that starts from nothing finds nothing in a minute.
    #[test]
    fn seeds_of_answers() {
        let seeds = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds/instagram");
        let mut read = 0;
        for seed in fs::read_dir(&seeds).unwrap() {
            let seed = seed.unwrap().path();
            println!("{}", seed.display());
            super::answer(&fs::read(&seed).unwrap());
            read += 1;
        }
        assert!(read > 0, "no seeds in {}", seeds.display());
    }
}
