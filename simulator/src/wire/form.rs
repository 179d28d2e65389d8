//! Query strings and form bodies, where a key may come more than once.

/// The pairs of a query or form, decoded, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    pub(crate) fn parse(text: &str) -> Self {
        Self(
            url::form_urlencoded::parse(text.as_bytes())
                .into_owned()
                .collect(),
        )
    }

    pub(crate) fn from_pairs(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first value of a key that is not empty.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let pairs = self
            .0
            .iter()
            .filter(|(name, value)| name == key && !value.is_empty());
        pairs.map(|(_, value)| value.as_str()).next()
    }

    pub(crate) fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .iter()
            .filter(move |(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    }
}
