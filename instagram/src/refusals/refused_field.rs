//! Which field a refusal is about.

use crate::failure::FailureKind;
use crate::fields::{Field, asked_fields::MANDATORY_OF_MEDIA};
use crate::refusals::envelope::Refused;

/// Whether this refusal is about a field: `Some(Some(name))` when it is one we ask for, `Some(None)` when the
/// message speaks of a field we cannot make out.
pub(crate) fn refused_field(kind: FailureKind, refused: &Refused) -> Option<Option<&'static str>> {
    if kind != FailureKind::OurBug || refused.graph_code() != Some(100) {
        return None;
    }
    let about_fields = refused.says(&["field"]);
    let mentioned = |name: &'static str| refused.words().any(|word| word == name);
    let optional = || Field::ALL.into_iter().filter(|field| mentioned(field.as_str()));
    let mandatory = || MANDATORY_OF_MEDIA.iter().copied().filter(|name| mentioned(name));
    let telling = optional()
        .find(|field| !is_ordinary_word(*field))
        .map(Field::as_str);
    let telling = telling.or_else(|| mandatory().find(|name| !["id", "timestamp"].contains(name)));
    let named = telling.or_else(|| {
        let any = optional().map(Field::as_str).chain(mandatory()).next();
        any.filter(|_| about_fields)
    });
    (named.is_some() || about_fields).then_some(named)
}

/// A name too ordinary to tell a refused field from prose, unless the message speaks of a field.
fn is_ordinary_word(field: Field) -> bool {
    matches!(
        field,
        Field::Name | Field::Website | Field::Caption | Field::Children
    )
}
