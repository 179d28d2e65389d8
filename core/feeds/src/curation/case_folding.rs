//! Words as they are compared: without regard to case, width and the way an accent is written.

use unicase::UniCase;
use unicode_normalization::UnicodeNormalization;

/// A text as it is compared with others: compatibility forms composed (NFKC), case folded.
pub(crate) fn fold_case(text: &str) -> String {
    let composed: String = text.nfkc().collect();
    UniCase::new(composed).to_folded_case().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_width_and_accents_do_not_matter() {
        for (left, right) in [
            ("STRASSE", "straße"),
            ("Cafe\u{301}", "CAFÉ"),
            ("ＳＡＬＥ", "sale"),
            ("ΟΔΟΣ", "οδος"),
        ] {
            assert_eq!(fold_case(left), fold_case(right));
        }
        assert_ne!(fold_case("cafe"), fold_case("café"));
    }
}
