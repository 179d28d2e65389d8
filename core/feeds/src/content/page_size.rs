//! How many entries a page has.

use vitrine_base::paging::DEFAULT_PAGE;
use vitrine_entity::feed;

/// Entries of a feed's page where a visitor names no number: as many as its owner's limit, or some of them where none
/// was ever named.
#[must_use]
pub fn page_size(feed: &feed::Model) -> u32 {
    let chosen = feed.page_size.and_then(|size| u32::try_from(size).ok());
    chosen.unwrap_or(DEFAULT_PAGE)
}
