//! Elements of other vocabularies within RSS.

use crate::text::xml;
use rss::extension::{Extension, ExtensionMap};

/// An element with a prefix in its name.
pub(super) struct Element(Extension);

impl Element {
    pub(super) fn new(name: &str) -> Self {
        Self(Extension {
            name: name.to_owned(),
            ..Extension::default()
        })
    }

    /// The same with an attribute.
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.attrs.insert(name.to_owned(), xml(value).into_owned());
        self
    }

    /// The same with a text.
    pub(super) fn saying(mut self, text: &str) -> Self {
        self.0.value = Some(xml(text).into_owned());
        self
    }

    /// The same with an element in it.
    pub(super) fn holding(mut self, inner: Self) -> Self {
        let named = self.0.children.entry(inner.0.name.clone());
        named.or_default().push(inner.0);
        self
    }

    /// Elements as a channel or an item takes them.
    pub(super) fn map(elements: impl IntoIterator<Item = Self>) -> ExtensionMap {
        let mut map = ExtensionMap::new();
        for Self(element) in elements {
            let (prefix, name) = element.name.split_once(':').unwrap_or_default();
            let named = map.entry(prefix.to_owned()).or_default();
            named.entry(name.to_owned()).or_default().push(element);
        }
        map
    }
}
