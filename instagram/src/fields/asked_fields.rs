//! Which fields are asked for, and which of them we make do without when the server refuses one.

use super::{Field, FieldSet};
use crate::settings::Dialect;

/// After so many refusals all that can be done without is left out: each refusal costs a call.
const REFUSED_ONE_BY_ONE: u32 = 3;

/// What is asked for in one kind of call.
pub(crate) struct FieldList {
    mandatory: &'static [&'static str],
    common: &'static [Field],
    /// What a server is the first to lack; left out first when a refusal names nothing that we ask for.
    rare: &'static [Field],
}

/// Fields of a profile in Instagram Login.
const PROFILE_OF_LOGIN: FieldList = FieldList {
    mandatory: &["id", "username"],
    common: &[
        Field::UserId,
        Field::Name,
        Field::AccountType,
        Field::ProfilePictureUrl,
        Field::FollowersCount,
        Field::FollowsCount,
        Field::MediaCount,
    ],
    rare: &[Field::Biography, Field::Website],
};

const PROFILE_OF_BASIC: FieldList = FieldList {
    mandatory: &["id", "username"],
    common: &[Field::AccountType, Field::MediaCount],
    rare: &[],
};

/// What no medium can be stored without.
pub(crate) const MANDATORY_OF_MEDIA: &[&str] = &["id", "media_type", "media_url", "permalink", "timestamp"];

const MEDIA_OF_LOGIN: FieldList = FieldList {
    mandatory: MANDATORY_OF_MEDIA,
    common: &[
        Field::Caption,
        Field::ThumbnailUrl,
        Field::Username,
        Field::Children,
    ],
    rare: &[
        Field::MediaProductType,
        Field::Shortcode,
        Field::LikeCount,
        Field::CommentsCount,
        Field::IsSharedToFeed,
        Field::AltText,
    ],
};

const MEDIA_OF_BASIC: FieldList = FieldList {
    mandatory: MANDATORY_OF_MEDIA,
    common: &[
        Field::Caption,
        Field::ThumbnailUrl,
        Field::Username,
        Field::Children,
    ],
    rare: &[Field::IsSharedToFeed],
};

impl FieldList {
    /// Fields of a profile.
    pub(crate) fn of_profile(dialect: Dialect) -> &'static Self {
        match dialect {
            Dialect::InstagramLogin => &PROFILE_OF_LOGIN,
            Dialect::BasicDisplay => &PROFILE_OF_BASIC,
        }
    }

    /// Fields of a medium.
    pub(crate) fn of_media(dialect: Dialect) -> &'static Self {
        match dialect {
            Dialect::InstagramLogin => &MEDIA_OF_LOGIN,
            Dialect::BasicDisplay => &MEDIA_OF_BASIC,
        }
    }

    /// The list as on the wire, without those that are left out.
    pub(crate) fn without(&self, left_out: FieldSet) -> String {
        let optional = self.optional().without(left_out);
        let mandatory = self.mandatory.iter().map(|name| (*name).to_owned());
        let optional = optional.iter().map(|field| match field {
            Field::Children if left_out.contains(Field::ThumbnailUrl) => {
                "children{id,media_type,media_url}".to_owned()
            }
            Field::Children => "children{id,media_type,media_url,thumbnail_url}".to_owned(),
            field => field.as_str().to_owned(),
        });
        mandatory.chain(optional).collect::<Vec<_>>().join(",")
    }

    /// Fields that an answer says nothing about, whether it could have been asked for them or not.
    pub(crate) fn unasked(&self, left_out: FieldSet) -> FieldSet {
        let asked = self.optional().without(left_out);
        let always = Field::ALL
            .into_iter()
            .filter(|field| self.mandatory.contains(&field.as_str()));
        let known = always.fold(asked, FieldSet::with);
        FieldSet::of(&Field::ALL).without(known)
    }

    /// What to leave out next, after a refusal; none when we cannot do without.
    pub(crate) fn left_out_after(&self, left_out: FieldSet, refused: Option<&str>) -> Option<FieldSet> {
        let optional = self.optional();
        let next = match refused {
            Some(name) => {
                let field = optional.iter().find(|field| field.as_str() == name)?;
                if left_out.count() < REFUSED_ONE_BY_ONE {
                    left_out.with(field)
                } else {
                    optional
                }
            }
            None if left_out.or(FieldSet::of(self.rare)) != left_out => left_out.or(FieldSet::of(self.rare)),
            None => left_out.or(optional),
        };
        (next.or(left_out) != left_out).then_some(next.or(left_out))
    }

    fn optional(&self) -> FieldSet {
        FieldSet::of(self.common).or(FieldSet::of(self.rare))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn media() -> &'static FieldList {
        FieldList::of_media(Dialect::InstagramLogin)
    }

    #[test]
    fn a_refused_field_is_left_out_alone() {
        let left_out = media().left_out_after(FieldSet::default(), Some("children"));

        assert_eq!(left_out, Some(FieldSet::of(&[Field::Children])));
        let asked = media().without(left_out.unwrap());
        assert!(asked.contains("caption") && asked.contains("alt_text") && !asked.contains("children"));
    }

    #[test]
    fn what_cannot_be_done_without_or_is_left_out_already_is_no_way_on() {
        let without_caption = FieldSet::of(&[Field::Caption]);

        assert_eq!(
            media().left_out_after(FieldSet::default(), Some("media_url")),
            None
        );
        assert_eq!(media().left_out_after(without_caption, Some("caption")), None);
    }

    #[test]
    fn a_refusal_that_names_nothing_of_ours_leaves_out_the_rare_and_then_all() {
        let first = media().left_out_after(FieldSet::default(), None).unwrap();
        let second = media().left_out_after(first, None).unwrap();

        assert!(first.contains(Field::AltText) && !first.contains(Field::Caption));
        assert_eq!(
            media().without(second),
            "id,media_type,media_url,permalink,timestamp"
        );
        assert_eq!(media().left_out_after(second, None), None);
    }

    #[test]
    fn refusals_one_after_the_other_come_to_an_end() {
        let (mut left_out, mut calls) = (FieldSet::default(), 0);
        for field in media().optional().iter() {
            if let Some(next) = media().left_out_after(left_out, Some(field.as_str())) {
                left_out = next;
                calls += 1;
            }
        }

        assert_eq!((calls, left_out), (4, media().optional()));
    }

    #[test]
    fn an_answer_says_nothing_about_what_was_not_asked_for() {
        let unasked = media().unasked(FieldSet::of(&[Field::Caption]));
        let of_basic = FieldList::of_media(Dialect::BasicDisplay).unasked(FieldSet::default());

        assert!(unasked.contains(Field::Caption) && unasked.contains(Field::Biography));
        assert!(!unasked.contains(Field::AltText));
        assert!(of_basic.contains(Field::LikeCount) && !of_basic.contains(Field::Caption));
    }
}
