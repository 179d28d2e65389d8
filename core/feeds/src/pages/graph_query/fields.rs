//! Field expressions: `id,caption,children{id,media_url},media.limit(3).fields(id)`.

use crate::FeedError;
use vitrine_base::validation::FieldError;

/// Most bytes of an expression: every field there is, at every level, takes less than half.
const LONGEST: usize = 2_048;
/// A user's posts, their pictures, and what stands at those.
const DEEPEST: usize = 4;
/// Most fields of an expression, at all levels: each that there is, many times over.
const MOST_FIELDS: usize = 100;
/// Most entries that an expansion lists; more is cut, as on the platform.
const MOST_LISTED: u32 = 100;

/// The fields that are asked for, as far as their grammar goes: whether they exist depends on what they
/// are asked of.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fields(pub(super) Vec<Field>);

/// One field with what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Field {
    pub(super) name: String,
    /// Most entries of its expansion.
    pub(super) limit: Option<u32>,
    /// The fields of its expansion; none where it is not expanded.
    pub(super) inner: Option<Fields>,
}

/// Why fields are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// The expression is too long.
    #[error("fields may have at most {LONGEST} bytes")]
    TooLong,
    /// Too many fields.
    #[error("fields may name at most {MOST_FIELDS} fields")]
    TooMany,
    /// Too many levels.
    #[error("fields may be expanded at most {DEEPEST} levels deep")]
    TooDeep,
    /// Something else was expected.
    #[error("Syntax error in fields at character {at}: expected {expected}")]
    Syntax {
        /// Characters before it.
        at: usize,
        /// What would have been right.
        expected: &'static str,
    },
    /// Something other than `fields` and `limit` hangs on a field.
    #[error("Unknown modifier ({0}) in fields")]
    UnknownModifier(String),
    /// A node has no such field.
    #[error("Tried accessing nonexisting field ({field}) on node type ({node})")]
    Unknown {
        /// The field.
        field: String,
        /// What it was asked of.
        node: &'static str,
    },
    /// A field has no fields of its own.
    #[error("Field ({0}) has no fields of its own")]
    NotExpandable(String),
}

impl FieldsError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::TooMany => "too_many",
            Self::TooDeep => "too_deep",
            Self::Syntax { .. } | Self::UnknownModifier(_) => "invalid_syntax",
            Self::Unknown { .. } => "unknown_field",
            Self::NotExpandable(_) => "not_expandable",
        }
    }
}

impl From<FieldsError> for FeedError {
    fn from(error: FieldsError) -> Self {
        Self::Invalid(vec![FieldError {
            field: "fields".to_owned(),
            code: error.code(),
            message: error.to_string(),
        }])
    }
}

impl Fields {
    /// About how many bytes of memory they take.
    pub(super) fn weight(&self) -> usize {
        let fields = self.0.iter().map(|field| {
            let inner = field.inner.as_ref().map_or(0, Self::weight);
            size_of::<Field>() + field.name.len() + inner
        });
        fields.sum()
    }

    /// Reads an expression. An empty one asks for nothing in particular.
    ///
    /// # Errors
    /// [`FieldsError`] for everything that is no expression; takes time and memory in proportion to the
    /// text and not more.
    pub fn parse(text: &str) -> Result<Self, FieldsError> {
        if text.len() > LONGEST {
            return Err(FieldsError::TooLong);
        }
        let mut reader = Reader {
            text,
            rest: text,
            read: 0,
        };
        if reader.peek().is_none() {
            return Ok(Self::default());
        }
        let fields = reader.fields(1)?;
        match reader.peek() {
            None => Ok(fields),
            Some(_) => Err(reader.expected("a comma or the end")),
        }
    }
}

struct Reader<'t> {
    text: &'t str,
    rest: &'t str,
    /// Fields so far.
    read: usize,
}

impl Reader<'_> {
    fn fields(&mut self, depth: usize) -> Result<Fields, FieldsError> {
        if depth > DEEPEST {
            return Err(FieldsError::TooDeep);
        }
        let mut fields = vec![self.field(depth)?];
        while self.take(',') {
            fields.push(self.field(depth)?);
        }
        Ok(Fields(fields))
    }

    fn field(&mut self, depth: usize) -> Result<Field, FieldsError> {
        self.read += 1;
        if self.read > MOST_FIELDS {
            return Err(FieldsError::TooMany);
        }
        let mut field = Field {
            name: self.name("the name of a field")?,
            limit: None,
            inner: None,
        };
        while self.take('.') {
            self.modifier(&mut field, depth)?;
        }
        if self.take('{') {
            self.expand(&mut field, depth, '}')?;
        }
        Ok(field)
    }

    fn modifier(&mut self, field: &mut Field, depth: usize) -> Result<(), FieldsError> {
        let name = self.name("fields or limit")?;
        if !self.take('(') {
            return Err(self.expected("("));
        }
        match name.as_str() {
            "fields" => self.expand(field, depth, ')'),
            "limit" if field.limit.is_none() => {
                field.limit = Some(self.limit()?);
                self.close(')')
            }
            "limit" => Err(self.expected("one limit")),
            _ => Err(FieldsError::UnknownModifier(name)),
        }
    }

    fn expand(&mut self, field: &mut Field, depth: usize, end: char) -> Result<(), FieldsError> {
        if field.inner.is_some() {
            return Err(self.expected("one list of fields"));
        }
        field.inner = Some(self.fields(depth + 1)?);
        self.close(end)
    }

    fn close(&mut self, end: char) -> Result<(), FieldsError> {
        match (self.take(end), end) {
            (true, _) => Ok(()),
            (false, '}') => Err(self.expected("}")),
            (false, _) => Err(self.expected(")")),
        }
    }

    fn limit(&mut self) -> Result<u32, FieldsError> {
        let digits = self.word(|byte| byte.is_ascii_digit());
        match digits.trim_start_matches('0') {
            "" => Err(self.expected("a number above 0")),
            // What is too long for a number is too large for a list.
            number => Ok(number.parse().unwrap_or(u32::MAX).min(MOST_LISTED)),
        }
    }

    fn name(&mut self, expected: &'static str) -> Result<String, FieldsError> {
        let name = self.word(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if name.is_empty() {
            Err(self.expected(expected))
        } else {
            Ok(name)
        }
    }

    fn word(&mut self, belongs: impl Fn(u8) -> bool) -> String {
        self.skip_spaces();
        let end = self.rest.bytes().take_while(|byte| belongs(*byte)).count();
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word.to_owned()
    }

    fn take(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(sign);
        if found {
            self.rest = &self.rest[sign.len_utf8()..];
        }
        found
    }

    fn peek(&mut self) -> Option<char> {
        self.skip_spaces();
        self.rest.chars().next()
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn expected(&self, expected: &'static str) -> FieldsError {
        let before = &self.text[..self.text.len() - self.rest.len()];
        FieldsError::Syntax {
            at: before.chars().count(),
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str) -> Field {
        Field {
            name: name.to_owned(),
            limit: None,
            inner: None,
        }
    }

    fn expanded(name: &str, limit: Option<u32>, inner: &[Field]) -> Field {
        let inner = Some(Fields(inner.to_vec()));
        Field {
            limit,
            inner,
            ..field(name)
        }
    }

    #[test]
    fn both_spellings_of_an_expansion_mean_the_same() {
        let children = expanded("children", None, &[field("id"), field("media_url")]);

        for text in [
            "id,children{id,media_url}",
            "id,children.fields(id,media_url)",
            " id , children { id , media_url } ",
        ] {
            assert_eq!(
                Fields::parse(text).unwrap(),
                Fields(vec![field("id"), children.clone()]),
                "{text}"
            );
        }
    }

    #[test]
    fn expansions_hold_others_and_are_limited() {
        let inner = [expanded("children", None, &[field("id")])];

        for text in [
            "media.limit(3){children{id}}",
            "media.limit(3).fields(children{id})",
            "media.fields(children.fields(id)).limit(3)",
        ] {
            let media = expanded("media", Some(3), &inner);
            assert_eq!(Fields::parse(text).unwrap(), Fields(vec![media]), "{text}");
        }
        let large = Fields::parse("media.limit(99999999999999999999)").unwrap();
        assert_eq!(large.0[0].limit, Some(MOST_LISTED));
    }

    #[test]
    fn nothing_asks_for_nothing_in_particular() {
        assert_eq!(Fields::parse(""), Ok(Fields::default()));
        assert_eq!(Fields::parse("  "), Ok(Fields::default()));
    }

    #[test]
    fn what_is_no_expression_is_refused_where_it_stops_being_one() {
        for (text, at) in [
            (",", 0),
            ("id,", 3),
            ("id caption", 3),
            ("children{", 9),
            ("children{id", 11),
            ("children{}", 9),
            ("children{id}}", 12),
            ("children{id)", 11),
            ("children.fields(id}", 18),
            ("children{id}{id}", 12),
            ("children.fields(id){id}", 20),
            ("media.limit", 11),
            ("media.limit()", 12),
            ("media.limit(0)", 13),
            ("media.limit(-1)", 12),
            ("media.limit(2).limit(3)", 21),
            ("ü", 0),
            ("id,ü", 3),
            ("id\0", 2),
        ] {
            let error = Fields::parse(text).unwrap_err();
            assert!(
                matches!(error, FieldsError::Syntax { at: found, .. } if found == at),
                "{text}: {error}"
            );
        }
        let modifier = Fields::parse("media.as(x)").unwrap_err();
        assert_eq!(modifier, FieldsError::UnknownModifier("as".to_owned()));
    }

    #[test]
    fn length_and_depth_have_an_end() {
        let deep = |levels: usize| format!("{}id{}", "a{".repeat(levels), "}".repeat(levels));

        assert!(Fields::parse(&deep(3)).is_ok());
        assert_eq!(Fields::parse(&deep(4)), Err(FieldsError::TooDeep));
        assert_eq!(Fields::parse(&"a{".repeat(1_000)), Err(FieldsError::TooDeep));
        assert_eq!(Fields::parse(&"a".repeat(LONGEST + 1)), Err(FieldsError::TooLong));
        assert!(Fields::parse(&"a,".repeat(1_000)).is_err());
    }
}
