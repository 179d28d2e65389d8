//! Questions in the words of Instagram's Graph API.

mod extent;
mod fields;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub(crate) mod selection;

pub use fields::{Fields, FieldsError};

use vitrine_entity::Time;

/// A question in the words of the Graph API.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GraphQuery {
    /// The version that stood in the address, which links to further pages repeat.
    pub version: Option<String>,
    /// What is asked about.
    pub object: GraphObject,
    /// The fields that are asked for.
    pub fields: Fields,
    /// Of a list, the time that its entries are of.
    pub period: Period,
    /// Whether texts and links are made safe for pages that insert them as HTML.
    pub escape: bool,
}

/// A time, with both ends in it; open where an end is not named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Period {
    /// From when on.
    pub since: Option<Time>,
    /// Until when.
    pub until: Option<Time>,
}

impl Period {
    /// Whether it leaves nothing out.
    pub(crate) fn is_all(self) -> bool {
        self == Self::default()
    }

    /// Whether a moment is in it.
    pub(crate) fn holds(self, moment: Time) -> bool {
        self.since.is_none_or(|since| moment >= since) && self.until.is_none_or(|until| moment <= until)
    }
}

impl GraphQuery {
    /// About how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> usize {
        let id = match &self.object {
            GraphObject::Me | GraphObject::MyMedia => 0,
            GraphObject::MediaOf(id) | GraphObject::Object(id) | GraphObject::ChildrenOf(id) => id.len(),
            GraphObject::Objects(ids) => ids.iter().map(|id| size_of::<String>() + id.len()).sum(),
        };
        size_of::<Self>() + id + self.fields.weight()
    }
}

/// What a question is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum GraphObject {
    /// The account that the feed is of.
    Me,
    /// What the feed shows.
    MyMedia,
    /// The same by the account's id.
    MediaOf(String),
    /// A post, a picture of an album, or the account, by its id.
    Object(String),
    /// Several of these at once, by their ids.
    Objects(Vec<String>),
    /// The pictures of an album.
    ChildrenOf(String),
}
