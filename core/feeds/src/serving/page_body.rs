//! The bytes of a page, ready to be sent.

use crate::{Encoding, formats::Rendered};
use bytes::Bytes;
use std::{io, sync::Arc};

/// Bodies smaller than this are not worth packing: a packet holds them anyway.
const MIN_COMPRESSED_BYTES: usize = 1_024;

/// The bytes of a page in one form and one encoding.
#[derive(Clone, Debug)]
pub(crate) struct PageBody {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Bytes,
    /// Strong entity tag, with its quotes; each encoding has its own (RFC 9110, section 8.8.3).
    pub(crate) etag: Arc<str>,
    pub(crate) encoding: Encoding,
}

impl PageBody {
    /// A page as it was written.
    pub(crate) fn plain(written: Rendered) -> Self {
        let hash = blake3::hash(&written.body).to_hex();
        Self {
            content_type: written.content_type,
            etag: format!("\"{}\"", &hash[..32]).into(),
            bytes: written.body.into_boxed_slice().into(),
            encoding: Encoding::Identity,
        }
    }

    /// Whether packing a plain one can make it smaller.
    pub(crate) fn is_worth_compressing(&self) -> bool {
        self.bytes.len() >= MIN_COMPRESSED_BYTES
    }

    /// A plain one packed; none where packing makes it no smaller.
    ///
    /// # Errors
    /// When the packer fails, which is a lack of memory.
    pub(crate) fn compressed(&self, encoding: Encoding) -> io::Result<Option<Self>> {
        let bytes = encoding.compress(&self.bytes)?;
        let tag = self.etag.trim_end_matches('"');
        let smaller = bytes.len() < self.bytes.len();
        Ok(smaller.then(|| Self {
            content_type: self.content_type,
            etag: format!("{tag}{}", tag_end(encoding)).into(),
            bytes,
            encoding,
        }))
    }

    /// The plain one that a packed one was made of, to the byte.
    ///
    /// # Errors
    /// When memory is short.
    pub(crate) fn decompressed(&self) -> io::Result<Self> {
        let tag = self.etag.trim_end_matches(&*tag_end(self.encoding));
        Ok(Self {
            content_type: self.content_type,
            etag: format!("{tag}\"").into(),
            bytes: self.encoding.decompress(&self.bytes)?,
            encoding: Encoding::Identity,
        })
    }

    /// Bytes of memory that it takes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + self.etag.len() + self.bytes.len()
    }
}

/// How the tag of packed bytes ends, where that of plain ones ends with its quote.
fn tag_end(encoding: Encoding) -> String {
    format!("-{}\"", encoding.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(text: &str) -> PageBody {
        PageBody::plain(Rendered {
            body: text.into(),
            content_type: "application/json",
        })
    }

    #[test]
    fn a_plain_body_is_found_again_in_a_packed_one() {
        let plain = written(&"photos ".repeat(1_000));

        for encoding in Encoding::COMPRESSED {
            let packed = plain.compressed(encoding).unwrap().unwrap();
            let again = packed.decompressed().unwrap();

            assert!(packed.weight() * 5 < plain.weight(), "{encoding:?}");
            assert_ne!(packed.etag, plain.etag);
            assert_eq!(
                (again.bytes, again.etag),
                (plain.bytes.clone(), plain.etag.clone())
            );
            assert_eq!(again.encoding, Encoding::Identity);
        }
        assert!(written("short").compressed(Encoding::Gzip).unwrap().is_none());
    }
}
