//! JSON Feed 1.1: <https://www.jsonfeed.org/version/1.1/>.

use super::{RenderContext, Rendered, author::Author, entry::Entry, files::File, head::Head};
use crate::FeedError;
use serde::Serialize;
use vitrine_entity::Time;

/// Writes a page.
pub(super) fn write(context: &RenderContext<'_>) -> Result<Rendered, FeedError> {
    let head = Head::new(context);
    Ok(Rendered {
        body: serde_json::to_vec(&FeedView::new(&head)).map_err(FeedError::unwritable)?,
        content_type: "application/feed+json; charset=utf-8",
    })
}

#[derive(Serialize)]
struct FeedView<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<AuthorView<'a>>,
    items: Vec<ItemView<'a>>,
}

#[derive(Serialize)]
struct AuthorView<'a> {
    name: &'a str,
    url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    avatar: Option<&'a str>,
}

#[derive(Serialize)]
struct ItemView<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    title: &'a str,
    content_html: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<&'a str>,
    date_published: Time,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<AuthorView<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tags: &'a [String],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentView<'a>>,
}

#[derive(Serialize)]
struct AttachmentView<'a> {
    url: &'a str,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
}

impl<'a> FeedView<'a> {
    fn new(head: &'a Head<'_>) -> Self {
        Self {
            version: "https://jsonfeed.org/version/1.1",
            title: &head.title,
            home_page_url: &head.home,
            feed_url: &head.paging.this,
            description: head.description.as_deref(),
            next_url: head.paging.next.as_deref(),
            icon: head.portrait(),
            authors: head.author.iter().map(AuthorView::new).collect(),
            items: head
                .entries
                .iter()
                .map(|entry| ItemView::new(head, entry))
                .collect(),
        }
    }
}

impl<'a> AuthorView<'a> {
    fn new(author: &'a Author<'_>) -> Self {
        Self {
            name: &author.name,
            url: &author.page,
            avatar: author.portrait.as_deref(),
        }
    }
}

impl<'a> ItemView<'a> {
    fn new<'e>(head: &'a Head<'e>, entry: &'a Entry<'e>) -> Self {
        let other_author = head.other_author(entry);
        Self {
            id: &entry.id,
            url: entry.link.as_deref(),
            title: &entry.title,
            content_html: &entry.html,
            content_text: entry.text,
            image: entry.picture(),
            date_published: entry.posted_at,
            authors: other_author.into_iter().map(AuthorView::new).collect(),
            tags: entry.hashtags,
            attachments: entry.files.iter().map(AttachmentView::new).collect(),
        }
    }
}

impl<'a> AttachmentView<'a> {
    fn new(file: &'a File<'_>) -> Self {
        Self {
            url: &file.address,
            mime_type: file.mime_type(),
            title: file.alt_text,
        }
    }
}
