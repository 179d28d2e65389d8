//! The shapes of Instagram's Graph API: <https://developers.facebook.com/docs/instagram-platform>.
//!
//! What is asked of is the feed as if it were one user's: `me` is its first account, that account's media
//! are what the feed shows, and nothing else can be read.

#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod links;
mod media;
#[cfg(test)]
mod tests;
mod user;
mod value;

use super::{RenderContext, Rendered};
use crate::{
    FeedError, Fields, GraphObject, GraphQuery,
    content::sequence::{FeedPage, Sequence},
    pages::graph_query::selection::{MediaField, UserField},
};
use links::Links;
use media::{Entry, List, MediaOptions, MediaView, list_of};
use serde::Serialize;
use user::UserView;
use vitrine_entity::account;

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
        self.context.content.header.account_known_by(id)
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
