//! Captions and descriptions that look as if a person wrote them.

use crate::dice::Dice;

const OPENINGS: &[&str] = &[
    "First light over the ridge.",
    "Took the long way home.",
    "Nobody else on the trail today.",
    "The valley after the rain.",
    "Golden hour, as promised.",
    "Fog until noon, then this.",
    "A quiet morning by the lake.",
    "Two hours of waiting, ten seconds of colour.",
    "Back where it all began.",
    "The last warm evening of the year.",
];

const CLOSINGS: &[&str] = &[
    "Worth every step.",
    "Prints are in the shop.",
    "Where would you go next?",
    "More from this walk soon.",
    "Coffee tasted better up here ☕",
    "Danke fürs Mitkommen, bis nächste Woche!",
    "Merci à tous pour vos messages ❤️",
    "空が広い。",
];

const TAGS: &[&str] = &[
    "#mountains",
    "#morninglight",
    "#hiking",
    "#landscape",
    "#slowtravel",
    "#film",
    "#autumn",
    "#outdoors",
];

const DESCRIPTIONS: &[&str] = &[
    "Layered hills under a wide evening sky",
    "A low sun above distant mountains",
    "Morning haze between dark ridges",
    "A calm horizon with soft clouds",
];

/// The longest caption the platform takes, in characters.
const LONGEST: usize = 2_200;

pub(super) fn usual(dice: &mut Dice) -> String {
    let opening = dice.pick(OPENINGS);
    let closing = dice.pick(CLOSINGS);
    let (first, second) = (dice.pick(TAGS), dice.pick(TAGS));
    format!("{opening} {closing}\n\n{first} {second}")
}

pub(super) fn with_emoji(dice: &mut Dice) -> String {
    format!("{} 🏔️🌅👩‍👩‍👧‍👦🇨🇭 “Ça alors!” — 100 % unfiltered", dice.pick(OPENINGS))
}

pub(super) fn longest(dice: &mut Dice) -> String {
    let mut caption = String::new();
    let mut length = 0;
    while length < LONGEST {
        let sentence = if dice.below(2) == 0 {
            dice.pick(OPENINGS)
        } else {
            dice.pick(CLOSINGS)
        };
        for letter in sentence.chars().chain([' ']).take(LONGEST - length) {
            caption.push(letter);
            length += 1;
        }
    }
    caption
}

pub(super) fn description(dice: &mut Dice) -> &'static str {
    dice.pick(DESCRIPTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_caption_is_exactly_as_long_as_allowed() {
        assert_eq!(longest(&mut Dice::new(1)).chars().count(), 2_200);
    }
}
