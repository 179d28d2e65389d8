//! The trace that a request is part of, as the caller names it.

use actix_web::http::header::HeaderMap;

const TRACEPARENT: &str = "traceparent";
/// Lengths of version, trace, span and flags: <https://www.w3.org/TR/trace-context/#traceparent-header>.
const LENGTHS: [usize; 4] = [2, 32, 16, 2];

/// What `traceparent` names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trace {
    /// The whole trace.
    pub(crate) id: String,
    /// The caller's part of it.
    pub(crate) span: String,
}

impl Trace {
    /// What a request with these headers is part of; nothing when it is not given, or not in the form of the standard.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let mut told = headers.get_all(TRACEPARENT);
        let (Some(text), None) = (told.next(), told.next()) else {
            return None;
        };
        Self::read(text.to_str().ok()?)
    }

    fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let [version, id, span, _flags] = *parts.get(..4)? else {
            return None;
        };
        let well_formed = parts
            .iter()
            .zip(LENGTHS)
            .all(|(part, length)| is_hex(part, length));
        // A later version may have more parts.
        let whole = parts.len() == 4 || version != "00";
        let named = [id, span]
            .iter()
            .all(|part| part.bytes().any(|byte| byte != b'0'));
        (well_formed && whole && named && version != "ff").then(|| Self {
            id: id.to_owned(),
            span: span.to_owned(),
        })
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == length && text.bytes().all(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
    const SPAN: &str = "00f067aa0ba902b7";

    #[test]
    fn the_standards_form_is_understood() {
        for text in [format!("00-{ID}-{SPAN}-01"), format!("01-{ID}-{SPAN}-00-more")] {
            let trace = Trace::read(&text).unwrap();
            assert_eq!((trace.id.as_str(), trace.span.as_str()), (ID, SPAN));
        }
    }

    #[test]
    fn anything_else_is_ignored() {
        let zeros = "0".repeat(32);
        for text in [
            String::new(),
            "00".to_owned(),
            format!("00-{ID}-{SPAN}"),
            format!("00-{ID}-{SPAN}-01-more"),
            format!("ff-{ID}-{SPAN}-01"),
            format!("00-{zeros}-{SPAN}-01"),
            format!("00-{ID}-0000000000000000-01"),
            format!("00-{}-{SPAN}-01", ID.to_uppercase()),
            format!("00-{ID}-{SPAN}-0x"),
        ] {
            assert_eq!(Trace::read(&text), None, "{text}");
        }
    }
}
