//! Writing a media and its children.

use chrono::DateTime;

use super::access::Access;
use super::selection::{MediaField, media_fields};
use crate::accounts::Account;
use crate::media::files::File;
use crate::media::{Child, Media, MediaKind};
use crate::platform::Platform;
use crate::platform::{AccountIdForm, shortcode};
use crate::wire::Form;
use crate::wire::GraphError;
use crate::wire::JsonText;

/// Writes media of one account as of one moment.
pub(super) struct MediaWriter<'a> {
    platform: &'a Platform,
    account: &'a Account,
    username: String,
    now: i64,
}

/// `GET /{media id}`, also of a child.
pub(super) fn media(
    platform: &Platform,
    query: &Form,
    access: &Access,
    id: &str,
) -> Result<String, GraphError> {
    let fields = media_fields(query.get("fields").unwrap_or_default(), platform.dialect())?;
    let missing = || GraphError::no_such_object("get", id);
    let key = id
        .parse()
        .ok()
        .and_then(|id| platform.ids.media_key(id))
        .ok_or_else(missing)?;
    let shelf = platform.shelves.media_of(&access.account);
    let ours = key.account == access.account.number;
    let found = shelf
        .iter()
        .find(|media| ours && media.serial == key.serial)
        .ok_or_else(missing)?;
    let writer = MediaWriter::new(platform, &access.account);
    let mut json = JsonText::new(platform.modes().escape_json, 1_024);
    match key.child.checked_sub(1) {
        None => writer.media(&mut json, found, &fields),
        Some(index) => {
            let child = found
                .kind
                .children()
                .get(usize::from(index))
                .ok_or_else(missing)?;
            writer.child(&mut json, found, key.child, *child, &fields);
        }
    }
    Ok(json.finish())
}

/// `GET /{media id}/children`.
pub(super) fn children(
    platform: &Platform,
    query: &Form,
    access: &Access,
    id: &str,
) -> Result<String, GraphError> {
    let fields = media_fields(query.get("fields").unwrap_or_default(), platform.dialect())?;
    let missing = || GraphError::no_such_object("get", id);
    let key = id
        .parse()
        .ok()
        .and_then(|id| platform.ids.media_key(id))
        .ok_or_else(missing)?;
    let shelf = platform.shelves.media_of(&access.account);
    let ours = key.account == access.account.number && key.child == 0;
    let album = shelf
        .iter()
        .find(|media| ours && media.serial == key.serial && !media.kind.children().is_empty())
        .ok_or_else(missing)?;
    let mut json = JsonText::new(platform.modes().escape_json, 2_048);
    MediaWriter::new(platform, &access.account).children(&mut json, album, &fields);
    Ok(json.finish())
}

impl<'a> MediaWriter<'a> {
    pub(super) fn new(platform: &'a Platform, account: &'a Account) -> Self {
        Self {
            platform,
            account,
            username: account.username(),
            now: platform.clock.unix_now(),
        }
    }

    pub(super) fn media(&self, json: &mut JsonText, media: &Media, fields: &[MediaField]) {
        json.object(|json| {
            for field in fields {
                self.media_field(json, media, field);
            }
        });
    }

    fn media_field(&self, json: &mut JsonText, media: &Media, field: &MediaField) {
        let live = self.platform.dialect() == crate::wire::Dialect::InstagramLogin;
        match field {
            MediaField::Caption => {
                if let Some(caption) = &media.caption {
                    json.key("caption").string(caption);
                }
            }
            MediaField::MediaType => json.key("media_type").string(media.kind.media_type()),
            MediaField::MediaProductType => json.key("media_product_type").string(surface(&media.kind)),
            MediaField::MediaUrl => self.media_url(json, media),
            MediaField::ThumbnailUrl => self.thumbnail(json, media, 0, media.kind.is_video()),
            MediaField::LikeCount => {
                if !media.hides_likes {
                    json.key("like_count").number(media.like_count);
                }
            }
            MediaField::CommentsCount => json.key("comments_count").number(media.comments_count),
            MediaField::IsCommentEnabled => json.key("is_comment_enabled").boolean(true),
            MediaField::IsSharedToFeed => {
                if let MediaKind::Reel { shared } = media.kind {
                    json.key("is_shared_to_feed").boolean(shared);
                }
            }
            MediaField::AltText => {
                if let Some(text) = media.alt_text.filter(|_| live && media.kind == MediaKind::Image) {
                    json.key("alt_text").string(text);
                }
            }
            MediaField::Children(fields) => {
                if !media.kind.children().is_empty() {
                    json.key("children");
                    self.children(json, media, fields);
                }
            }
            shared => self.shared_field(json, media, 0, shared),
        }
    }

    fn children(&self, json: &mut JsonText, album: &Media, fields: &[MediaField]) {
        json.object(|json| {
            json.key("data").array(|json| {
                for (number, child) in (1_u8..).zip(album.kind.children()) {
                    self.child(json, album, number, *child, fields);
                }
            });
        });
    }

    fn child(&self, json: &mut JsonText, album: &Media, number: u8, child: Child, fields: &[MediaField]) {
        json.object(|json| {
            for field in fields {
                match field {
                    MediaField::MediaType => {
                        json.key("media_type")
                            .string(if child.is_video { "VIDEO" } else { "IMAGE" });
                    }
                    MediaField::MediaUrl if child.has_media_url => {
                        self.file_url(json, album, number, child.is_video);
                    }
                    MediaField::ThumbnailUrl => self.thumbnail(json, album, number, child.is_video),
                    shared => self.shared_field(json, album, number, shared),
                }
            }
        });
    }

    /// Fields that a media and a child have alike; any other is left out.
    fn shared_field(&self, json: &mut JsonText, media: &Media, child: u8, field: &MediaField) {
        let id = self.platform.media_id(self.account, media, child);
        match field {
            MediaField::Id => json.key("id").id(id),
            MediaField::LegacyId => json.key("legacy_instagram_media_id").id(id / 7 + (1 << 61)),
            MediaField::Shortcode => json.key("shortcode").string(&shortcode(id)),
            MediaField::Permalink => {
                let folder = if matches!(media.kind, MediaKind::Reel { .. }) {
                    "reel"
                } else {
                    "p"
                };
                let link = format!("https://www.instagram.com/{folder}/{}/", shortcode(id));
                json.key("permalink").link(&link);
            }
            MediaField::Timestamp => {
                let taken = DateTime::from_timestamp(media.taken_at, 0).unwrap_or_default();
                // No colon in the offset: it is what the platform writes.
                json.key("timestamp")
                    .string(&taken.format("%Y-%m-%dT%H:%M:%S+0000").to_string());
            }
            MediaField::Username => json.key("username").string(&self.username),
            MediaField::Owner => {
                let owner = self
                    .platform
                    .account_id(self.account, AccountIdForm::Professional);
                json.key("owner").object(|json| json.key("id").id(owner));
            }
            _ => {}
        }
    }

    fn media_url(&self, json: &mut JsonText, media: &Media) {
        if !media.has_media_url || media.kind == MediaKind::Unknown {
            return;
        }
        match media.kind.children().first() {
            None => self.file_url(json, media, 0, media.kind.is_video()),
            // An album shows the file of its first child.
            Some(first) => self.file_url(json, media, 1, first.is_video),
        }
    }

    fn file_url(&self, json: &mut JsonText, media: &Media, child: u8, is_video: bool) {
        let id = self.platform.media_id(self.account, media, child);
        let file = if is_video {
            File::Video(id)
        } else {
            File::Image(id)
        };
        json.key("media_url")
            .link(&self.platform.links.link(file, self.now));
    }

    fn thumbnail(&self, json: &mut JsonText, media: &Media, child: u8, is_video: bool) {
        if is_video {
            let id = self.platform.media_id(self.account, media, child);
            json.key("thumbnail_url")
                .link(&self.platform.links.link(File::Image(id), self.now));
        }
    }
}

fn surface(kind: &MediaKind) -> &'static str {
    if matches!(kind, MediaKind::Reel { .. }) {
        "REELS"
    } else {
        "FEED"
    }
}
