//! How much a question has written.

use super::{GraphObject, GraphQuery, selection::UserField};
use crate::content::feed_content::ContentHeader;

impl GraphQuery {
    /// Most entries of the answer, with those of lists within it, where `page` tells how many a list of a limit has.
    pub(crate) fn entries(&self, header: &ContentHeader, size: u32, page: impl Fn(u32) -> usize) -> usize {
        let of_user = || page(self.listed_of_user()).max(1);
        let of = |id: &String| match id == "me" || header.account_known_by(id).is_some() {
            true => of_user(),
            false => 1,
        };
        match &self.object {
            GraphObject::Me => of_user(),
            GraphObject::MyMedia | GraphObject::MediaOf(_) => page(size),
            GraphObject::Object(id) => of(id),
            // The account may go by several of them, and is shown under each.
            GraphObject::Objects(ids) => ids.iter().map(of).sum(),
            GraphObject::ChildrenOf(_) => 1,
        }
    }

    /// Most posts within an answer about a user.
    fn listed_of_user(&self) -> u32 {
        let fields = self.fields.of_user().unwrap_or_default();
        let mut limits = fields.iter().filter_map(|field| match field {
            UserField::Media { limit, .. } => Some(*limit),
            UserField::Word(_) => None,
        });
        limits.next().unwrap_or(0)
    }
}
