//! The pictures and videos that an entry of a feed brings along.

use super::addresses::web_address;
use crate::{
    Item,
    content::item::{picture_of_child, video_of_child},
    content::mime_types::kind_by_name,
};
use std::borrow::Cow;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Medium {
    Image,
    Video,
}

/// A picture or a video.
#[derive(Debug)]
pub(super) struct File<'a> {
    pub(super) address: Cow<'a, str>,
    pub(super) medium: Medium,
    /// A video's still.
    pub(super) still: Option<Cow<'a, str>>,
    /// What it shows, for those who cannot see it.
    pub(super) alt_text: Option<&'a str>,
}

/// The files of an entry, in order: of an album each, else the video or the picture. None where the
/// platform gives none.
pub(super) fn files(item: &Item) -> Vec<File<'_>> {
    let children = item.children().filter_map(|child| {
        let alt_text = child.alt_text.as_deref().or(item.alt_text());
        File::new(picture_of_child(child), video_of_child(child), alt_text)
    });
    let files: Vec<_> = children.collect();
    if files.is_empty() {
        File::new(item.picture(), item.video(), item.alt_text())
            .into_iter()
            .collect()
    } else {
        files
    }
}

impl<'a> File<'a> {
    fn new(picture: Option<&'a str>, video: Option<&'a str>, alt_text: Option<&'a str>) -> Option<Self> {
        let (still, video) = (picture.and_then(web_address), video.and_then(web_address));
        Some(match video {
            Some(address) => Self {
                address,
                medium: Medium::Video,
                still,
                alt_text,
            },
            None => Self {
                address: still?,
                medium: Medium::Image,
                still: None,
                alt_text,
            },
        })
    }

    /// What can be shown in a page: the picture, or a video's still.
    pub(super) fn picture(&self) -> Option<&str> {
        match self.medium {
            Medium::Image => Some(&self.address),
            Medium::Video => self.still.as_deref(),
        }
    }

    /// Its media type, by the end of its name, else the common one of its kind.
    pub(super) fn mime_type(&self) -> &'static str {
        let common = match self.medium {
            Medium::Image => "image/jpeg",
            Medium::Video => "video/mp4",
        };
        kind_by_name(&self.address).unwrap_or(common)
    }
}

impl Medium {
    /// The word of Media RSS.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_files_are_and_kinds_where_they_do_not() {
        for (address, picture, video) in [
            ("https://cdn.example/a.webp?x=1", "image/webp", "image/webp"),
            (
                "https://cdn.example/a_n.heic?stp=dst-jpg_e35&x=1",
                "image/jpeg",
                "image/jpeg",
            ),
            ("https://cdn.example/a_n.heic?x=1", "image/heic", "image/heic"),
            ("https://cdn.example/a.MP4", "video/mp4", "video/mp4"),
            ("https://cdn.example/media?id=a.png", "image/jpeg", "video/mp4"),
            ("https://cdn.example/a.exe", "image/jpeg", "video/mp4"),
            ("https://cdn.example", "image/jpeg", "video/mp4"),
        ] {
            let file = |medium| File {
                address: address.into(),
                medium,
                still: None,
                alt_text: None,
            };
            assert_eq!(file(Medium::Image).mime_type(), picture, "{address}");
            assert_eq!(file(Medium::Video).mime_type(), video, "{address}");
        }
    }
}
