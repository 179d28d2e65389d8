//! The shape of the photos that visitors read, for the OpenAPI document: core writes the bytes.
#![expect(dead_code, reason = "only read for the OpenAPI document")]

use chrono::{DateTime, Utc};
use utoipa::ToSchema;
use uuid::Uuid;

/// One page of a feed.
#[derive(ToSchema)]
pub(crate) struct PhotosView {
    feed: PhotosFeedView,
    /// The feed's first account; null before one is connected.
    #[schema(required)]
    profile: Option<ProfileView>,
    data: Vec<PhotoView>,
    page: crate::listing::PageView,
}

/// Which feed it is.
#[derive(ToSchema)]
pub(crate) struct PhotosFeedView {
    id: Uuid,
    name: String,
    /// When its content last changed.
    updated_at: DateTime<Utc>,
}

/// Whose photos they are.
#[derive(ToSchema)]
pub(crate) struct ProfileView {
    username: Option<String>,
    name: Option<String>,
    profile_picture_url: Option<String>,
    followers_count: Option<i64>,
    media_count: Option<i64>,
}

/// A post.
#[derive(ToSchema)]
pub(crate) struct PhotoView {
    id: Uuid,
    /// `IMAGE`, `VIDEO` or `CAROUSEL_ALBUM`.
    r#type: String,
    /// Whether it is a reel.
    is_reel: bool,
    /// Text of the post.
    caption: Option<String>,
    /// The same as safe HTML with links.
    caption_html: Option<String>,
    /// The same without the hashtags at its end.
    pruned_caption: Option<String>,
    hashtags: Vec<String>,
    mentions: Vec<String>,
    /// Description for those who cannot see it.
    alt_text: Option<String>,
    /// The post's page.
    permalink: Option<String>,
    timestamp: DateTime<Utc>,
    username: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
    colors: Option<serde_json::Value>,
    blurhash: Option<String>,
    image: ImageView,
    video: Option<VideoView>,
    children: Vec<PhotoChildView>,
    /// Likes; null when the owner hides them.
    like_count: Option<i64>,
    comments_count: Option<i64>,
    pinned: bool,
}

/// A picture, in several sizes.
#[derive(ToSchema)]
pub(crate) struct ImageView {
    src: Option<String>,
    sizes: SizesView,
}

/// A picture's sizes.
#[derive(ToSchema)]
pub(crate) struct SizesView {
    small: SizeView,
    medium: SizeView,
    large: SizeView,
    original: SizeView,
}

/// One size of a picture.
#[derive(ToSchema)]
pub(crate) struct SizeView {
    url: Option<String>,
    width: Option<u32>,
    height: Option<u32>,
}

/// A video.
#[derive(ToSchema)]
pub(crate) struct VideoView {
    src: String,
}

/// One picture or video of an album.
#[derive(ToSchema)]
pub(crate) struct PhotoChildView {
    id: String,
    /// `IMAGE` or `VIDEO`.
    r#type: String,
    alt_text: Option<String>,
    permalink: Option<String>,
    image: ImageView,
    video: Option<VideoView>,
}
