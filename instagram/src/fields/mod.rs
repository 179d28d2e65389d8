//! Fields that an answer may have, and sets of them.

pub(crate) mod asked_fields;

use std::fmt;

/// A field that can be done without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named as on the wire")]
pub enum Field {
    UserId,
    Name,
    AccountType,
    ProfilePictureUrl,
    FollowersCount,
    FollowsCount,
    MediaCount,
    Biography,
    Website,
    Caption,
    MediaProductType,
    ThumbnailUrl,
    Shortcode,
    Username,
    LikeCount,
    CommentsCount,
    IsSharedToFeed,
    AltText,
    Children,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 19] = [
        Self::UserId,
        Self::Name,
        Self::AccountType,
        Self::ProfilePictureUrl,
        Self::FollowersCount,
        Self::FollowsCount,
        Self::MediaCount,
        Self::Biography,
        Self::Website,
        Self::Caption,
        Self::MediaProductType,
        Self::ThumbnailUrl,
        Self::Shortcode,
        Self::Username,
        Self::LikeCount,
        Self::CommentsCount,
        Self::IsSharedToFeed,
        Self::AltText,
        Self::Children,
    ];

    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UserId => "user_id",
            Self::Name => "name",
            Self::AccountType => "account_type",
            Self::ProfilePictureUrl => "profile_picture_url",
            Self::FollowersCount => "followers_count",
            Self::FollowsCount => "follows_count",
            Self::MediaCount => "media_count",
            Self::Biography => "biography",
            Self::Website => "website",
            Self::Caption => "caption",
            Self::MediaProductType => "media_product_type",
            Self::ThumbnailUrl => "thumbnail_url",
            Self::Shortcode => "shortcode",
            Self::Username => "username",
            Self::LikeCount => "like_count",
            Self::CommentsCount => "comments_count",
            Self::IsSharedToFeed => "is_shared_to_feed",
            Self::AltText => "alt_text",
            Self::Children => "children",
        }
    }
}

/// Some of the fields that can be done without.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FieldSet(u32);

impl FieldSet {
    /// These fields.
    pub fn of(fields: &[Field]) -> Self {
        fields.iter().fold(Self::default(), |set, field| set.with(*field))
    }

    /// The same and one more.
    #[must_use]
    pub fn with(self, field: Field) -> Self {
        Self(self.0 | (1 << field as u32))
    }

    /// What is in either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is here and not there.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// How many there are.
    pub(crate) fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// Whether a field is among them.
    pub fn contains(self, field: Field) -> bool {
        self.0 & (1 << field as u32) != 0
    }

    /// The fields.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::ALL.into_iter().filter(move |field| self.contains(*field))
    }
}

impl fmt::Debug for FieldSet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_set()
            .entries(self.iter().map(Field::as_str))
            .finish()
    }
}
