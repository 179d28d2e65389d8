//! The shapes of Instagram's Graph API: <https://developers.facebook.com/docs/instagram-platform>.
//!
//! What is asked of is the feed as if it were one user's: `me` is its first account, that account's media
//! are what the feed shows, and nothing else can be read.

mod extent;
mod fields;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod links;
mod media;
mod selection;
#[cfg(test)]
mod tests;
mod user;
mod value;

pub use fields::{Fields, FieldsError};

use super::{RenderContext, Rendered};
use crate::{
    FeedError,
    content::{
        feed_content::ContentHeader,
        sequence::{FeedPage, Sequence},
    },
};
use links::Links;
use media::{Entry, List, MediaOptions, MediaView, list_of};
use selection::{MediaField, UserField};
use serde::Serialize;
use user::UserView;
use vitrine_entity::{Time, account};

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
    fn is_all(self) -> bool {
        self == Self::default()
    }

    fn holds(self, moment: Time) -> bool {
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

/// Writes the answer.
///
/// # Errors
/// [`FeedError::NotFound`] for what the feed does not show, [`FeedError::Invalid`] for fields that do not
/// exist.
pub(super) fn write(context: &RenderContext<'_>, graph_query: &GraphQuery) -> Result<Rendered, FeedError> {
    let whole = &context.content.sequence;
    let of_period =
        (!graph_query.period.is_all()).then(|| whole.shown_where(|at| graph_query.period.holds(at)));
    let answer = Answer {
        context,
        graph_query,
        sequence: of_period.as_ref().unwrap_or(whole),
    };
    let body = match &graph_query.object {
        GraphObject::Me => answer.user(answer.me()?),
        GraphObject::MyMedia => answer.media(),
        GraphObject::MediaOf(id) => answer
            .is_me(id)
            .ok_or(FeedError::NotFound)
            .and_then(|_| answer.media()),
        GraphObject::Object(id) => answer.thing(id),
        GraphObject::Objects(ids) => answer.things(ids),
        GraphObject::ChildrenOf(id) => answer.children(id),
    };
    Ok(Rendered {
        body: body?,
        content_type: "application/json",
    })
}

/// The feed's account, if it goes by this id: its own, or one that an app of Instagram's knows it by.
fn known_by<'a>(header: &'a ContentHeader, id: &str) -> Option<&'a account::Model> {
    header.profile().filter(|account| {
        let scoped = [&account.app_scoped_id, &account.exchange_user_id];
        account.platform_user_id == id || scoped.into_iter().flatten().any(|known| known == id)
    })
}

struct Answer<'a> {
    context: &'a RenderContext<'a>,
    graph_query: &'a GraphQuery,
    /// The entries that lists are of.
    sequence: &'a Sequence,
}

impl<'a> Answer<'a> {
    fn me(&self) -> Result<&'a account::Model, FeedError> {
        self.context.content.header.profile().ok_or(FeedError::NotFound)
    }

    fn is_me(&self, id: &str) -> Option<&'a account::Model> {
        known_by(&self.context.content.header, id)
    }

    fn user(&self, account: &'a account::Model) -> Result<Vec<u8>, FeedError> {
        let fields = self.graph_query.fields.of_user()?;
        let media = fields.iter().find_map(|field| match field {
            UserField::Media { limit, fields } => Some(self.expanded(*limit, fields)),
            UserField::Word(_) => None,
        });
        json(&UserView {
            account,
            fields: &fields,
            escape: self.graph_query.escape,
            media,
        })
    }

    fn media(&self) -> Result<Vec<u8>, FeedError> {
        let fields = self.graph_query.fields.of_media()?;
        let (page, size) = (self.context.page_of(self.sequence), self.context.size());
        json(&self.page(&page, &self.graph_query.fields, size, self.options(&fields)))
    }

    /// The media within the answer about a user, whose further pages are pages of their own.
    fn expanded<'f>(&'f self, limit: u32, fields: &'f [MediaField]) -> List<'f> {
        let page = self.context.content.sequence.page(Default::default(), limit);
        let asked = self.graph_query.fields.inner_of("media");
        self.page(&page, &asked, limit, self.options(fields))
    }

    fn page<'f>(
        &self,
        page: &FeedPage<'f>,
        fields: &Fields,
        limit: u32,
        options: MediaOptions<'f>,
    ) -> List<'f> {
        let entries = page.items.iter().copied().map(Entry::Item).collect();
        let links = Links {
            context: self.context,
            graph_query: self.graph_query,
            sequence: self.sequence,
            fields,
            limit,
        };
        List {
            paging: links.around(page),
            ..list_of(entries, options)
        }
    }

    fn thing(&self, id: &str) -> Result<Vec<u8>, FeedError> {
        match self.is_me(id) {
            Some(account) => self.user(account),
            None => self.object(id),
        }
    }

    /// An object of what is asked for, each by its id and once. The account may go by several ids, and is written once.
    fn things(&self, ids: &[String]) -> Result<Vec<u8>, FeedError> {
        let (mut body, mut user) = (vec![], None::<Vec<u8>>);
        for (place, id) in ids.iter().enumerate() {
            if ids[..place].contains(id) {
                continue;
            }
            body.push(if place == 0 { b'{' } else { b',' });
            body.extend(json(id)?);
            body.push(b':');
            match self.named(id)? {
                Some(account) => body.extend_from_slice(match &user {
                    Some(written) => written,
                    None => user.insert(self.user(account)?),
                }),
                None => body.extend(self.object(id)?),
            }
        }
        body.push(b'}');
        Ok(body)
    }

    /// The feed's account, if one of several ids names it.
    fn named(&self, id: &str) -> Result<Option<&'a account::Model>, FeedError> {
        match id {
            "me" => self.me().map(Some),
            _ => Ok(self.is_me(id)),
        }
    }

    fn object(&self, id: &str) -> Result<Vec<u8>, FeedError> {
        let entry = self.find(id)?;
        let fields = self.graph_query.fields.of_media()?;
        let options = self.options(&fields);
        json(&MediaView { entry, options })
    }

    fn children(&self, id: &str) -> Result<Vec<u8>, FeedError> {
        let mut children = self.find(id)?.children().ok_or(FeedError::NotFound)?;
        children.truncate(self.context.size() as usize);
        let fields = self.graph_query.fields.of_media()?;
        json(&list_of(children, self.options(&fields)))
    }

    /// Among what the feed shows, and nowhere else.
    fn find(&self, id: &str) -> Result<Entry<'a>, FeedError> {
        let items = self.context.content.sequence.items();
        let shown = items.into_iter().flat_map(|item| {
            let children = Entry::Item(item).children().unwrap_or_default();
            std::iter::once(Entry::Item(item)).chain(children)
        });
        let mut found = shown.filter(|entry| entry.id() == id);
        found.next().ok_or(FeedError::NotFound)
    }

    fn options<'f>(&'f self, fields: &'f [MediaField]) -> MediaOptions<'f> {
        MediaOptions {
            fields,
            accounts: &self.context.content.header.accounts,
            escape: self.graph_query.escape,
        }
    }
}

fn json(view: &impl Serialize) -> Result<Vec<u8>, FeedError> {
    serde_json::to_vec(view).map_err(FeedError::unwritable)
}
