//! What an owner changes about one post in one feed.

use super::item_moderation::ItemModeration;
use vitrine_base::validation::{Check, FieldError};

/// Most characters of a description.
const LONGEST_ALT_TEXT: usize = 1_000;
/// The last place that a post can be pinned to: no feed shows more.
const LAST_PLACE: u32 = 1_000;

/// What shall be different about one post in one feed. What is not named stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ItemChange {
    /// Whether it is left out.
    pub hidden: Option<bool>,
    /// Its place, from 1; none to take the pin off.
    pub pinned_position: Option<Option<u32>>,
    /// The owner's own description of the picture; none, or nothing visible, to take it back.
    pub alt_text: Option<Option<String>>,
}

impl ItemChange {
    /// Whether the post is pinned or taken off its place.
    pub(crate) fn changes_pin(&self) -> bool {
        self.pinned_position.is_some()
    }

    /// What is decided afterwards.
    ///
    /// # Errors
    /// Everything that is refused.
    pub(crate) fn apply(self, before: ItemModeration) -> Result<ItemModeration, Vec<FieldError>> {
        let mut check = Check::default();
        if let Some(Some(place)) = self.pinned_position {
            check_place(place, &mut check);
        }
        let decision = ItemModeration {
            hidden: self.hidden.unwrap_or(before.hidden),
            pinned_position: self.pinned_position.unwrap_or(before.pinned_position),
            alt_text: match self.alt_text {
                Some(text) => read_alt_text(text, &mut check),
                None => before.alt_text,
            },
        };
        check.finish().map(|()| decision)
    }
}

fn check_place(place: u32, check: &mut Check) {
    if !(1..=LAST_PLACE).contains(&place) {
        let message = format!("must be between 1 and {LAST_PLACE}");
        check.refuse("pinned_position", "out_of_range", message);
    }
}

fn read_alt_text(text: Option<String>, check: &mut Check) -> Option<String> {
    let text = text.filter(|text| !text.trim().is_empty());
    text.map(|text| check.text("alt_text", &text, LONGEST_ALT_TEXT))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided() -> ItemModeration {
        ItemModeration {
            hidden: true,
            pinned_position: Some(3),
            alt_text: Some("A heron".to_owned()),
        }
    }

    #[test]
    fn what_is_not_named_stays() {
        let described = ItemChange {
            alt_text: Some(Some(" Two herons ".to_owned())),
            ..ItemChange::default()
        };

        assert_eq!(ItemChange::default().apply(decided()).unwrap(), decided());
        let alt_text = Some("Two herons".to_owned());
        let wanted = ItemModeration {
            alt_text,
            ..decided()
        };
        assert_eq!(described.apply(decided()).unwrap(), wanted);
    }

    #[test]
    fn each_decision_is_taken_back_by_itself() {
        let unpinned = ItemChange {
            pinned_position: Some(None),
            ..ItemChange::default()
        };
        let undescribed = ItemChange {
            alt_text: Some(Some(" ".to_owned())),
            ..ItemChange::default()
        };

        assert_eq!(unpinned.apply(decided()).unwrap().pinned_position, None);
        assert_eq!(undescribed.apply(decided()).unwrap().alt_text, None);
    }

    #[test]
    fn everything_that_is_refused_is_named() {
        let change = ItemChange {
            pinned_position: Some(Some(1_001)),
            alt_text: Some(Some("x".repeat(1_001))),
            ..ItemChange::default()
        };

        let errors = change.apply(decided()).unwrap_err();

        let codes: Vec<_> = errors.iter().map(|error| error.code).collect();
        assert_eq!(codes, ["out_of_range", "too_long"]);
    }
}
