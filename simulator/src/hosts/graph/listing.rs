//! Pages of media, with cursors that stay right when media come and go.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use url::form_urlencoded;

use super::access::Access;
use super::media::MediaWriter;
use super::selection::{DEFAULT_LIMIT, MOST_PER_PAGE, MediaField, media_fields};
use crate::media::Media;
use crate::platform::AccountIdForm;
use crate::platform::Platform;
use crate::wire::Form;
use crate::wire::GraphError;
use crate::wire::JsonText;

/// Only so many of the newest media can be listed.
const MOST_LISTED: usize = 10_000;

/// A place in a listing: newest first, then highest serial number first.
type Place = (i64, u32);

/// Which part of a listing is wanted.
#[derive(Debug, Clone, Default)]
pub(super) struct PageRequest {
    limit: usize,
    after: Option<Place>,
    before: Option<Place>,
    since: Option<i64>,
    until: Option<i64>,
}

impl PageRequest {
    pub(super) fn first(limit: usize) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    fn from_query(query: &Form) -> Result<Self, GraphError> {
        let bad = |name: &str| GraphError::api(100, format!("Invalid parameter: {name}"));
        let number = |name: &'static str| {
            query
                .get(name)
                .map(|text| text.parse::<i64>().map_err(|_| bad(name)))
                .transpose()
        };
        let place = |name: &'static str| {
            query
                .get(name)
                .map(|text| read_cursor(text).ok_or_else(|| bad(name)))
                .transpose()
        };
        let limit = number("limit")?.map(|limit| usize::try_from(limit).unwrap_or(0));
        Ok(Self {
            limit: limit.unwrap_or(DEFAULT_LIMIT).clamp(1, MOST_PER_PAGE),
            after: place("after")?,
            before: place("before")?,
            since: number("since")?,
            until: number("until")?,
        })
    }
}

/// `GET /me/media`.
pub(super) fn media_list(
    platform: &Platform,
    query: &Form,
    access: &Access,
    version: &str,
) -> Result<String, GraphError> {
    let text = query.get("fields").unwrap_or_default();
    let fields = media_fields(text, platform.dialect())?;
    let page = PageRequest::from_query(query)?;
    let mut json = JsonText::new(platform.modes().escape_json, 32 * 1_024);
    write_page(&mut json, platform, access, &page, &fields, text, version);
    Ok(json.finish())
}

/// Writes `{data, paging}`. `fields_text` is echoed in the links to further pages.
pub(super) fn write_page(
    json: &mut JsonText,
    platform: &Platform,
    access: &Access,
    page: &PageRequest,
    fields: &[MediaField],
    fields_text: &str,
    version: &str,
) {
    let shelf = platform.shelves.media_of(&access.account);
    let listed: Vec<&Media> = shelf
        .iter()
        .filter(|media| platform.lists(media))
        .take(MOST_LISTED)
        .filter(|media| page.since.is_none_or(|since| media.taken_at >= since))
        .filter(|media| page.until.is_none_or(|until| media.taken_at <= until))
        .collect();
    let (from, to) = bounds(&listed, page);
    let writer = MediaWriter::new(platform, &access.account);
    let link = |direction: &str, place: Place| {
        page_link(platform, access, page, fields_text, version, direction, place)
    };
    json.object(|json| {
        json.key("data").array(|json| {
            for media in &listed[from..to] {
                writer.media(json, media, fields);
            }
        });
        let (Some(first), Some(last)) = (listed[from..to].first(), listed[from..to].last()) else {
            return;
        };
        json.key("paging").object(|json| {
            json.key("cursors").object(|json| {
                json.key("before").string(&cursor(place(first)));
                json.key("after").string(&cursor(place(last)));
            });
            if from > 0 {
                json.key("previous").link(&link("before", place(first)));
            }
            if to < listed.len() {
                json.key("next").link(&link("after", place(last)));
            }
        });
    });
}

/// Which of the listed media the page shows.
fn bounds(listed: &[&Media], page: &PageRequest) -> (usize, usize) {
    if let Some(before) = page.before {
        let to = listed.partition_point(|media| place(media) > before);
        return (to.saturating_sub(page.limit), to);
    }
    let from = page
        .after
        .map_or(0, |after| listed.partition_point(|media| place(media) >= after));
    (from, listed.len().min(from + page.limit))
}

fn place(media: &Media) -> Place {
    (media.taken_at, media.serial)
}

fn cursor((taken_at, serial): Place) -> String {
    URL_SAFE_NO_PAD.encode(format!("AQH{taken_at:x}.{serial:x}"))
}

fn read_cursor(text: &str) -> Option<Place> {
    let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let (taken_at, serial) = plain.strip_prefix("AQH")?.split_once('.')?;
    Some((
        i64::from_str_radix(taken_at, 16).ok()?,
        u32::from_str_radix(serial, 16).ok()?,
    ))
}

/// The whole address of another page. Like the platform's, it holds the token and the version.
fn page_link(
    platform: &Platform,
    access: &Access,
    page: &PageRequest,
    fields: &str,
    version: &str,
    direction: &str,
    place: Place,
) -> String {
    let id = platform.account_id(&access.account, AccountIdForm::Professional);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("access_token", &access.token);
    if !fields.is_empty() {
        query.append_pair("fields", fields);
    }
    query.append_pair("limit", &page.limit.to_string());
    for (name, value) in [("since", page.since), ("until", page.until)] {
        if let Some(value) = value {
            query.append_pair(name, &value.to_string());
        }
    }
    query.append_pair(direction, &cursor(place));
    format!("{}/{version}/{id}/media?{}", platform.base_url, query.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_and_looks_like_one_of_the_platform() {
        let text = cursor((1_764_000_000, 77));
        assert!(text.starts_with("QVFI"), "{text}");
        assert_eq!(read_cursor(&text), Some((1_764_000_000, 77)));
        assert_eq!(read_cursor("nonsense"), None);
    }
}
