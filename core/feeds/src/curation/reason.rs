//! Why a post stays out.

/// One reason why a feed does not show a post.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The owner hid it in this feed.
    HiddenByOwner,
    /// Instagram does not show it any more.
    GoneFromInstagram,
    /// Instagram keeps its file back, so that there is nothing to show.
    NoPicture,
    /// Its media type is none of the feed's.
    MediaType,
    /// It is a reel, which the feed leaves out.
    Reel,
    /// It is a reel that is not on the profile's grid.
    NotOnGrid,
    /// It has none of the hashtags that a post needs.
    NoHashtag,
    /// It has this hashtag, which keeps posts out.
    Hashtag(String),
    /// It has none of the words that a caption needs.
    NoWord,
    /// Its caption has this word, which keeps posts out.
    Word(String),
    /// It would fit, but as many others as the feed may show come first.
    BeyondLimit,
}

impl Reason {
    /// Its machine word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::HiddenByOwner => "hidden_by_owner",
            Self::GoneFromInstagram => "gone_from_instagram",
            Self::NoPicture => "no_picture",
            Self::MediaType => "media_type",
            Self::Reel => "reel",
            Self::NotOnGrid => "not_on_grid",
            Self::NoHashtag => "no_hashtag",
            Self::Hashtag(_) => "excluded_hashtag",
            Self::NoWord => "no_word",
            Self::Word(_) => "excluded_word",
            Self::BeyondLimit => "beyond_limit",
        }
    }

    /// The same for a person.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::HiddenByOwner => "You have hidden it in this feed.".to_owned(),
            Self::GoneFromInstagram => "Instagram does not show it any more.".to_owned(),
            Self::NoPicture => "Instagram gives neither a picture nor a video for it.".to_owned(),
            Self::MediaType => "The feed does not show posts of its type.".to_owned(),
            Self::Reel => "It is a reel, and the feed shows none.".to_owned(),
            Self::NotOnGrid => "It is a reel that is not on the profile's grid.".to_owned(),
            Self::NoHashtag => "It has none of the hashtags that the feed asks for.".to_owned(),
            Self::Hashtag(tag) => format!("It has the hashtag #{tag}, which the feed keeps out."),
            Self::NoWord => "Its caption has none of the words that the feed asks for.".to_owned(),
            Self::Word(word) => format!("Its caption has “{word}”, which the feed keeps out."),
            Self::BeyondLimit => {
                "It fits, but the feed shows fewer posts, and others come before it.".to_owned()
            }
        }
    }
}
