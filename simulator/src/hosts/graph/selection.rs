//! Requested fields, checked against what the dialect knows, once per call and not once per media.

use super::fields::{Field, parse, write};
use crate::wire::Dialect;
use crate::wire::GraphError;

/// A field of a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum UserField {
    Id,
    UserId,
    Username,
    Name,
    AccountType,
    ProfilePictureUrl,
    FollowersCount,
    FollowsCount,
    MediaCount,
    Biography,
    Website,
    HasProfilePic,
    IsPublished,
    /// The newest media, expanded.
    Media {
        limit: usize,
        fields: Vec<MediaField>,
        /// The fields as links to further pages echo them.
        text: String,
    },
}

/// A field of a media or of a child.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MediaField {
    Id,
    Caption,
    MediaType,
    MediaProductType,
    MediaUrl,
    ThumbnailUrl,
    Permalink,
    Shortcode,
    Timestamp,
    Username,
    Owner,
    LikeCount,
    CommentsCount,
    IsCommentEnabled,
    IsSharedToFeed,
    AltText,
    LegacyId,
    /// The children with their own fields.
    Children(Vec<MediaField>),
}

/// So many media are expanded or listed when no limit is asked for.
pub(super) const DEFAULT_LIMIT: usize = 25;
/// More than this is cut to this.
pub(super) const MOST_PER_PAGE: usize = 100;

/// The user fields asked for; `id` is always among them.
pub(super) fn user_fields(text: &str, dialect: Dialect) -> Result<Vec<UserField>, GraphError> {
    let fields = parse(text).map_err(|_| malformed(text))?;
    let mut wanted: Vec<UserField> = fields
        .iter()
        .map(|field| user_field(field, dialect))
        .collect::<Result<_, _>>()?;
    if !wanted.contains(&UserField::Id) {
        wanted.push(UserField::Id);
    }
    Ok(wanted)
}

/// The media fields asked for; `id` is always among them.
pub(super) fn media_fields(text: &str, dialect: Dialect) -> Result<Vec<MediaField>, GraphError> {
    select_media(&parse(text).map_err(|_| malformed(text))?, dialect)
}

fn malformed(text: &str) -> GraphError {
    GraphError::api(
        2500,
        format!("Syntax error \"Expected end of string instead of \"?\".\" in fields: {text}"),
    )
}

fn user_field(field: &Field, dialect: Dialect) -> Result<UserField, GraphError> {
    let live = dialect == Dialect::InstagramLogin;
    Ok(match field.name.as_str() {
        "id" => UserField::Id,
        "username" => UserField::Username,
        "account_type" => UserField::AccountType,
        "media_count" => UserField::MediaCount,
        "user_id" if live => UserField::UserId,
        "name" if live => UserField::Name,
        "profile_picture_url" if live => UserField::ProfilePictureUrl,
        "followers_count" if live => UserField::FollowersCount,
        "follows_count" if live => UserField::FollowsCount,
        "biography" if live => UserField::Biography,
        "website" if live => UserField::Website,
        "has_profile_pic" if live => UserField::HasProfilePic,
        "is_published" if live => UserField::IsPublished,
        "media" => UserField::Media {
            limit: field.limit.unwrap_or(DEFAULT_LIMIT).min(MOST_PER_PAGE),
            fields: select_media(field.inner.as_deref().unwrap_or_default(), dialect)?,
            text: write(field.inner.as_deref().unwrap_or_default()),
        },
        unknown => return Err(GraphError::unknown_field(unknown, "IGUser")),
    })
}

fn select_media(fields: &[Field], dialect: Dialect) -> Result<Vec<MediaField>, GraphError> {
    let mut wanted: Vec<MediaField> = fields
        .iter()
        .map(|field| media_field(field, dialect))
        .collect::<Result<_, _>>()?;
    if !wanted.contains(&MediaField::Id) {
        wanted.push(MediaField::Id);
    }
    Ok(wanted)
}

fn media_field(field: &Field, dialect: Dialect) -> Result<MediaField, GraphError> {
    let live = dialect == Dialect::InstagramLogin;
    Ok(match field.name.as_str() {
        "id" => MediaField::Id,
        "caption" => MediaField::Caption,
        "media_type" => MediaField::MediaType,
        "media_url" => MediaField::MediaUrl,
        "thumbnail_url" => MediaField::ThumbnailUrl,
        "permalink" => MediaField::Permalink,
        "timestamp" => MediaField::Timestamp,
        "username" => MediaField::Username,
        "is_shared_to_feed" => MediaField::IsSharedToFeed,
        "children" => {
            MediaField::Children(select_media(field.inner.as_deref().unwrap_or_default(), dialect)?)
        }
        "media_product_type" if live => MediaField::MediaProductType,
        "shortcode" if live => MediaField::Shortcode,
        "owner" if live => MediaField::Owner,
        "like_count" if live => MediaField::LikeCount,
        "comments_count" if live => MediaField::CommentsCount,
        "is_comment_enabled" if live => MediaField::IsCommentEnabled,
        "alt_text" if live => MediaField::AltText,
        "legacy_instagram_media_id" | "ig_id" if live => MediaField::LegacyId,
        unknown => return Err(GraphError::unknown_field(unknown, "IGMedia")),
    })
}
