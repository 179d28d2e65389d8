//! The `fields` parameter: names, nested in braces or in the older `.fields()`.

/// One requested field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) limit: Option<usize>,
    /// The fields asked of an expanded edge; unset when it is not expanded.
    pub(super) inner: Option<Vec<Field>>,
}

/// The text is no list of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BadFields;

/// Nesting deeper than this is refused.
const DEEPEST: u8 = 4;

/// Reads a list of fields; an empty text is an empty list.
pub(super) fn parse(text: &str) -> Result<Vec<Field>, BadFields> {
    let mut parser = Parser { rest: text };
    let fields = parser.list(0)?;
    if parser.rest.is_empty() {
        Ok(fields)
    } else {
        Err(BadFields)
    }
}

/// Writes a list of fields in the older spelling, as links to further pages do.
pub(super) fn write(fields: &[Field]) -> String {
    let written = fields.iter().map(|field| match &field.inner {
        None => field.name.clone(),
        Some(inner) => format!("{}.fields({})", field.name, write(inner)),
    });
    written.collect::<Vec<_>>().join(",")
}

struct Parser<'a> {
    rest: &'a str,
}

impl Parser<'_> {
    fn list(&mut self, depth: u8) -> Result<Vec<Field>, BadFields> {
        if depth > DEEPEST {
            return Err(BadFields);
        }
        let mut fields = Vec::new();
        loop {
            let field = self.field(depth)?;
            if !field.name.is_empty() {
                fields.push(field);
            }
            if !self.take(',') {
                return Ok(fields);
            }
        }
    }

    fn field(&mut self, depth: u8) -> Result<Field, BadFields> {
        let mut field = Field {
            name: self.word(),
            ..Field::default()
        };
        while self.take('.') {
            self.modifier(&mut field, depth)?;
        }
        if self.take('{') {
            field.inner = Some(self.list(depth + 1)?);
            self.expect('}')?;
        }
        Ok(field)
    }

    fn modifier(&mut self, field: &mut Field, depth: u8) -> Result<(), BadFields> {
        let name = self.word();
        self.expect('(')?;
        if name == "fields" {
            field.inner = Some(self.list(depth + 1)?);
        } else {
            let argument = self.word();
            if name == "limit" {
                field.limit = Some(argument.parse().map_err(|_| BadFields)?);
            }
        }
        self.expect(')')
    }

    fn word(&mut self) -> String {
        self.rest = self.rest.trim_start();
        let end = self
            .rest
            .find(|letter: char| !(letter.is_alphanumeric() || "_-=".contains(letter)));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest.trim_start();
        word.to_owned()
    }

    fn take(&mut self, letter: char) -> bool {
        let Some(rest) = self.rest.strip_prefix(letter) else {
            return false;
        };
        self.rest = rest.trim_start();
        true
    }

    fn expect(&mut self, letter: char) -> Result<(), BadFields> {
        self.take(letter).then_some(()).ok_or(BadFields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Field {
        Field {
            name: name.to_owned(),
            ..Field::default()
        }
    }

    #[test]
    fn both_spellings_of_expansion_mean_the_same() {
        let braces = parse("id,media.limit(10){id,children{media_url}}").unwrap();
        let older = parse("id, media.fields(id,children.fields(media_url)).limit(10)").unwrap();
        assert_eq!(braces, older);
        assert_eq!(
            write(braces[1].inner.as_ref().unwrap()),
            "id,children.fields(media_url)"
        );
        assert_eq!(braces[0], named("id"));
        assert_eq!(braces[1].limit, Some(10));
        assert_eq!(
            braces[1].inner.as_ref().unwrap()[1].inner,
            Some(vec![named("media_url")])
        );
    }

    #[test]
    fn what_is_no_list_is_refused_and_nothing_is_an_empty_list() {
        assert_eq!(parse(""), Ok(Vec::new()));
        for text in ["id{", "id}", "a.limit(x)", "a.b", "a b", &"a{".repeat(40)] {
            assert_eq!(parse(text), Err(BadFields), "{text}");
        }
    }
}
