//! RSS 2.0 (<https://www.rssboard.org/rss-specification>) with Media RSS
//! (<https://www.rssboard.org/media-rss>).

use super::{RenderContext, Rendered, entry::Entry, files::File, head::Head, rss_elements::Element};
use crate::{
    FeedError,
    text::{escaped, xml},
};
use rss::{
    Category, Channel, Enclosure, Guid, Image, Item,
    extension::{ExtensionMap, dublincore::DublinCoreExtension},
};
use vitrine_entity::Time;

/// Writes a page.
pub(super) fn write(context: &RenderContext<'_>) -> Result<Rendered, FeedError> {
    let channel = channel(&Head::new(context));
    Ok(Rendered {
        body: channel.write_to(Vec::new()).map_err(FeedError::unwritable)?,
        content_type: "application/rss+xml; charset=utf-8",
    })
}

fn channel(head: &Head<'_>) -> Channel {
    let title = xml(&head.title).into_owned();
    let description = head.description.as_deref();
    Channel {
        link: head.home.clone(),
        description: description.map_or_else(|| title.clone(), |text| xml(text).into_owned()),
        last_build_date: Some(date(head.updated)),
        generator: Some(format!("{} {}", super::GENERATOR, env!("CARGO_PKG_VERSION"))),
        docs: Some("https://www.rssboard.org/rss-specification".to_owned()),
        // In minutes, and never "not at all".
        ttl: Some(head.cache_seconds.div_ceil(60).max(1).to_string()),
        image: head.portrait().map(|portrait| Image {
            url: portrait.to_owned(),
            title: title.clone(),
            link: head.home.clone(),
            ..Image::default()
        }),
        title,
        items: head.entries.iter().map(item).collect(),
        extensions: paging(head),
        namespaces: [
            ("atom".to_owned(), "http://www.w3.org/2005/Atom".to_owned()),
            ("media".to_owned(), super::MEDIA_RSS.to_owned()),
        ]
        .into(),
        ..Channel::default()
    }
}

fn paging(head: &Head<'_>) -> ExtensionMap {
    let paging = &head.paging;
    let known = [
        ("self", Some(&paging.this)),
        ("first", paging.first.as_ref()),
        ("next", paging.next.as_ref()),
    ];
    let links = known.into_iter().filter_map(|(rel, address)| {
        let link = Element::new("atom:link").with("rel", rel).with("href", address?);
        Some(link.with("type", "application/rss+xml"))
    });
    Element::map(links)
}

fn item(entry: &Entry<'_>) -> Item {
    let author = entry.author.as_ref().map(|author| xml(&author.name).into_owned());
    let creator = author.map(|name| DublinCoreExtension {
        creators: vec![name],
        ..DublinCoreExtension::default()
    });
    Item {
        title: Some(xml(&entry.title).into_owned()),
        link: entry.link.as_deref().map(str::to_owned),
        description: summary(entry),
        categories: entry.hashtags.iter().map(|tag| category(tag)).collect(),
        enclosure: entry.files.first().map(enclosure),
        guid: Some(Guid {
            value: entry.id.clone(),
            permalink: false,
        }),
        pub_date: Some(date(entry.posted_at)),
        content: Some(xml(&entry.html).into_owned()),
        extensions: Element::map(media(entry)),
        dublin_core_ext: creator,
        ..Item::default()
    }
}

/// What the post says, else what it shows.
fn summary(entry: &Entry<'_>) -> Option<String> {
    let said = Some(entry.said).filter(|said| !said.is_empty());
    let shown = || Some(escaped(entry.alt_text?));
    said.map(|said| xml(said).into_owned()).or_else(shown)
}

/// The files. They are not grouped: a group holds the same picture in several qualities. Each file is
/// described by itself, since readers (feedparser) take a description of the whole for the item's own.
fn media<'e>(entry: &'e Entry<'_>) -> impl Iterator<Item = Element> + 'e {
    let author = entry.author.iter();
    let credit = author.map(|author| {
        let credit = Element::new("media:credit").with("role", "author");
        credit.with("scheme", "urn:ebu").saying(&author.name)
    });
    let thumbnails = entry.picture().map(thumbnail).into_iter();
    let files = entry.files.iter().map(content);
    files.chain(thumbnails).chain(credit)
}

fn content(file: &File<'_>) -> Element {
    let content = Element::new("media:content")
        .with("url", &file.address)
        .with("type", file.mime_type())
        .with("medium", file.medium.word());
    let content = match &file.still {
        Some(still) => content.holding(thumbnail(still)),
        None => content,
    };
    match file.alt_text {
        Some(text) => content.holding(description(text)),
        None => content,
    }
}

fn thumbnail(address: &str) -> Element {
    Element::new("media:thumbnail").with("url", address)
}

fn description(text: &str) -> Element {
    Element::new("media:description")
        .with("type", "plain")
        .saying(text)
}

/// RSS demands a length. It is unknown as long as the files are not stored here, which its Advisory
/// Board wants said as 0.
fn enclosure(file: &File<'_>) -> Enclosure {
    Enclosure {
        url: file.address.clone().into_owned(),
        length: "0".to_owned(),
        mime_type: file.mime_type().to_owned(),
    }
}

fn category(tag: &str) -> Category {
    Category {
        name: xml(tag).into_owned(),
        domain: None,
    }
}

/// As RFC 822 writes it, with the year in four digits.
fn date(moment: Time) -> String {
    moment.format("%a, %d %b %Y %H:%M:%S +0000").to_string()
}
