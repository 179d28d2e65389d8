//! Makes the bytes of pages.

use crate::{
    Encoding, FeedError,
    content::feed_content::FeedContent,
    formats::RenderContext,
    serving::{
        body_cache::{BodyCache, PageKey},
        cache::CachedContent,
        page_body::PageBody,
        processor_work::run_apart,
        render_pool::{RenderPool, Turn},
        unpacked_contents::UnpackedContents,
    },
};
use std::sync::Arc;
use url::Url;
use vitrine_base::paging::Cursors;

/// Makes pages, each once for all who ask at the same time. Clones share what is made.
#[derive(Clone)]
pub(crate) struct PageMaker {
    pub(crate) bodies: BodyCache,
    pub(crate) contents: UnpackedContents,
    pub(crate) render_pool: RenderPool,
    pub(crate) cursors: Cursors,
    pub(crate) public_url: Arc<Url>,
}

impl PageMaker {
    /// The bytes of a page, packed where that makes them smaller.
    ///
    /// # Errors
    /// What the form refuses, and [`FeedError::Unwritable`].
    pub(crate) async fn body(
        &self,
        held: &Arc<CachedContent>,
        key: &(PageKey, Encoding),
    ) -> Result<Arc<PageBody>, FeedError> {
        self.bodies.get_or_make(key, self.make(held, key)).await
    }

    /// A large page is made in its tenant's turn, on a thread that answers nobody.
    async fn make(
        &self,
        held: &Arc<CachedContent>,
        (page, encoding): &(PageKey, Encoding),
    ) -> Result<Arc<PageBody>, FeedError> {
        let header = &held.copy.header;
        let turn = match header.makes_large_pages(page.wanted.entries(header)) {
            true => Some(self.render_pool.turn(held.key.tenant).await),
            false => None,
        };
        let plain = self.plain(held, page, turn.as_ref()).await?;
        match *encoding == Encoding::Identity || !plain.is_worth_compressing() {
            true => Ok(plain),
            false => self.compress(plain, *encoding, turn.as_ref()).await,
        }
    }

    /// The plain bytes: those at hand, those of a packed one, or written anew.
    async fn plain(
        &self,
        held: &Arc<CachedContent>,
        page: &PageKey,
        turn: Option<&Turn>,
    ) -> Result<Arc<PageBody>, FeedError> {
        let packed = match self.bodies.in_any_encoding(page) {
            Some(plain) if plain.encoding == Encoding::Identity => return Ok(plain),
            at_hand => at_hand,
        };
        let body = match (packed, turn) {
            (Some(packed), None) => decompressed(&packed)?,
            (Some(packed), Some(turn)) => {
                let decompress = move || decompressed(&packed);
                self.render_pool.run(turn, decompress).await??
            }
            (None, None) => self.write(&*self.contents.unpack_apart(&held.copy).await?, page)?,
            (None, Some(turn)) => {
                let (maker, held, page) = (self.clone(), Arc::clone(held), page.clone());
                let write = move || maker.write(&*maker.contents.unpack(&held.copy)?, &page);
                self.render_pool.run(turn, write).await??
            }
        };
        Ok(Arc::new(body))
    }

    fn write(&self, content: &FeedContent, page: &PageKey) -> Result<PageBody, FeedError> {
        metrics::counter!("vitrine_feed_renders_total").increment(1);
        let context = RenderContext {
            content,
            wanted: &page.wanted,
            cursors: &self.cursors,
            public_url: &self.public_url,
        };
        context.write().map(PageBody::plain)
    }

    /// Packed on a thread that may take its time; as it is where packing makes it no smaller.
    async fn compress(
        &self,
        plain: Arc<PageBody>,
        encoding: Encoding,
        turn: Option<&Turn>,
    ) -> Result<Arc<PageBody>, FeedError> {
        let of = Arc::clone(&plain);
        let compress = move || of.compressed(encoding).map_err(FeedError::unwritable);
        let compressed = match turn {
            Some(turn) => self.render_pool.run(turn, compress).await??,
            None => run_apart(compress).await?,
        };
        Ok(compressed.map_or(plain, Arc::new))
    }
}

fn decompressed(packed: &PageBody) -> Result<PageBody, FeedError> {
    packed.decompressed().map_err(FeedError::unwritable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        FeedFormat, FeedQuery,
        content::samples::{account, content, linked_post, moment},
        content::{feed_content::ContentKey, packed_content::PackedContent},
    };
    use vitrine_base::security::MasterKey;

    const CACHE_BYTES: u64 = 64 * 1024 * 1024;
    /// Ten thousand feeds then take less than 400 MiB, with everything else that is kept for each.
    const MOST_BYTES: usize = 25 * 1024;

    struct Site {
        maker: PageMaker,
        held: Arc<CachedContent>,
        page: PageKey,
    }

    impl Site {
        /// A feed of so many posts, all of them on its first page.
        fn of(posts: u32) -> Self {
            let content = content(vec![account()], (1..=posts).map(linked_post).collect());
            let packed = PackedContent::pack(&content).unwrap();
            let cursors = Cursors::new(&MasterKey::from_bytes([7; 32]));
            let feed = &packed.header.feed;
            let feed_query = FeedQuery {
                limit: Some(posts),
                ..FeedQuery::of(FeedFormat::Photos)
            };
            let page = PageKey {
                content: packed.header.number,
                is_cut_short: false,
                wanted: feed_query.wanted(feed.id, &cursors).unwrap(),
            };
            let key = ContentKey::of(feed.tenant_id, feed.id);
            Self {
                maker: PageMaker {
                    bodies: BodyCache::new(CACHE_BYTES),
                    contents: UnpackedContents::new(CACHE_BYTES),
                    render_pool: RenderPool::new(),
                    cursors,
                    public_url: Arc::new("https://photos.example".parse().unwrap()),
                },
                held: Arc::new(CachedContent::detached(key, packed, moment())),
                page,
            }
        }

        async fn read(&self, encoding: Encoding) -> Arc<PageBody> {
            let key = (self.page.clone(), encoding);
            self.maker.body(&self.held, &key).await.unwrap()
        }

        fn cached(&self, encoding: Encoding) -> Option<Arc<PageBody>> {
            self.maker.bodies.get(&(self.page.clone(), encoding))
        }
    }

    #[tokio::test]
    async fn a_feed_that_is_read_in_brotli_takes_little_memory() {
        for posts in [25, 100] {
            let site = Site::of(posts);

            let packed = site.read(Encoding::Brotli).await;

            assert_eq!(packed.encoding, Encoding::Brotli);
            assert!(site.cached(Encoding::Identity).is_none(), "plain bytes are kept");
            let bytes = site.maker.bodies.settled_usage().await.0 as usize + site.held.copy.weight();
            let plain = site.read(Encoding::Identity).await.bytes.len();
            println!(
                "{posts} posts: {bytes} bytes for a page of {plain}, packed {}",
                packed.bytes.len()
            );
            assert!(bytes < MOST_BYTES, "{posts} posts take {bytes} bytes");
            assert!(plain > 2 * MOST_BYTES, "{plain}");
        }
    }

    #[tokio::test]
    async fn what_is_asked_for_again_is_not_made_again() {
        for encoding in [
            Encoding::Identity,
            Encoding::Brotli,
            Encoding::Zstandard,
            Encoding::Gzip,
        ] {
            let site = Site::of(25);

            let (first, second) = (site.read(encoding).await, site.read(encoding).await);

            assert!(Arc::ptr_eq(&first, &second), "{encoding:?}");
            assert!(
                Arc::ptr_eq(&first, &site.cached(encoding).unwrap()),
                "{encoding:?}"
            );
        }
    }

    #[tokio::test]
    async fn an_encoding_has_the_same_bytes_whatever_was_asked_for_before() {
        let alone = Site::of(25);
        let first = alone.read(Encoding::Identity).await;

        for before in Encoding::COMPRESSED {
            let maker = alone.maker.clone();
            let site = Site {
                maker: PageMaker {
                    bodies: BodyCache::new(CACHE_BYTES),
                    ..maker
                },
                held: Arc::clone(&alone.held),
                page: alone.page.clone(),
            };
            site.read(before).await;

            let plain = site.read(Encoding::Identity).await;

            assert_eq!((&plain.bytes, &plain.etag), (&first.bytes, &first.etag));
        }
    }
}
