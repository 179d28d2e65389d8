//! Our own JSON: the answer to `GET /v1/feeds/{id}/photos`. The OpenAPI document describes the types that are written.

use super::{RenderContext, Rendered};
use crate::{
    FeedError, Item,
    content::item::{picture_of_child, video_of_child},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;
use vitrine_base::paging::PageView;
use vitrine_entity::{FeedId, account, media::Child};

/// Writes a page.
pub(super) fn write(context: &RenderContext<'_>) -> Result<Rendered, FeedError> {
    let page = context.page();
    let feed = &context.content.header.feed;
    let view = PhotosView {
        feed: PhotosFeedView {
            id: feed.id,
            name: &feed.name,
            updated_at: feed.content_changed_at,
        },
        profile: context.content.header.profile().map(ProfileView::new),
        data: page.items.iter().map(|item| PhotoView::new(item)).collect(),
        page: PageView {
            next_cursor: context.next_cursor(&page),
            limit: context.size().into(),
        },
    };
    Ok(Rendered {
        body: serde_json::to_vec(&view).map_err(FeedError::unwritable)?,
        content_type: "application/json",
    })
}

/// One page of a feed.
#[derive(Serialize, ToSchema)]
pub struct PhotosView<'a> {
    feed: PhotosFeedView<'a>,
    /// The feed's first account; null before one is connected.
    #[schema(required)]
    profile: Option<ProfileView<'a>>,
    data: Vec<PhotoView<'a>>,
    page: PageView,
}

/// Which feed it is.
#[derive(Serialize, ToSchema)]
struct PhotosFeedView<'a> {
    #[schema(value_type = Uuid)]
    id: FeedId,
    name: &'a str,
    /// When its content last changed.
    updated_at: DateTime<Utc>,
}

/// Whose photos they are.
#[derive(Serialize, ToSchema)]
struct ProfileView<'a> {
    username: Option<&'a str>,
    name: Option<&'a str>,
    profile_picture_url: Option<&'a str>,
    followers_count: Option<i64>,
    media_count: Option<i64>,
}

/// A post.
#[derive(Serialize, ToSchema)]
struct PhotoView<'a> {
    id: Uuid,
    /// `IMAGE`, `VIDEO` or `CAROUSEL_ALBUM`.
    #[serde(rename = "type")]
    media_type: &'a str,
    /// Whether it is a reel.
    is_reel: bool,
    /// Text of the post.
    caption: Option<&'a str>,
    /// The same as safe HTML with links.
    caption_html: Option<&'a str>,
    /// The same without the hashtags at its end.
    pruned_caption: Option<&'a str>,
    hashtags: &'a [String],
    mentions: &'a [String],
    /// Description for those who cannot see it.
    alt_text: Option<&'a str>,
    /// The post's page.
    permalink: Option<&'a str>,
    timestamp: DateTime<Utc>,
    username: Option<&'a str>,
    width: Option<u32>,
    height: Option<u32>,
    #[schema(value_type = Option<serde_json::Value>)]
    colors: Option<()>,
    #[schema(value_type = Option<String>)]
    blurhash: Option<()>,
    image: ImageView<'a>,
    video: Option<VideoView<'a>>,
    children: Vec<PhotoChildView<'a>>,
    /// Likes; null when the owner hides them.
    like_count: Option<i64>,
    comments_count: Option<i64>,
    pinned: bool,
}

/// A picture, in several sizes.
#[derive(Serialize, ToSchema)]
struct ImageView<'a> {
    src: Option<&'a str>,
    sizes: SizesView<'a>,
}

/// A picture's sizes.
// Every size is the original until pictures of our own exist.
#[derive(Serialize, ToSchema)]
struct SizesView<'a> {
    small: SizeView<'a>,
    medium: SizeView<'a>,
    large: SizeView<'a>,
    original: SizeView<'a>,
}

/// One size of a picture.
#[derive(Clone, Copy, Serialize, ToSchema)]
struct SizeView<'a> {
    url: Option<&'a str>,
    width: Option<u32>,
    height: Option<u32>,
}

/// A video.
#[derive(Serialize, ToSchema)]
struct VideoView<'a> {
    src: &'a str,
}

/// One picture or video of an album.
#[derive(Serialize, ToSchema)]
struct PhotoChildView<'a> {
    id: &'a str,
    /// `IMAGE` or `VIDEO`.
    #[serde(rename = "type")]
    media_type: &'a str,
    alt_text: Option<&'a str>,
    permalink: Option<&'a str>,
    image: ImageView<'a>,
    video: Option<VideoView<'a>>,
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
    fn new(item: &'a Item) -> Self {
        let (post, caption) = (&*item.post, &*item.caption);
        let has_caption = post.caption.is_some();
        Self {
            id: item.id(),
            media_type: item.media_type(),
            is_reel: item.is_reel(),
            caption: post.caption.as_deref(),
            caption_html: has_caption.then_some(&*caption.html),
            pruned_caption: has_caption.then_some(&*caption.pruned),
            hashtags: &caption.hashtags,
            mentions: &caption.mentions,
            alt_text: item.alt_text(),
            permalink: item.permalink(),
            timestamp: post.posted_at,
            username: post.username.as_deref(),
            width: None,
            height: None,
            colors: None,
            blurhash: None,
            image: ImageView::new(item.picture()),
            video: item.video().map(|src| VideoView { src }),
            children: item
                .children()
                .map(|child| PhotoChildView::new(item, child))
                .collect(),
            like_count: post.like_count,
            comments_count: post.comments_count,
            pinned: item.pin.is_some(),
        }
    }
}

impl<'a> PhotoChildView<'a> {
    fn new(album: &'a Item, child: &'a Child) -> Self {
        Self {
            id: &child.platform_media_id,
            media_type: &child.media_type,
            alt_text: child.alt_text.as_deref(),
            permalink: child.permalink.as_deref().or(album.permalink()),
            image: ImageView::new(picture_of_child(child)),
            video: video_of_child(child).map(|src| VideoView { src }),
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
