//! One media as the platform holds it.

/// What a media is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MediaKind {
    Image,
    Video,
    Reel {
        shared: bool,
    },
    Carousel(Vec<Child>),
    /// A type no client knows yet.
    Unknown,
}

impl MediaKind {
    pub(crate) fn media_type(&self) -> &'static str {
        match self {
            Self::Image => "IMAGE",
            Self::Video | Self::Reel { .. } => "VIDEO",
            Self::Carousel(_) => "CAROUSEL_ALBUM",
            Self::Unknown => "SPATIAL_IMAGE",
        }
    }

    pub(crate) fn is_video(&self) -> bool {
        matches!(self, Self::Video | Self::Reel { .. })
    }

    pub(crate) fn children(&self) -> &[Child] {
        match self {
            Self::Carousel(children) => children,
            _ => &[],
        }
    }
}

/// One file of an album.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Child {
    pub(crate) is_video: bool,
    pub(crate) has_media_url: bool,
}

/// The shapes that pictures come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    Square,
    Portrait,
    Landscape,
    Tall,
}

impl Shape {
    /// Width and height in pixels.
    pub(crate) fn size(self) -> (u32, u32) {
        match self {
            Self::Square => (1080, 1080),
            Self::Portrait => (1080, 1350),
            Self::Landscape => (1080, 566),
            Self::Tall => (720, 1280),
        }
    }
}

/// One media, edits applied.
#[derive(Debug, Clone)]
pub(crate) struct Media {
    pub(crate) serial: u32,
    pub(crate) kind: MediaKind,
    pub(crate) caption: Option<String>,
    pub(crate) alt_text: Option<&'static str>,
    pub(crate) taken_at: i64,
    pub(crate) like_count: u64,
    pub(crate) comments_count: u64,
    pub(crate) hides_likes: bool,
    pub(crate) has_media_url: bool,
    pub(crate) unlisted: bool,
    pub(crate) shape: Shape,
}

impl Media {
    pub(crate) fn is_unshared_reel(&self) -> bool {
        self.kind == MediaKind::Reel { shared: false }
    }
}
