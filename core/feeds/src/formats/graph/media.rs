//! Posts and pictures of albums.

use super::value::{SafeValue, Value};
use crate::{
    Item,
    content::item::{picture_of_child, video_of_child},
    pages::graph_query::selection::{MediaField, MediaWord, OwnerWord},
};
use serde::{Serialize, Serializer, ser::SerializeMap};
use vitrine_entity::{account, media::Child};

/// A list with its way to further pages.
#[derive(Serialize)]
pub(super) struct List<'a> {
    pub(super) data: Vec<MediaView<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) paging: Option<Paging>,
}

/// Where a page begins and ends, and the pages beside it.
#[derive(Serialize)]
pub(super) struct Paging {
    pub(super) cursors: CursorPair,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) previous: Option<String>,
}

#[derive(Serialize)]
pub(super) struct CursorPair {
    pub(super) before: String,
    pub(super) after: String,
}

/// An entry of a feed, or a picture of an album that is one.
#[derive(Clone, Copy)]
pub(super) enum Entry<'a> {
    Item(&'a Item),
    Child(&'a Item, &'a Child),
}

/// What entries are written with.
#[derive(Clone, Copy)]
pub(super) struct MediaOptions<'a> {
    pub(super) fields: &'a [MediaField],
    /// The accounts of the feed, for the posts' owners.
    pub(super) accounts: &'a [account::Model],
    pub(super) escape: bool,
}

/// An entry with the fields that are asked for.
pub(super) struct MediaView<'a> {
    pub(super) entry: Entry<'a>,
    pub(super) options: MediaOptions<'a>,
}

impl<'a> Entry<'a> {
    /// The entry's pictures; none where it is no album.
    pub(super) fn children(self) -> Option<Vec<Self>> {
        let Self::Item(item) = self else { return None };
        let children: Vec<_> = item.children().map(|child| Self::Child(item, child)).collect();
        (!children.is_empty()).then_some(children)
    }

    fn item(self) -> &'a Item {
        match self {
            Self::Item(item) | Self::Child(item, _) => item,
        }
    }

    /// A caption and counts belong to the post; a picture within an album has none of its own.
    fn value(self, word: MediaWord) -> Option<Value<'a>> {
        let post = &self.item().post;
        let whole = matches!(self, Self::Item(_));
        match word {
            MediaWord::Id => Some(Value::Text(self.id())),
            MediaWord::MediaType => Some(Value::Text(self.media_type())),
            MediaWord::MediaUrl => self.file().map(Value::Link),
            MediaWord::ThumbnailUrl => self.still().map(Value::Link),
            MediaWord::Permalink => self.permalink().map(Value::Link),
            MediaWord::Shortcode => self.permalink().and_then(shortcode).map(Value::Text),
            MediaWord::AltText => self.alt_text().map(Value::Text),
            MediaWord::Timestamp => Some(Value::Moment(post.posted_at)),
            MediaWord::Username => post.username.as_deref().map(Value::Text),
            MediaWord::MediaProductType => post.product_type.as_deref().map(Value::Text),
            MediaWord::Caption => post.caption.as_deref().filter(|_| whole).map(Value::Text),
            MediaWord::LikeCount => post.like_count.filter(|_| whole).map(Value::Count),
            MediaWord::CommentsCount => post.comments_count.filter(|_| whole).map(Value::Count),
            MediaWord::IsSharedToFeed => post.is_shared_to_feed.filter(|_| whole).map(Value::Flag),
        }
    }

    pub(super) fn id(self) -> &'a str {
        match self {
            Self::Item(item) => item.platform_id(),
            Self::Child(_, child) => &child.platform_media_id,
        }
    }

    fn media_type(self) -> &'a str {
        match self {
            Self::Item(item) => item.media_type(),
            Self::Child(_, child) => &child.media_type,
        }
    }

    /// The video of a video, else a picture. Of an album it is the first picture that there is: pages put
    /// it into an `<img>`, where the platform's own choice, the first child's file, may be a video or
    /// missing.
    fn file(self) -> Option<&'a str> {
        match (self, self.media_type()) {
            (Self::Item(item), "VIDEO") => item.video(),
            (Self::Item(item), _) => item.picture(),
            (Self::Child(_, child), "VIDEO") => video_of_child(child),
            (Self::Child(_, child), _) => picture_of_child(child),
        }
    }

    fn still(self) -> Option<&'a str> {
        let picture = match self {
            Self::Item(item) => item.picture(),
            Self::Child(_, child) => picture_of_child(child),
        };
        picture.filter(|_| self.media_type() == "VIDEO")
    }

    fn permalink(self) -> Option<&'a str> {
        match self {
            Self::Item(item) => item.permalink(),
            Self::Child(item, child) => child.permalink.as_deref().or(item.permalink()),
        }
    }

    fn alt_text(self) -> Option<&'a str> {
        match self {
            Self::Item(item) => item.alt_text(),
            Self::Child(_, child) => child.alt_text.as_deref(),
        }
    }
}

/// The last part of `…/p/<shortcode>/`, `…/reel/<shortcode>/` or `…/tv/<shortcode>/`.
fn shortcode(permalink: &str) -> Option<&str> {
    let mut parts = permalink.trim_end_matches('/').rsplit('/');
    let code = parts.next().filter(|code| !code.is_empty())?;
    parts.next().filter(|kind| ["p", "reel", "tv"].contains(kind))?;
    Some(code)
}

impl Serialize for MediaView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for field in self.options.fields {
            match field {
                MediaField::Word(word) => {
                    let value = self.entry.value(*word);
                    if let Some(written) = value.and_then(|value| self.written(value)) {
                        object.serialize_entry(word.as_str(), &written)?;
                    }
                }
                MediaField::Owner(words) => {
                    if let Some(owner) = self.owner(words) {
                        object.serialize_entry("owner", &owner)?;
                    }
                }
                MediaField::Children { limit, fields } => {
                    if let Some(children) = self.children(*limit, fields) {
                        object.serialize_entry("children", &children)?;
                    }
                }
            }
        }
        object.end()
    }
}

impl<'a> MediaView<'a> {
    fn written(&self, value: Value<'a>) -> Option<SafeValue<'a>> {
        SafeValue::new(value, self.options.escape)
    }

    fn children(&self, limit: Option<u32>, fields: &'a [MediaField]) -> Option<List<'a>> {
        let options = MediaOptions {
            fields,
            ..self.options
        };
        let mut children = self.entry.children()?;
        children.truncate(limit.map_or(usize::MAX, |limit| limit as usize));
        Some(list_of(children, options))
    }

    fn owner(&self, words: &'a [OwnerWord]) -> Option<OwnerView<'a>> {
        let post = &self.entry.item().post;
        let mut accounts = self.options.accounts.iter();
        let account = accounts.find(|account| account.id == post.account_id)?;
        let escape = self.options.escape;
        Some(OwnerView {
            account,
            words,
            escape,
        })
    }
}

struct OwnerView<'a> {
    account: &'a account::Model,
    words: &'a [OwnerWord],
    escape: bool,
}

impl Serialize for OwnerView<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        for word in self.words {
            let text = match word {
                OwnerWord::Id => Some(self.account.platform_user_id.as_str()),
                OwnerWord::Username => self.account.username.as_deref(),
            };
            if let Some(written) = text.and_then(|text| SafeValue::new(Value::Text(text), self.escape)) {
                object.serialize_entry(word.as_str(), &written)?;
            }
        }
        object.end()
    }
}

/// A list without further pages.
pub(super) fn list_of<'a>(entries: Vec<Entry<'a>>, options: MediaOptions<'a>) -> List<'a> {
    let view = |entry| MediaView { entry, options };
    List {
        data: entries.into_iter().map(view).collect(),
        paging: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortcode_is_read_from_the_posts_page() {
        for (page, code) in [
            ("https://www.instagram.com/p/Cabc_-1/", Some("Cabc_-1")),
            ("https://www.instagram.com/reel/Cabc", Some("Cabc")),
            ("https://www.instagram.com/someone/", None),
            ("p", None),
            ("", None),
        ] {
            assert_eq!(shortcode(page), code, "{page}");
        }
    }
}
