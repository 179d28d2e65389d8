//! Posts as people make them: captions with tags, a video now and then, an album now and then, long signed links.

use sea_orm::{ActiveModelTrait, IntoActiveModel};
use std::time::Duration;
use vitrine_entity::{
    AccountId, MediaId, TenantId, Time,
    media::{self, Child, Children},
};

const OPENINGS: [&str; 7] = [
    "First light over the ridge.",
    "Took the long way home.",
    "The valley after the rain.",
    "Fog until noon, then this.",
    "Two hours of waiting, ten seconds of colour.",
    "Back where it all began.",
    "The last warm evening of the year.",
];
const CLOSINGS: [&str; 5] = [
    "Worth every step.",
    "Where would you go next?",
    "Coffee tasted better up here ☕",
    "Danke fürs Mitkommen, bis nächste Woche!",
    "With @mountain.friends, more from this walk soon.",
];
const TAGS: [&str; 6] = [
    "#mountains",
    "#morninglight",
    "#hiking",
    "#landscape",
    "#slowtravel",
    "#autumn",
];
const DESCRIPTIONS: [&str; 3] = [
    "Layered hills under a wide evening sky",
    "A low sun above distant mountains",
    "A calm horizon with soft clouds",
];
const SPACING: Duration = Duration::from_hours(17);
const ALBUM: u64 = 4;

/// Whose posts they are.
pub(crate) struct Author<'a> {
    pub(crate) tenant: TenantId,
    pub(crate) account: AccountId,
    pub(crate) username: &'a str,
    /// Different for every author, so that no two have the same posts.
    pub(crate) number: u64,
}

impl Author<'_> {
    /// The post with this number; 0 is the newest.
    pub(crate) fn post(&self, post: u64, now: Time) -> media::ActiveModel {
        let serial = self.number * 1_000 + post;
        let media_type = match post % 8 {
            3 => "VIDEO",
            6 => "CAROUSEL_ALBUM",
            _ => "IMAGE",
        };
        let children = (0..ALBUM).filter(|_| media_type == "CAROUSEL_ALBUM");
        let row = media::Model {
            id: MediaId::generate(),
            tenant_id: self.tenant,
            account_id: self.account,
            platform_media_id: platform_id(serial, 0),
            media_type: media_type.to_owned(),
            product_type: Some("FEED".to_owned()),
            caption: Some(caption(serial)),
            media_url: Some(link(serial, 0, if media_type == "VIDEO" { "mp4" } else { "jpg" })),
            thumbnail_url: (media_type == "VIDEO").then(|| link(serial, 0, "jpg")),
            permalink: Some(format!("https://www.instagram.com/p/C{serial:010x}/")),
            posted_at: now - SPACING * u32::try_from(post).unwrap_or(u32::MAX),
            username: Some(self.username.to_owned()),
            like_count: i64::try_from(serial % 4_000).ok(),
            comments_count: i64::try_from(serial % 120).ok(),
            is_shared_to_feed: None,
            alt_text: Some(pick(&DESCRIPTIONS, serial).to_owned()),
            children: Children(children.map(|child| picture(serial, child + 1)).collect()),
            digest: format!("{serial:032x}"),
            missed_at: None,
            hidden_upstream_at: None,
            created_at: now,
            updated_at: now,
        };
        row.into_active_model().reset_all()
    }
}

fn caption(serial: u64) -> String {
    let (opening, closing) = (pick(&OPENINGS, serial), pick(&CLOSINGS, serial));
    let (first, second) = (pick(&TAGS, serial), pick(&TAGS, serial / 7 + 1));
    format!("{opening} {closing}\n\n{first} {second}")
}

fn pick<'a>(words: &[&'a str], serial: u64) -> &'a str {
    let place = usize::try_from(serial).unwrap_or_default() % words.len();
    words[place]
}

fn platform_id(serial: u64, child: u64) -> String {
    (17_900_000_000_000_000 + serial * 16 + child).to_string()
}

fn picture(serial: u64, child: u64) -> Child {
    Child {
        platform_media_id: platform_id(serial, child),
        media_type: "IMAGE".to_owned(),
        media_url: Some(link(serial, child, "jpg")),
        thumbnail_url: None,
        permalink: Some(format!("https://www.instagram.com/p/C{serial:010x}/c/{child}")),
        alt_text: None,
    }
}

/// As long as the platform's links are, and with what looks random in them.
fn link(serial: u64, child: u64, ending: &str) -> String {
    let noise = (serial * 16 + child).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    format!(
        "https://scontent.cdninstagram.com/v/t51.29350-15/{id}_n.{ending}?stp=dst-jpg&_nc_cat=104&ccb=1-7\
         &_nc_sid=18de74&_nc_ohc={short:08x}&_nc_rid={noise:016x}&oh={noise:016x}{turned:016x}&oe=69C3A1F0",
        id = platform_id(serial, child),
        short = noise >> 32,
        turned = noise.rotate_left(29),
    )
}
