//! What owners change about the words of a filter.

use crate::{Caption, curation::case_folding::fold_case};
use std::collections::HashSet;
use vitrine_base::validation::Check;
use vitrine_entity::feed::WordFilter;

const LONGEST_WORD: usize = 200;
const MOST_WORDS: usize = 50;

/// New words of a filter; a list that is not named stays.
#[derive(Clone, Debug, Default)]
pub struct WordChange {
    /// A post needs one of these, when there are any.
    pub include: Option<Vec<String>>,
    /// A post with one of these stays out.
    pub exclude: Option<Vec<String>>,
}

impl WordChange {
    /// The filter with these words; everything that is refused about them is noted.
    pub(super) fn apply(&self, field: &str, filter: &mut WordFilter, kind: &WordKind, check: &mut Check) {
        if let Some(words) = &self.include {
            filter.include = bare(words_of(&format!("{field}.include"), words, kind, check));
        }
        if self.include.is_none() && self.exclude.is_none() {
            return;
        }
        let excluded = match &self.exclude {
            Some(words) => words_of(&format!("{field}.exclude"), words, kind, check),
            None => std::mem::take(&mut filter.exclude)
                .into_iter()
                .enumerate()
                .collect(),
        };
        refuse_contradictions(field, &filter.include, &excluded, kind, check);
        filter.exclude = bare(excluded);
    }
}

/// What the words of a filter are.
pub(super) struct WordKind {
    /// A word as it is kept; the field's name is for what is refused about it.
    read: fn(&str, &str, &mut Check) -> String,
    /// Whether everything that has the one word also has the other, both folded.
    implies: fn(&str, &str) -> bool,
}

pub(super) const HASHTAGS: WordKind = WordKind {
    read: hashtag,
    implies: |tag, other| tag == other,
};

pub(super) const WORDS: WordKind = WordKind {
    read: |word, _, _| word.to_owned(),
    implies: |word, other| word.contains(other),
};

fn bare(words: Vec<(usize, String)>) -> Vec<String> {
    words.into_iter().map(|(_, word)| word).collect()
}

/// The words of a list, each once, and where they stand first.
fn words_of(field: &str, given: &[String], kind: &WordKind, check: &mut Check) -> Vec<(usize, String)> {
    if given.len() > MOST_WORDS {
        check.refuse(field, "too_many", format!("must have at most {MOST_WORDS} words"));
    }
    let (mut seen, mut words) = (HashSet::new(), Vec::new());
    for (index, word) in given.iter().enumerate() {
        let field = format!("{field}[{index}]");
        let text = check.text(&field, word, LONGEST_WORD);
        if text.is_empty() {
            continue;
        }
        let word = (kind.read)(&text, &field, check);
        if seen.insert(fold_case(&word)) {
            words.push((index, word));
        }
    }
    words
}

/// An excluded word that is asked for too is a mistake; and where every post that is let in is kept out again, nothing
/// could ever be shown.
fn refuse_contradictions(
    field: &str,
    included: &[String],
    excluded: &[(usize, String)],
    kind: &WordKind,
    check: &mut Check,
) {
    let included: Vec<String> = included.iter().map(|word| fold_case(word)).collect();
    let excluded: Vec<(usize, String)> = excluded
        .iter()
        .map(|(index, word)| (*index, fold_case(word)))
        .collect();
    let keeps_out = |word: &str, needed: &String| (kind.implies)(needed, word);
    let nothing_left = included
        .iter()
        .all(|needed| excluded.iter().any(|(_, word)| keeps_out(word, needed)));
    for (index, word) in &excluded {
        let is_at_fault = nothing_left && included.iter().any(|needed| keeps_out(word, needed));
        if is_at_fault || included.contains(word) {
            let field = format!("{field}.exclude[{index}]");
            check.refuse(&field, "contradiction", "excludes what `include` asks for");
        }
    }
}

/// A hashtag without its sign.
fn hashtag(word: &str, field: &str, check: &mut Check) -> String {
    let tag = word.strip_prefix(['#', '＃']).unwrap_or(word);
    let sign = format!("#{tag}");
    if Caption::hashtags_of(&sign).next() != Some(tag) {
        check.refuse(
            field,
            "invalid_hashtag",
            "must be one hashtag: letters, digits and _ only",
        );
    }
    tag.to_owned()
}
