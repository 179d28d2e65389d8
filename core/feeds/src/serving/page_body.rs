//! A page of a feed in one form, ready to be sent.

use crate::{
    Encoding, FeedError,
    formats::Rendered,
    serving::render_pool::{RenderPool, Turn},
};
use bytes::Bytes;
use std::{
    io,
    num::NonZeroUsize,
    sync::{Arc, LazyLock},
    thread::available_parallelism,
};
use tokio::sync::{OnceCell, Semaphore};

/// Bodies smaller than this are not worth packing: a packet holds them anyway.
const MIN_COMPRESSED_BYTES: usize = 1_024;

/// A page of a feed in one form, plain and packed in as many ways as were asked for.
#[derive(Debug)]
pub(crate) struct Rendition {
    content_type: &'static str,
    plain: Variant,
    compressed: [OnceCell<Option<Variant>>; Encoding::COMPRESSED.len()],
}

/// The bytes of one encoding.
#[derive(Clone, Debug)]
pub(crate) struct Variant {
    pub(crate) body: Bytes,
    /// Strong entity tag, with its quotes; each encoding has its own (RFC 9110, section 8.8.3).
    pub(crate) etag: Arc<str>,
    pub(crate) encoding: Encoding,
}

impl Rendition {
    pub(crate) fn new(written: Rendered) -> Self {
        let hash = blake3::hash(&written.body).to_hex();
        Self {
            content_type: written.content_type,
            plain: Variant {
                etag: format!("\"{}\"", &hash[..32]).into(),
                body: written.body.into(),
                encoding: Encoding::Identity,
            },
            compressed: Default::default(),
        }
    }

    pub(crate) fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// The variant of an encoding, if it needs no packing any more.
    pub(crate) fn cached(&self, encoding: Encoding) -> Option<&Variant> {
        match encoding.place().filter(|_| self.is_worth_compressing()) {
            None => Some(&self.plain),
            Some(place) => {
                let compressed = self.compressed[place].get()?;
                Some(compressed.as_ref().unwrap_or(&self.plain))
            }
        }
    }

    /// The variant of an encoding as far as it was packed.
    pub(crate) fn compressed_or_plain(&self, encoding: Encoding) -> &Variant {
        self.cached(encoding).unwrap_or(&self.plain)
    }

    /// Has the variant of an encoding at hand from now on; the plain one where packing makes it no smaller.
    /// Packed once for all who wait, on a thread that may take its time; a large one in its tenant's turn.
    ///
    /// # Errors
    /// When packing fails.
    pub(crate) async fn compress(
        &self,
        encoding: Encoding,
        large: Option<(&RenderPool, &Turn)>,
    ) -> Result<(), FeedError> {
        if let Some(place) = encoding.place().filter(|_| self.is_worth_compressing()) {
            self.compressed[place]
                .get_or_try_init(|| compress(self.plain.clone(), encoding, large))
                .await?;
        }
        Ok(())
    }

    /// Bytes that it takes.
    pub(crate) fn weight(&self) -> usize {
        let compressed = self.compressed.iter().filter_map(|cell| cell.get()?.as_ref());
        let compressed: usize = compressed.map(|variant| variant.body.len()).sum();
        self.plain.body.len() + compressed + size_of::<Self>() + 512
    }

    fn is_worth_compressing(&self) -> bool {
        self.plain.body.len() >= MIN_COMPRESSED_BYTES
    }
}

/// Packing is work for a processor: more at once than there are of them would only delay each other, and
/// whoever is served meanwhile.
static COMPRESSIONS: LazyLock<Semaphore> =
    LazyLock::new(|| Semaphore::new(available_parallelism().map_or(1, NonZeroUsize::get)));

async fn compress(
    plain: Variant,
    encoding: Encoding,
    large: Option<(&RenderPool, &Turn)>,
) -> Result<Option<Variant>, FeedError> {
    let packing = move || compressed(&plain, encoding);
    let compressed = match large {
        Some((render_pool, turn)) => render_pool.run(turn, packing).await?,
        None => {
            let _place = COMPRESSIONS.acquire().await.map_err(FeedError::unwritable)?;
            let compressed = tokio::task::spawn_blocking(packing).await;
            compressed.map_err(io::Error::other).flatten()
        }
    };
    compressed.map_err(FeedError::unwritable)
}

fn compressed(plain: &Variant, encoding: Encoding) -> io::Result<Option<Variant>> {
    let body = encoding.compress(&plain.body)?;
    let tag = plain.etag.trim_end_matches('"');
    let etag = format!("{tag}-{}\"", encoding.name()).into();
    let smaller = body.len() < plain.body.len();
    Ok(smaller.then_some(Variant { body, etag, encoding }))
}
