//! Who posted what JSON Feed, RSS and Atom show.

use super::addresses::{page_of, web_address};
use crate::{content::feed_content::FeedContent, text::visible_line};
use std::borrow::Cow;
use vitrine_entity::{account, media};

/// Somebody whose posts are shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Author<'a> {
    pub(super) name: String,
    pub(super) page: String,
    pub(super) portrait: Option<Cow<'a, str>>,
}

impl<'a> Author<'a> {
    pub(super) fn of_account(account: &'a account::Model) -> Option<Self> {
        let name = account.username.as_deref().and_then(visible_line);
        Some(Self {
            name: name.or_else(|| visible_line(account.name.as_deref()?))?,
            page: page_of(account.username.as_deref()),
            portrait: account.profile_picture_url.as_deref().and_then(web_address),
        })
    }

    /// Who posted something, by the handle of today: under an older one nobody is found any more.
    pub(super) fn of_post(content: &'a FeedContent, post: &'a media::Model) -> Option<Self> {
        let mut accounts = content.header.accounts.iter();
        let account = accounts.find(|account| account.id == post.account_id);
        account.and_then(Self::of_account).or_else(|| {
            Some(Self {
                name: visible_line(post.username.as_deref()?)?,
                page: page_of(post.username.as_deref()),
                portrait: None,
            })
        })
    }
}
