//! The shapes in which Instagram says no.

use serde_json::Value;

use crate::answers::json;

/// Meta's trace ids have 23 characters or so; anything longer is something else and is not kept.
const LONGEST_TRACE_ID: usize = 28;

/// Which family of error bodies this one belongs to: their codes mean different things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `{"error":{…}}`: `code` is a Graph error code.
    Graph,
    /// `{"error_type":…,"code":…,"error_message":…}`: `code` repeats the HTTP status.
    Oauth,
}

/// An error body, read. It holds Instagram's prose, so it has no `Debug` and is dropped once classified.
pub(crate) struct Refused {
    pub(crate) shape: Shape,
    pub(crate) code: Option<i64>,
    pub(crate) subcode: Option<i64>,
    pub(crate) transient: bool,
    pub(crate) trace_id: Option<String>,
    message: String,
}

impl Refused {
    /// Finds the error in an answer, whatever envelope it is in. `None` when the answer is no error.
    pub(crate) fn find(answer: &Value) -> Option<Self> {
        let wrapped = answer.get("data").filter(|data| data.is_object());
        [Some(answer), wrapped]
            .into_iter()
            .flatten()
            .find_map(Self::find_unwrapped)
    }

    fn find_unwrapped(object: &Value) -> Option<Self> {
        if let Some(error @ Value::Object(_)) = object.get("error") {
            return Some(Self::graph(error));
        }
        let message = ["error_message", "error_description", "error_type", "error"]
            .into_iter()
            .find_map(|field| json::text(object, field))?;
        Some(Self::read(Shape::Oauth, object, message))
    }

    fn graph(error: &Value) -> Self {
        let message = json::text(error, "message").unwrap_or_default();
        Self::read(Shape::Graph, error, message)
    }

    fn read(shape: Shape, object: &Value, message: String) -> Self {
        Self {
            shape,
            code: json::integer(object, "code"),
            subcode: json::integer(object, "error_subcode"),
            transient: json::flag(object, "is_transient").unwrap_or(false),
            trace_id: json::text(object, "fbtrace_id").filter(|trace| is_trace_id(trace)),
            message: message.to_lowercase(),
        }
    }

    /// The code, where it is one of the Graph's.
    pub(crate) fn graph_code(&self) -> Option<i64> {
        self.code.filter(|_| self.shape == Shape::Graph)
    }

    /// Whether the message contains any of these texts, which are given in lower case.
    pub(crate) fn says(&self, texts: &[&str]) -> bool {
        texts.iter().any(|text| self.message.contains(text))
    }

    /// The message's words, split at everything that cannot be part of a field name.
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        self.message
            .split(|character: char| !character.is_ascii_alphanumeric() && character != '_')
    }
}

fn is_trace_id(text: &str) -> bool {
    text.len() <= LONGEST_TRACE_ID
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}
