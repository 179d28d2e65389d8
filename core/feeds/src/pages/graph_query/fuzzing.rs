//! What must hold for every field expression.

use super::{
    Fields, FieldsError,
    selection::{MediaField, OwnerWord, UserField},
};
use std::collections::BTreeSet;

/// Levels of an expression.
const DEEPEST: usize = 4;
const MOST_FIELDS: usize = 100;

/// What is read is repeated so that it reads the same, within the limits; objects hold each field once, and `id`.
pub fn fields(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    match Fields::parse(text) {
        Ok(fields) => assert_fields(text, &fields),
        Err(error) => assert_refusal(text, &error),
    }
}

fn assert_fields(text: &str, fields: &Fields) {
    let (levels, count) = extent(fields);
    assert!(levels <= DEEPEST && count <= MOST_FIELDS, "{text}");
    let repeated = fields.to_string();
    assert!(repeated.len() <= text.len(), "{repeated} of {text}");
    assert_eq!(
        Fields::parse(&repeated).as_ref(),
        Ok(fields),
        "{repeated} of {text}"
    );
    match fields.of_media() {
        Ok(selected) => assert_media(&selected),
        Err(error) => assert_refusal(text, &error),
    }
    match fields.of_user() {
        Ok(selected) => assert_user(&selected),
        Err(error) => assert_refusal(text, &error),
    }
}

fn extent(fields: &Fields) -> (usize, usize) {
    let inner = fields
        .0
        .iter()
        .filter_map(|field| field.inner.as_ref())
        .map(extent);
    let (levels, count) = inner.fold((0, 0), |(deepest, sum), (levels, count)| {
        (deepest.max(levels), sum + count)
    });
    (levels + usize::from(!fields.0.is_empty()), count + fields.0.len())
}

fn assert_refusal(text: &str, error: &FieldsError) {
    if let FieldsError::Syntax { at, .. } = error {
        assert!(*at <= text.chars().count(), "{text}");
    }
    let told = error.to_string();
    assert!(
        told.is_ascii() && !told.bytes().any(|byte| byte.is_ascii_control()),
        "{told}"
    );
}

fn assert_media(fields: &[MediaField]) {
    assert_members(fields.iter().map(|field| match field {
        MediaField::Word(word) => word.as_str(),
        MediaField::Owner(words) => {
            assert_members(words.iter().map(|word| OwnerWord::as_str(*word)));
            "owner"
        }
        MediaField::Children { limit, fields } => {
            assert!(limit.is_none_or(|limit| (1..=100).contains(&limit)));
            assert_media(fields);
            "children"
        }
    }));
}

fn assert_user(fields: &[UserField]) {
    assert_members(fields.iter().map(|field| match field {
        UserField::Word(word) => word.as_str(),
        UserField::Media { limit, fields } => {
            assert!((1..=100).contains(limit));
            assert_media(fields);
            "media"
        }
    }));
}

fn assert_members<'f>(names: impl Iterator<Item = &'f str>) {
    let names: Vec<_> = names.collect();
    let once: BTreeSet<_> = names.iter().collect();
    assert!(once.len() == names.len() && once.contains(&"id"), "{names:?}");
}
