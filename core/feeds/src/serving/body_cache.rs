//! The bytes of pages in memory, under the number of the content that they were made of.

use crate::{Encoding, FeedError, pages::page_spec::PageSpec, serving::page_body::PageBody};
use futures::FutureExt;
use moka::{Expiry, future::Cache, sync};
use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::{Duration, Instant},
};

/// Packed bytes that nobody asked for so long are dropped; the content that they are made from stays.
const PACKED_FOR: Duration = Duration::from_mins(30);
/// Plain bytes are twenty times as many, and browsers ask for none: they are kept while somebody asks for them again and
/// again. Longer than a thread answers without asking here.
const PLAIN_FOR: Duration = Duration::from_mins(2);
/// Plain bytes that nobody asked for lately are there for the crowd that asks at the same moment.
const PLAIN_AT_FIRST: Duration = Duration::from_secs(1);
/// What an entry takes besides its page and its bytes.
const ENTRY_BYTES: usize = 512;
/// Pages of which is remembered that their plain bytes were asked for lately.
const MOST_ASKED: u64 = 100_000;

/// A page of one content.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PageKey {
    /// A changed content has another number, so that its bytes are made anew.
    pub(crate) content: u64,
    /// Whether posts that lie behind the content are left out, because the database is away: such a page is not the
    /// one that is served as soon as it is back.
    pub(crate) is_cut_short: bool,
    pub(crate) wanted: PageSpec,
}

/// Bytes by page and encoding. Clones share them.
#[derive(Clone)]
pub(crate) struct BodyCache {
    packed: Cache<(PageKey, Encoding), Arc<PageBody>>,
    plain: Cache<(PageKey, Encoding), Arc<PageBody>>,
}

impl BodyCache {
    /// An empty memory for so many bytes: half of them for packed ones, which plain ones therefore never push out.
    pub(crate) fn new(most_bytes: u64) -> Self {
        let builder = || {
            Cache::builder()
                .weigher(|(page, _): &(PageKey, Encoding), body: &Arc<PageBody>| {
                    u32::try_from(ENTRY_BYTES + page.wanted.weight() + body.weight()).unwrap_or(u32::MAX)
                })
                .max_capacity(most_bytes / 2)
        };
        Self {
            packed: builder().time_to_idle(PACKED_FOR).build(),
            plain: builder().expire_after(WhileAskedFor::default()).build(),
        }
    }

    fn of(&self, encoding: Encoding) -> &Cache<(PageKey, Encoding), Arc<PageBody>> {
        match encoding {
            Encoding::Identity => &self.plain,
            Encoding::Brotli | Encoding::Zstandard | Encoding::Gzip => &self.packed,
        }
    }

    /// What an encoding gets, if it needs no making.
    pub(crate) fn get(&self, key: &(PageKey, Encoding)) -> Option<Arc<PageBody>> {
        self.of(key.1).get(key).now_or_never()?
    }

    /// The same, made once for all who ask at the same time.
    pub(crate) async fn get_or_make(
        &self,
        key: &(PageKey, Encoding),
        make: impl Future<Output = Result<Arc<PageBody>, FeedError>>,
    ) -> Result<Arc<PageBody>, FeedError> {
        let made = self.of(key.1).try_get_with_by_ref(key, make).await;
        made.map_err(|error| (*error).clone())
    }

    /// The bytes of a page in whatever encoding they are at hand, the plain ones before all.
    pub(crate) fn in_any_encoding(&self, page: &PageKey) -> Option<Arc<PageBody>> {
        let mut encodings = [Encoding::Identity].into_iter().chain(Encoding::COMPRESSED);
        encodings.find_map(|encoding| self.get(&(page.clone(), encoding)))
    }

    /// Bytes that they take, and how many there are.
    pub(crate) fn usage(&self) -> (u64, u64) {
        (
            self.packed.weighted_size() + self.plain.weighted_size(),
            self.packed.entry_count() + self.plain.entry_count(),
        )
    }

    /// The same once nothing is about to change.
    #[cfg(test)]
    pub(crate) async fn settled_usage(&self) -> (u64, u64) {
        self.packed.run_pending_tasks().await;
        self.plain.run_pending_tasks().await;
        self.usage()
    }
}

/// Keeps plain bytes only while they are asked for again: somebody who reads every feed once in a while, and packs
/// nothing, would fill the memory otherwise.
struct WhileAskedFor {
    /// Pages whose plain bytes were made lately, by their hashes: of two that share one, the other is kept for longer.
    lately: sync::Cache<u64, ()>,
    hasher: RandomState,
}

impl Default for WhileAskedFor {
    fn default() -> Self {
        let lately = sync::Cache::builder()
            .max_capacity(MOST_ASKED)
            .time_to_live(PLAIN_FOR)
            .build();
        Self {
            lately,
            hasher: RandomState::new(),
        }
    }
}

impl Expiry<(PageKey, Encoding), Arc<PageBody>> for WhileAskedFor {
    fn expire_after_create(
        &self,
        (page, _): &(PageKey, Encoding),
        _: &Arc<PageBody>,
        _: Instant,
    ) -> Option<Duration> {
        let hash = self.hasher.hash_one(page);
        let again = self.lately.contains_key(&hash);
        self.lately.insert(hash, ());
        Some(if again { PLAIN_FOR } else { PLAIN_AT_FIRST })
    }

    fn expire_after_read(
        &self,
        _: &(PageKey, Encoding),
        _: &Arc<PageBody>,
        _: Instant,
        _: Option<Duration>,
        _: Instant,
    ) -> Option<Duration> {
        Some(PLAIN_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FeedFormat, FeedQuery, formats::Rendered};
    use vitrine_base::{paging::Cursors, security::MasterKey};
    use vitrine_entity::FeedId;

    fn key(content: u64) -> (PageKey, Encoding) {
        let cursors = Cursors::new(&MasterKey::from_bytes([7; 32]));
        let wanted = FeedQuery::of(FeedFormat::Photos).wanted(FeedId::generate(), &cursors);
        let page = PageKey {
            content,
            is_cut_short: false,
            wanted: wanted.unwrap(),
        };
        (page, Encoding::Identity)
    }

    #[test]
    fn plain_bytes_stay_once_they_are_asked_for_again() {
        let body = Arc::new(PageBody::plain(Rendered {
            body: vec![],
            content_type: "application/json",
        }));
        let (expiry, now) = (WhileAskedFor::default(), Instant::now());
        let made = |number| expiry.expire_after_create(&key(number), &body, now);

        assert_eq!(made(1), Some(PLAIN_AT_FIRST));
        assert_eq!(made(1), Some(PLAIN_FOR));
        assert_eq!(made(2), Some(PLAIN_AT_FIRST));
        let read = expiry.expire_after_read(&key(3), &body, now, Some(PLAIN_AT_FIRST), now);
        assert_eq!(read, Some(PLAIN_FOR));
    }
}
