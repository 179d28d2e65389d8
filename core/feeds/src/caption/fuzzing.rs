//! What must hold for everything that is made of captions.

use super::Caption;
use crate::{
    formats::fuzzing::texts,
    text::{self, steers},
};
use std::collections::BTreeSet;
use url::Url;

const BEHIND_ADDRESS: &str = "\" rel=\"nofollow noopener noreferrer\" target=\"_blank\">";
const REFERENCES: [(&str, char); 5] = [
    ("&amp;", '&'),
    ("&lt;", '<'),
    ("&gt;", '>'),
    ("&quot;", '"'),
    ("&#39;", '\''),
];

/// Nothing of a caption becomes markup but its links and line breaks, and all of it can still be read.
pub fn captions(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let caption = Caption::parse(&text);
    assert!(!caption.html.to_ascii_lowercase().contains("<script"));
    assert_eq!(Page::read(&caption.html), shown(&text), "{}", caption.html);
    assert_words(&text, &caption);
    assert!(text.contains(&caption.pruned) && caption.pruned == caption.pruned.trim());
    let line = text::line(&text);
    assert!(
        !line.contains(steers) && !line.contains("  ") && line == line.trim(),
        "{line:?}"
    );
    assert!(!text::xml(&text).contains(['\0', '\u{b}', '\u{fffe}', '\u{ffff}']));
    texts(&text);
}

fn assert_words(text: &str, caption: &Caption) {
    for (sign, words) in [('#', &caption.hashtags), ('@', &caption.mentions)] {
        let once: BTreeSet<_> = words.iter().collect();
        assert_eq!(once.len(), words.len());
        assert!(words.iter().all(|word| text.contains(&format!("{sign}{word}"))));
    }
    let all: BTreeSet<_> = Caption::hashtags_of(text).collect();
    assert!(
        all.into_iter().eq(caption
            .hashtags
            .iter()
            .map(String::as_str)
            .collect::<BTreeSet<_>>())
    );
}

/// The caption as its readers see it.
fn shown(text: &str) -> String {
    let shown = text.chars().filter_map(|sign| match sign {
        '\n' | '\u{2028}' | '\u{2029}' => Some('\n'),
        '\t' => Some(' '),
        other => (!steers(other)).then_some(other),
    });
    shown.collect()
}

/// A reader of exactly the HTML that captions may become.
struct Page<'h> {
    rest: &'h str,
    text: String,
    /// Where the open link leads to, and where in the text it begins.
    link: Option<(String, usize)>,
}

impl<'h> Page<'h> {
    fn read(html: &'h str) -> String {
        let mut page = Self {
            rest: html,
            text: String::new(),
            link: None,
        };
        while !page.rest.is_empty() {
            page.step();
        }
        assert!(page.link.is_none(), "a link is left open in {html}");
        page.text
    }

    fn step(&mut self) {
        if self.take("<br>") {
            self.text.push('\n');
        } else if self.take("<a href=\"") {
            assert!(self.link.is_none(), "a link stands in a link");
            let (address, rest) = self.rest.split_once(BEHIND_ADDRESS).unwrap_or_default();
            self.link = Some((plain(address), self.text.len()));
            self.rest = rest;
        } else if self.take("</a>") {
            match self.link.take() {
                Some((address, start)) => assert_leads(&address, &self.text[start..]),
                None => panic!("a link ends that did not begin"),
            }
        } else {
            let sign = next(&mut self.rest);
            self.text.extend(sign);
        }
    }

    fn take(&mut self, tag: &str) -> bool {
        let behind = self.rest.strip_prefix(tag);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }
}

fn plain(mut escaped: &str) -> String {
    std::iter::from_fn(|| next(&mut escaped)).collect()
}

/// The next character of escaped text.
fn next(rest: &mut &str) -> Option<char> {
    for (reference, sign) in REFERENCES {
        if let Some(behind) = rest.strip_prefix(reference) {
            *rest = behind;
            return Some(sign);
        }
    }
    let sign = rest.chars().next()?;
    assert!(
        !"<>&\"'".contains(sign) && !steers(sign),
        "{sign:?} before {rest}"
    );
    *rest = &rest[sign.len_utf8()..];
    Some(sign)
}

/// A link leads to Instagram, or to the address that stands in it.
fn assert_leads(address: &str, text: &str) {
    if text.starts_with(['#', '@']) {
        let host = Url::parse(address)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        assert_eq!(host.as_deref(), Some("www.instagram.com"), "{address}");
        assert!(address.starts_with("https://"));
    } else {
        assert_eq!(address, text);
        let host = address
            .strip_prefix("https://")
            .or_else(|| address.strip_prefix("http://"));
        let begins = |sign: char| sign.is_alphanumeric() || sign == '[';
        assert!(
            host.is_some_and(|host| host.starts_with(begins)),
            "{address} leads nowhere"
        );
        assert!(
            !address.contains(|sign: char| sign.is_whitespace() || "<>\"".contains(sign)),
            "{address}"
        );
    }
}
