//! The JSON of Behold's feeds, as its types describe it (`@behold/types` 0.3): for sites whose scripts read
//! it already.

use super::{RenderContext, Rendered};
use crate::{
    FeedError, Item,
    content::item::{picture_of_child, video_of_child},
};
use serde::Serialize;
use vitrine_entity::{Time, account, media::Child};

/// Writes the feed.
pub(super) fn write(context: &RenderContext<'_>) -> Result<Rendered, FeedError> {
    let page = context.page();
    let posts = page.items.iter().map(|item| PostView::new(item));
    let view = FeedView::new(context.content.header.profile(), posts.collect());
    Ok(Rendered {
        body: serde_json::to_vec(&view).map_err(FeedError::unwritable)?,
        content_type: "application/json",
    })
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FeedView<'a> {
    username: Option<&'a str>,
    biography: Option<&'a str>,
    profile_picture_url: Option<&'a str>,
    website: Option<&'a str>,
    followers_count: Option<i64>,
    follows_count: Option<i64>,
    posts: Vec<PostView<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PostView<'a> {
    id: &'a str,
    timestamp: String,
    permalink: Option<&'a str>,
    media_type: &'a str,
    is_reel: bool,
    media_url: Option<&'a str>,
    thumbnail_url: Option<&'a str>,
    sizes: SizesView<'a>,
    caption: &'a str,
    pruned_caption: &'a str,
    hashtags: &'a [String],
    mentions: &'a [String],
    alt_text: Option<&'a str>,
    like_count: Option<i64>,
    comments_count: Option<i64>,
    color_palette: PaletteView,
    /// None but of albums: scripts take any list for an album's.
    children: Option<Vec<ChildView<'a>>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChildView<'a> {
    id: &'a str,
    media_type: &'a str,
    media_url: Option<&'a str>,
    thumbnail_url: Option<&'a str>,
    sizes: SizesView<'a>,
    color_palette: PaletteView,
    alt_text: Option<&'a str>,
}

/// Every size is the original until pictures of our own exist.
#[derive(Serialize)]
struct SizesView<'a> {
    small: SizeView<'a>,
    medium: SizeView<'a>,
    large: SizeView<'a>,
    full: SizeView<'a>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
struct SizeView<'a> {
    media_url: Option<&'a str>,
    width: Option<u32>,
    height: Option<u32>,
}

/// Colours as "R, G, B". The object is there before its colours are, because Behold's always is and
/// scripts reach into it.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct PaletteView {
    dominant: Option<String>,
    muted: Option<String>,
    muted_light: Option<String>,
    muted_dark: Option<String>,
    vibrant: Option<String>,
    vibrant_light: Option<String>,
    vibrant_dark: Option<String>,
}

impl<'a> FeedView<'a> {
    fn new(account: Option<&'a account::Model>, posts: Vec<PostView<'a>>) -> Self {
        let text = |of: fn(&account::Model) -> Option<&str>| account.and_then(of);
        Self {
            username: text(|account| account.username.as_deref()),
            biography: text(|account| account.biography.as_deref()),
            profile_picture_url: text(|account| account.profile_picture_url.as_deref()),
            website: text(|account| account.website.as_deref()),
            followers_count: account.and_then(|account| account.followers_count),
            follows_count: account.and_then(|account| account.follows_count),
            posts,
        }
    }
}

impl<'a> PostView<'a> {
    fn new(item: &'a Item) -> Self {
        let (post, picture, video) = (&*item.post, item.picture(), item.video());
        let children: Vec<_> = item.children().map(ChildView::new).collect();
        Self {
            id: item.platform_id(),
            timestamp: timestamp(post.posted_at),
            permalink: item.permalink(),
            media_type: item.media_type(),
            is_reel: item.is_reel(),
            media_url: video.or(picture),
            thumbnail_url: picture.filter(|_| item.media_type() == "VIDEO"),
            sizes: SizesView::new(picture),
            caption: post.caption.as_deref().unwrap_or_default(),
            pruned_caption: &item.caption.pruned,
            hashtags: &item.caption.hashtags,
            mentions: &item.caption.mentions,
            alt_text: item.alt_text(),
            like_count: post.like_count,
            comments_count: post.comments_count,
            color_palette: PaletteView::default(),
            children: (!children.is_empty()).then_some(children),
        }
    }
}

impl<'a> ChildView<'a> {
    fn new(child: &'a Child) -> Self {
        let (picture, video) = (picture_of_child(child), video_of_child(child));
        Self {
            id: &child.platform_media_id,
            media_type: &child.media_type,
            media_url: video.or(picture),
            thumbnail_url: picture.filter(|_| child.media_type == "VIDEO"),
            sizes: SizesView::new(picture),
            color_palette: PaletteView::default(),
            alt_text: child.alt_text.as_deref(),
        }
    }
}

impl<'a> SizesView<'a> {
    fn new(media_url: Option<&'a str>) -> Self {
        let size = SizeView {
            media_url,
            width: None,
            height: None,
        };
        Self {
            small: size,
            medium: size,
            large: size,
            full: size,
        }
    }
}

/// As Instagram writes it.
fn timestamp(moment: Time) -> String {
    moment.format("%Y-%m-%dT%H:%M:%S+0000").to_string()
}
