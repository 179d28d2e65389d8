//! The JSON that a visitor reads.

use super::Caption;
use serde::Serialize;
use vitrine_entity::{FeedId, MediaId, Time, account, feed, media};

/// The answer to `GET /v1/feeds/{id}/photos`.
#[derive(Serialize)]
pub(super) struct PhotosView<'a> {
    feed: FeedView<'a>,
    profile: Option<ProfileView<'a>>,
    data: Vec<PhotoView<'a>>,
    page: PageView,
}

#[derive(Serialize)]
struct FeedView<'a> {
    id: FeedId,
    name: &'a str,
    updated_at: Time,
}

#[derive(Serialize)]
struct ProfileView<'a> {
    username: Option<&'a str>,
    name: Option<&'a str>,
    profile_picture_url: Option<&'a str>,
    followers_count: Option<i64>,
    media_count: Option<i64>,
}

#[derive(Serialize)]
struct PageView {
    next_cursor: Option<String>,
    limit: u32,
}

#[derive(Serialize)]
struct PhotoView<'a> {
    id: MediaId,
    #[serde(rename = "type")]
    media_type: &'a str,
    caption: Option<&'a str>,
    caption_html: Option<String>,
    hashtags: Vec<String>,
    mentions: Vec<String>,
    alt_text: Option<&'a str>,
    permalink: Option<&'a str>,
    timestamp: Time,
    username: Option<&'a str>,
    width: Option<u32>,
    height: Option<u32>,
    colors: Option<()>,
    blurhash: Option<()>,
    image: ImageView<'a>,
    video: Option<VideoView<'a>>,
    children: Vec<ChildView<'a>>,
    like_count: Option<i64>,
    comments_count: Option<i64>,
    pinned: bool,
}

/// Every size is the original until pictures of our own exist.
#[derive(Serialize)]
struct ImageView<'a> {
    src: Option<&'a str>,
    sizes: SizesView<'a>,
}

#[derive(Serialize)]
struct SizesView<'a> {
    small: SizeView<'a>,
    medium: SizeView<'a>,
    large: SizeView<'a>,
    original: SizeView<'a>,
}

#[derive(Clone, Copy, Serialize)]
struct SizeView<'a> {
    url: Option<&'a str>,
    width: Option<u32>,
    height: Option<u32>,
}

#[derive(Serialize)]
struct VideoView<'a> {
    src: &'a str,
}

#[derive(Serialize)]
struct ChildView<'a> {
    id: &'a str,
    #[serde(rename = "type")]
    media_type: &'a str,
    alt_text: Option<&'a str>,
    permalink: Option<&'a str>,
    image: ImageView<'a>,
    video: Option<VideoView<'a>>,
}

impl<'a> PhotosView<'a> {
    pub(super) fn new(
        feed: &'a feed::Model,
        account: Option<&'a account::Model>,
        rows: &'a [media::Model],
        next_cursor: Option<String>,
        limit: u32,
    ) -> Self {
        Self {
            feed: FeedView {
                id: feed.id,
                name: &feed.name,
                updated_at: feed.content_changed_at,
            },
            profile: account.map(ProfileView::new),
            data: rows.iter().map(PhotoView::new).collect(),
            page: PageView { next_cursor, limit },
        }
    }
}

impl<'a> ProfileView<'a> {
    fn new(account: &'a account::Model) -> Self {
        Self {
            username: account.username.as_deref(),
            name: account.name.as_deref(),
            profile_picture_url: account.profile_picture_url.as_deref(),
            followers_count: account.followers_count,
            media_count: account.media_count,
        }
    }
}

impl<'a> PhotoView<'a> {
    fn new(row: &'a media::Model) -> Self {
        let caption = row.caption.as_deref().map(Caption::parse);
        let (hashtags, mentions) = caption
            .as_ref()
            .map(|parts| (parts.hashtags.clone(), parts.mentions.clone()))
            .unwrap_or_default();
        Self {
            id: row.id,
            media_type: &row.media_type,
            caption: row.caption.as_deref(),
            caption_html: caption.map(|parts| parts.html),
            hashtags,
            mentions,
            alt_text: row.alt_text.as_deref(),
            permalink: row.permalink.as_deref(),
            timestamp: row.posted_at,
            username: row.username.as_deref(),
            width: None,
            height: None,
            colors: None,
            blurhash: None,
            image: ImageView::new(picture(&row.media_type, &row.media_url, &row.thumbnail_url)),
            video: video(&row.media_type, &row.media_url),
            children: row.children.0.iter().map(ChildView::new).collect(),
            like_count: row.like_count,
            comments_count: row.comments_count,
            pinned: false,
        }
    }
}

impl<'a> ChildView<'a> {
    fn new(child: &'a media::Child) -> Self {
        Self {
            id: &child.platform_media_id,
            media_type: &child.media_type,
            alt_text: child.alt_text.as_deref(),
            permalink: child.permalink.as_deref(),
            image: ImageView::new(picture(&child.media_type, &child.media_url, &child.thumbnail_url)),
            video: video(&child.media_type, &child.media_url),
        }
    }
}

impl<'a> ImageView<'a> {
    fn new(url: Option<&'a str>) -> Self {
        let size = SizeView {
            url,
            width: None,
            height: None,
        };
        Self {
            src: url,
            sizes: SizesView {
                small: size,
                medium: size,
                large: size,
                original: size,
            },
        }
    }
}

/// A video's own file is no picture; its still is.
fn picture<'a>(
    media_type: &str,
    media_url: &'a Option<String>,
    thumbnail_url: &'a Option<String>,
) -> Option<&'a str> {
    match media_type {
        "VIDEO" => thumbnail_url.as_deref(),
        _ => media_url.as_deref().or(thumbnail_url.as_deref()),
    }
}

fn video<'a>(media_type: &str, media_url: &'a Option<String>) -> Option<VideoView<'a>> {
    media_url
        .as_deref()
        .filter(|_| media_type == "VIDEO")
        .map(|src| VideoView { src })
}
