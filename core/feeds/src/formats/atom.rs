//! Atom 1.0 (RFC 4287), with links between pages (RFC 5005) and thumbnails of Media RSS.

use super::{
    RenderContext, Rendered,
    author::Author,
    entry::{Entry, urn},
    head::Head,
};
use crate::{
    FeedError,
    text::{escaped, xml},
};
use atom_syndication::{
    Category, Content, Entry as AtomEntry, Feed, FixedDateTime, Generator, Link, Person,
    extension::{Extension, ExtensionMap},
};
use vitrine_entity::Time;

/// The media type of the documents.
const ATOM: &str = "application/atom+xml";

/// Writes a page.
pub(super) fn write(context: &RenderContext<'_>) -> Result<Rendered, FeedError> {
    let feed = feed(&Head::new(context));
    Ok(Rendered {
        body: feed.write_to(Vec::new()).map_err(FeedError::unwritable)?,
        content_type: "application/atom+xml; charset=utf-8",
    })
}

fn feed(head: &Head<'_>) -> Feed {
    let namespace = ("media".to_owned(), super::MEDIA_RSS.to_owned());
    Feed {
        title: xml(&head.title).as_ref().into(),
        id: urn(head.id),
        updated: date(head.updated),
        // A feed needs an author where one of its entries has none.
        authors: vec![head.author.as_ref().map_or_else(|| nobody(head), person)],
        generator: Some(Generator {
            value: super::GENERATOR.to_owned(),
            uri: None,
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        }),
        icon: head.portrait().map(str::to_owned),
        links: links(head),
        subtitle: head.description.as_deref().map(|text| xml(text).as_ref().into()),
        entries: head.entries.iter().map(|entry| of(head, entry)).collect(),
        namespaces: [namespace].into(),
        ..Feed::default()
    }
}

fn links(head: &Head<'_>) -> Vec<Link> {
    let page = |rel, address: &String| link(rel, address, Some(ATOM));
    let mut links = vec![
        page("self", &head.paging.this),
        link("alternate", &head.home, Some("text/html")),
    ];
    links.extend(head.paging.first.iter().map(|address| page("first", address)));
    links.extend(head.paging.next.iter().map(|address| page("next", address)));
    links
}

fn of<'a>(head: &Head<'a>, entry: &Entry<'a>) -> AtomEntry {
    let post = entry.link.iter();
    let mut links: Vec<Link> = post
        .map(|address| link("alternate", address, Some("text/html")))
        .collect();
    let files = entry.files.iter();
    links.extend(files.map(|file| link("enclosure", &file.address, Some(file.mime_type()))));
    AtomEntry {
        title: xml(&entry.title).as_ref().into(),
        id: entry.id.clone(),
        // Likes and links change by the hour, texts hardly ever: readers are not to show it as new.
        updated: date(entry.posted_at),
        authors: head.other_author(entry).into_iter().map(person).collect(),
        categories: entry.hashtags.iter().map(|tag| category(tag)).collect(),
        links,
        published: Some(date(entry.posted_at)),
        content: Some(Content {
            content_type: Some("html".to_owned()),
            value: Some(xml(&entry.html).into_owned()),
            ..Content::default()
        }),
        extensions: entry.picture().map(thumbnail).unwrap_or_default(),
        ..AtomEntry::default()
    }
}

fn link(rel: &str, address: &str, mime_type: Option<&str>) -> Link {
    Link {
        href: address.to_owned(),
        rel: rel.to_owned(),
        mime_type: mime_type.map(str::to_owned),
        ..Link::default()
    }
}

fn category(tag: &str) -> Category {
    Category {
        term: xml(tag).into_owned(),
        ..Category::default()
    }
}

fn person(author: &Author<'_>) -> Person {
    Person {
        name: xml(&author.name).into_owned(),
        uri: Some(author.page.clone()),
        ..Person::default()
    }
}

fn nobody(head: &Head<'_>) -> Person {
    Person {
        name: xml(&head.title).into_owned(),
        ..Person::default()
    }
}

fn thumbnail(address: &str) -> ExtensionMap {
    let thumbnail = Extension {
        name: "media:thumbnail".to_owned(),
        // atom_syndication writes attributes of extensions as they are.
        attrs: [("url".to_owned(), escaped(address))].into(),
        ..Extension::default()
    };
    let elements = [("thumbnail".to_owned(), vec![thumbnail])].into();
    [("media".to_owned(), elements)].into()
}

fn date(moment: Time) -> FixedDateTime {
    moment.fixed_offset()
}
