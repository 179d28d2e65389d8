//! Which fields are asked for, and with what less we make do when the server refuses one.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::envelope::Refused;
use crate::failure::FailureKind;
use crate::settings::Dialect;

const PROFILE_OF_LOGIN: &[&str] = &[
    "user_id,id,username,name,account_type,profile_picture_url,followers_count,\
     follows_count,media_count,biography,website",
    "user_id,id,username,name,account_type,profile_picture_url,followers_count,follows_count,media_count",
    "id,username",
];

const PROFILE_OF_BASIC: &[&str] = &["id,username,account_type,media_count", "id,username"];

const MEDIA_OF_LOGIN: &[&str] = &[
    "id,caption,media_type,media_product_type,media_url,thumbnail_url,permalink,shortcode,timestamp,username,\
     like_count,comments_count,is_shared_to_feed,alt_text,children{id,media_type,media_url,thumbnail_url}",
    "id,caption,media_type,media_url,thumbnail_url,permalink,timestamp,username,\
     children{id,media_type,media_url,thumbnail_url}",
    "id,media_type,media_url,permalink,timestamp",
];

const MEDIA_OF_BASIC: &[&str] = &[
    "id,caption,media_type,media_url,thumbnail_url,permalink,timestamp,username,is_shared_to_feed,\
     children{id,media_type,media_url,thumbnail_url}",
    "id,caption,media_type,media_url,thumbnail_url,permalink,timestamp,username,\
     children{id,media_type,media_url,thumbnail_url}",
    "id,media_type,media_url,permalink,timestamp",
];

/// Field names too ordinary to tell a refused field from prose, unless the message speaks of a field.
const ORDINARY_WORDS: &[&str] = &["id", "name", "website", "caption", "timestamp", "children"];

/// How lean a list of fields to ask for; the default is the longest that the server is not known to refuse.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FieldRung(usize);

/// Lists of fields, each leaner than the one before, and the first one the server is not known to refuse.
pub(crate) struct FieldLadder {
    rungs: &'static [&'static str],
    first: AtomicUsize,
    lowest_first: usize,
}

impl FieldLadder {
    /// Fields of a profile. That the server refuses `user_id` is not remembered: without it an account
    /// cannot be told from another, so the next read asks for it again.
    pub(crate) fn of_profile(dialect: Dialect) -> Self {
        let (rungs, lowest_first) = match dialect {
            Dialect::InstagramLogin => (PROFILE_OF_LOGIN, 1),
            Dialect::BasicDisplay => (PROFILE_OF_BASIC, 1),
        };
        Self {
            rungs,
            first: AtomicUsize::new(0),
            lowest_first,
        }
    }

    /// Fields of a medium. What the server refuses is remembered for the life of the client.
    pub(crate) fn of_media(dialect: Dialect) -> Self {
        let rungs = match dialect {
            Dialect::InstagramLogin => MEDIA_OF_LOGIN,
            Dialect::BasicDisplay => MEDIA_OF_BASIC,
        };
        Self {
            rungs,
            first: AtomicUsize::new(0),
            lowest_first: rungs.len() - 1,
        }
    }

    /// The rung to begin with.
    pub(crate) fn first(&self) -> FieldRung {
        FieldRung(self.first.load(Ordering::Relaxed))
    }

    /// The fields of a rung.
    pub(crate) fn fields(&self, rung: FieldRung) -> &'static str {
        self.rungs.get(rung.0).copied().unwrap_or("id")
    }

    /// The next rung that leaves out the refused field, and remembers it. `None` when we cannot do without.
    pub(crate) fn step_down(&self, from: FieldRung, refused: Option<&str>) -> Option<FieldRung> {
        let leaves_out = |rung: &&str| refused.is_none_or(|field| !names(rung).any(|name| name == field));
        let next =
            (from.0 + 1..self.rungs.len()).find(|index| self.rungs.get(*index).is_some_and(leaves_out))?;
        self.first
            .fetch_max(next.min(self.lowest_first), Ordering::Relaxed);
        Some(FieldRung(next))
    }
}

/// Whether this refusal is about a field: `Some(Some(name))` when it is one we ask for, `Some(None)` when the
/// message speaks of a field we cannot make out.
pub(crate) fn refused_field(kind: FailureKind, refused: &Refused) -> Option<Option<&'static str>> {
    if kind != FailureKind::OurBug || refused.graph_code() != Some(100) {
        return None;
    }
    let about_fields = refused.says(&["field"]);
    let mentioned = || {
        let known = [PROFILE_OF_LOGIN, MEDIA_OF_LOGIN]
            .into_iter()
            .flat_map(|rungs| names(rungs[0]));
        known.filter(|name| refused.words().any(|word| word == *name))
    };
    let telling = mentioned().find(|name| !ORDINARY_WORDS.contains(name));
    let named = telling.or_else(|| mentioned().find(|_| about_fields));
    (named.is_some() || about_fields).then_some(named)
}

fn names(fields: &str) -> impl Iterator<Item = &str> {
    fields.split([',', '{', '}']).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rung_is_a_part_of_the_one_before_and_keeps_the_mandatory_fields() {
        for rungs in [PROFILE_OF_LOGIN, PROFILE_OF_BASIC, MEDIA_OF_LOGIN, MEDIA_OF_BASIC] {
            for pair in rungs.windows(2) {
                assert!(
                    names(pair[1]).all(|name| names(pair[0]).any(|other| other == name)),
                    "{}",
                    pair[1]
                );
                assert!(pair[1].len() < pair[0].len());
            }
            assert!(rungs.iter().all(|rung| !rung.contains(' ')));
        }
    }

    #[test]
    fn the_step_goes_past_every_rung_that_still_has_the_refused_field() {
        let ladder = FieldLadder::of_media(Dialect::InstagramLogin);
        assert_eq!(ladder.step_down(FieldRung(0), Some("media_url")), None);
        assert_eq!(ladder.first(), FieldRung(0));
        assert_eq!(
            ladder.step_down(FieldRung(0), Some("alt_text")),
            Some(FieldRung(1))
        );
        assert_eq!(
            ladder.step_down(FieldRung(0), Some("caption")),
            Some(FieldRung(2))
        );
        assert_eq!(ladder.first(), FieldRung(2));
        assert_eq!(ladder.step_down(FieldRung(2), None), None);
    }

    #[test]
    fn a_profile_without_the_professional_id_is_not_remembered() {
        let ladder = FieldLadder::of_profile(Dialect::InstagramLogin);
        assert_eq!(
            ladder.step_down(FieldRung(0), Some("user_id")),
            Some(FieldRung(2))
        );
        assert_eq!(ladder.first(), FieldRung(1));
    }
}
