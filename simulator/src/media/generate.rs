//! The media an account starts with, computed from the seed, the account and a serial number.

use serde::{Deserialize, Serialize};

use super::captions;
use super::edits::{MediaEdits, Post};
use super::model::{Child, Media, MediaKind, Shape};
use crate::dice::Dice;

/// After so many media the varied mix starts again.
const CYCLE: u32 = 42;
/// About seventeen hours between two posts.
const SPACING_SECONDS: i64 = 61_200;

/// Which media an account starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaMix {
    /// Pictures with captions only: each is listed, each has a link.
    Images,
    /// Everything the platform is known to give, odd cases included; repeats every 42 media.
    Varied,
}

/// What decides the media that an account starts with, besides seed and account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct StartingMedia {
    pub(crate) count: u32,
    pub(crate) mix: MediaMix,
    /// When the newest was made, in seconds since 1970.
    pub(crate) until: i64,
}

/// All media of an account that are not deleted, newest first.
pub(crate) fn all_media(seed: u64, account: u32, starting: StartingMedia, edits: &MediaEdits) -> Vec<Media> {
    let posted = edits.posted.iter().map(|post| posted_media(seed, account, post));
    let first = (0..starting.count).map(|serial| starting_media(seed, account, starting, serial));
    let mut all: Vec<Media> = first
        .chain(posted)
        .filter(|media| !edits.is_deleted(media.serial))
        .collect();
    for media in &mut all {
        edits.apply(media);
    }
    all.sort_by_key(|media| std::cmp::Reverse((media.taken_at, media.serial)));
    all
}

/// The media with this serial number; 0 is the oldest.
fn starting_media(seed: u64, account: u32, starting: StartingMedia, serial: u32) -> Media {
    let mut dice = Dice::of(&[seed, u64::from(account), u64::from(serial)]);
    let age = i64::from(starting.count - serial) * SPACING_SECONDS;
    let jitter = i64::try_from(dice.below(36_000)).unwrap_or_default();
    let mut media = plain(&mut dice, serial, starting.until - age + jitter);
    if starting.mix == MediaMix::Varied {
        vary(&mut media, &mut dice);
    }
    media
}

/// A media posted while the simulator ran.
fn posted_media(seed: u64, account: u32, post: &Post) -> Media {
    let mut dice = Dice::of(&[seed, u64::from(account), u64::from(post.serial)]);
    let mut media = plain(&mut dice, post.serial, post.taken_at);
    media.caption.clone_from(&post.caption);
    media.kind = post.kind.media_kind(post.children, post.shared_to_feed);
    if matches!(media.kind, MediaKind::Reel { .. }) {
        media.shape = Shape::Tall;
    }
    media
}

fn plain(dice: &mut Dice, serial: u32, taken_at: i64) -> Media {
    let shape = match dice.below(4) {
        0 | 1 => Shape::Square,
        2 => Shape::Portrait,
        _ => Shape::Landscape,
    };
    Media {
        serial,
        kind: MediaKind::Image,
        caption: Some(captions::usual(dice)),
        alt_text: (dice.below(3) > 0).then(|| captions::description(dice)),
        taken_at,
        like_count: dice.below(4_000),
        comments_count: dice.below(120),
        hides_likes: false,
        has_media_url: true,
        unlisted: false,
        shape,
    }
}

/// Puts every odd case that was seen in the wild at its own place of the cycle.
fn vary(media: &mut Media, dice: &mut Dice) {
    match media.serial % CYCLE {
        3 | 12 => become_reel(media, true),
        9 | 33 => become_reel(media, false),
        27 => {
            become_reel(media, true);
            media.has_media_url = false;
        }
        5 | 19 => media.kind = MediaKind::Video,
        4 => media.kind = album(&[IMAGE, WITHOUT_URL, IMAGE]),
        15 => media.kind = album(&[VIDEO, IMAGE, IMAGE, VIDEO]),
        22 | 36 => media.kind = album(&[IMAGE; 10]),
        6 | 30 => media.hides_likes = true,
        7 | 24 => media.caption = None,
        10 => media.caption = Some(captions::longest(dice)),
        13 => media.caption = Some(captions::with_emoji(dice)),
        17 => media.has_media_url = false,
        20 => media.kind = MediaKind::Unknown,
        _ => {}
    }
}

const IMAGE: Child = Child {
    is_video: false,
    has_media_url: true,
};
const VIDEO: Child = Child {
    is_video: true,
    has_media_url: true,
};
const WITHOUT_URL: Child = Child {
    is_video: false,
    has_media_url: false,
};

fn album(children: &[Child]) -> MediaKind {
    MediaKind::Carousel(children.to_vec())
}

fn become_reel(media: &mut Media, shared: bool) {
    media.kind = MediaKind::Reel { shared };
    media.shape = Shape::Tall;
}
