//! Fields by what they are asked of.

use super::fields::{Field, Fields, FieldsError};
use std::fmt;

/// Entries of an expansion when nothing else is asked for.
const LISTED: u32 = 25;

/// Names of fields as types; those in brackets exist on the platform, but nothing of them is stored, so
/// that they are always absent.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $node:literal: $($variant:ident $word:literal),+; [$($unstored:literal),*]) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($variant),+
        }

        impl $name {
            const NODE: &str = $node;

            pub(crate) fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word),+
                }
            }

            /// The field of this name; none where it is always absent.
            fn find(word: &str) -> Result<Option<Self>, FieldsError> {
                match word {
                    $($word => Ok(Some(Self::$variant)),)+
                    $($unstored => Ok(None),)*
                    unknown => Err(FieldsError::Unknown { field: unknown.to_owned(), node: Self::NODE }),
                }
            }
        }
    };
}

words! {
    /// A field of a user that is no list.
    UserWord, "IGUser":
    Id "id", UserId "user_id", Username "username", Name "name", AccountType "account_type",
    ProfilePictureUrl "profile_picture_url", FollowersCount "followers_count", FollowsCount "follows_count",
    MediaCount "media_count", Biography "biography", Website "website";
    ["ig_id", "has_profile_pic", "is_published"]
}

words! {
    /// A field of a post, or of a picture of an album, that is no list.
    MediaWord, "IGMedia":
    Id "id", Caption "caption", MediaType "media_type", MediaProductType "media_product_type",
    MediaUrl "media_url", ThumbnailUrl "thumbnail_url", Permalink "permalink", Shortcode "shortcode",
    Timestamp "timestamp", Username "username", LikeCount "like_count", CommentsCount "comments_count",
    IsSharedToFeed "is_shared_to_feed", AltText "alt_text";
    ["ig_id", "legacy_instagram_media_id", "is_comment_enabled"]
}

words! {
    /// A field of a post's owner.
    OwnerWord, "IGUser":
    Id "id", Username "username";
    []
}

/// What is asked of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum UserField {
    Word(UserWord),
    /// The newest posts.
    Media {
        limit: u32,
        fields: Vec<MediaField>,
    },
}

/// What is asked of a post, or of a picture of an album.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum MediaField {
    Word(MediaWord),
    Owner(Vec<OwnerWord>),
    /// The pictures of an album, where `limit` is named so many at most.
    Children {
        limit: Option<u32>,
        fields: Vec<MediaField>,
    },
}

impl Fields {
    /// The fields as those of a user; `id` is always among them.
    pub(crate) fn of_user(&self) -> Result<Vec<UserField>, FieldsError> {
        select(&self.0, UserField::Word(UserWord::Id), |field| {
            match field.name.as_str() {
                "media" => Ok(Some(UserField::Media {
                    limit: field.limit.unwrap_or(LISTED),
                    fields: field.expansion().of_media()?,
                })),
                word => Ok(plain(field, UserWord::find(word)?)?.map(UserField::Word)),
            }
        })
    }

    /// The fields as those of a post or of a picture of an album; `id` is always among them.
    pub(crate) fn of_media(&self) -> Result<Vec<MediaField>, FieldsError> {
        select(&self.0, MediaField::Word(MediaWord::Id), |field| {
            match field.name.as_str() {
                "children" => Ok(Some(MediaField::Children {
                    limit: field.limit,
                    fields: field.expansion().of_media()?,
                })),
                "owner" => Ok(Some(MediaField::Owner(field.expansion().of_owner()?))),
                word => Ok(plain(field, MediaWord::find(word)?)?.map(MediaField::Word)),
            }
        })
    }

    /// The fields of the expansion of a field.
    pub(crate) fn inner_of(&self, name: &str) -> Self {
        let mut fields = self.0.iter().filter(|field| field.name == name);
        fields.next().map(Field::expansion).unwrap_or_default()
    }

    fn of_owner(&self) -> Result<Vec<OwnerWord>, FieldsError> {
        select(&self.0, OwnerWord::Id, |field| {
            plain(field, OwnerWord::find(&field.name)?)
        })
    }
}

impl Field {
    fn expansion(&self) -> Fields {
        self.inner.clone().unwrap_or_default()
    }
}

/// Each field once, where it was first asked for; a member that stands twice in an object would be no JSON.
fn select<T: PartialEq>(
    fields: &[Field],
    id: T,
    read: impl Fn(&Field) -> Result<Option<T>, FieldsError>,
) -> Result<Vec<T>, FieldsError> {
    let mut wanted = Vec::new();
    for (place, field) in fields.iter().enumerate() {
        let selected = read(field)?;
        let again = fields[..place].iter().any(|before| before.name == field.name);
        wanted.extend(selected.filter(|_| !again));
    }
    if !wanted.contains(&id) {
        wanted.push(id);
    }
    Ok(wanted)
}

fn plain<T>(field: &Field, word: Option<T>) -> Result<Option<T>, FieldsError> {
    if field.inner.is_some() || field.limit.is_some() {
        Err(FieldsError::NotExpandable(field.name.clone()))
    } else {
        Ok(word)
    }
}

/// The expression, as links to further pages repeat it.
impl fmt::Display for Fields {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, field) in self.0.iter().enumerate() {
            let comma = if place == 0 { "" } else { "," };
            write!(formatter, "{comma}{}", field.name)?;
            if let Some(limit) = field.limit {
                write!(formatter, ".limit({limit})")?;
            }
            if let Some(inner) = &field.inner {
                write!(formatter, "{{{inner}}}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media(text: &str) -> Result<Vec<MediaField>, FieldsError> {
        Fields::parse(text).unwrap().of_media()
    }

    #[test]
    fn the_id_is_always_there_and_everything_once() {
        let id = MediaField::Word(MediaWord::Id);
        let caption = MediaField::Word(MediaWord::Caption);

        assert_eq!(media("").unwrap(), std::slice::from_ref(&id));
        assert_eq!(media("caption").unwrap(), [caption.clone(), id.clone()]);
        assert_eq!(media("id,caption,id,caption").unwrap(), [id.clone(), caption]);
        let twice = media("children{id},children{caption}").unwrap();
        assert_eq!(
            twice,
            [
                MediaField::Children {
                    limit: None,
                    fields: vec![id.clone()],
                },
                id
            ]
        );
    }

    #[test]
    fn fields_that_do_not_exist_are_named() {
        let unknown = |field: &str, node| FieldsError::Unknown {
            field: field.to_owned(),
            node,
        };

        assert_eq!(media("id,likes"), Err(unknown("likes", "IGMedia")));
        assert_eq!(media("children{media}"), Err(unknown("media", "IGMedia")));
        assert_eq!(
            media("owner{followers_count}"),
            Err(unknown("followers_count", "IGUser"))
        );
        let user = Fields::parse("id,caption").unwrap().of_user();
        assert_eq!(user, Err(unknown("caption", "IGUser")));
    }

    #[test]
    fn only_lists_are_expanded() {
        for text in ["caption{id}", "id.limit(3)", "timestamp.fields(id)"] {
            let refused = matches!(media(text), Err(FieldsError::NotExpandable(_)));
            assert!(refused, "{text}");
        }
    }

    #[test]
    fn what_is_not_stored_is_absent_and_no_mistake() {
        assert_eq!(media("is_comment_enabled"), media("id"));
    }

    #[test]
    fn an_expression_is_repeated_as_it_reads() {
        let text = "id,media.limit(3){caption,children{id,media_url}},username";

        assert_eq!(Fields::parse(text).unwrap().to_string(), text);
        let older = Fields::parse("id,children.fields( id )").unwrap();
        assert_eq!(older.to_string(), "id,children{id}");
    }
}
