//! How the bytes of an answer are packed.

use bytes::Bytes;
use std::io::{self, Read, Write};

/// How the bytes of an answer are packed, as `Content-Encoding` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Not at all.
    Identity,
    /// Brotli (RFC 7932).
    Brotli,
    /// Zstandard (RFC 8878).
    Zstandard,
    /// gzip (RFC 1952).
    Gzip,
}

/// The first visitor waits while an answer is packed: tight enough, and quick.
const BROTLI_QUALITY: u32 = 5;
const BROTLI_WINDOW: u32 = 18;
const BROTLI_BUFFER: usize = 16 * 1024;
const ZSTANDARD_LEVEL: i32 = 6;
const GZIP_LEVEL: u32 = 6;

impl Encoding {
    /// All that pack, the tightest first.
    pub const COMPRESSED: [Self; 3] = [Self::Brotli, Self::Zstandard, Self::Gzip];

    /// Its name in HTTP.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Brotli => "br",
            Self::Zstandard => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// The bytes packed.
    ///
    /// # Errors
    /// When the packer fails, which is a lack of memory.
    pub fn compress(self, body: &Bytes) -> io::Result<Bytes> {
        let mut compressed = Vec::with_capacity(body.len() / 4);
        match self {
            Self::Identity => return Ok(body.clone()),
            Self::Brotli => {
                brotli::CompressorReader::new(&body[..], BROTLI_BUFFER, BROTLI_QUALITY, BROTLI_WINDOW)
                    .read_to_end(&mut compressed)?;
            }
            Self::Zstandard => compressed = zstd::bulk::compress(body, ZSTANDARD_LEVEL)?,
            Self::Gzip => {
                let level = flate2::Compression::new(GZIP_LEVEL);
                let mut packer = flate2::write::GzEncoder::new(&mut compressed, level);
                packer.write_all(body)?;
                packer.finish()?;
            }
        }
        // Packed bytes are kept for long, and the room that was made for them is several times as large.
        Ok(compressed.into_boxed_slice().into())
    }

    /// Bytes that were packed so, plain.
    ///
    /// # Errors
    /// When they were not packed so, and when memory is short.
    pub(crate) fn decompress(self, body: &Bytes) -> io::Result<Bytes> {
        let mut plain = Vec::with_capacity(body.len() * 8);
        match self {
            Self::Identity => return Ok(body.clone()),
            Self::Brotli => {
                brotli::Decompressor::new(&body[..], BROTLI_BUFFER).read_to_end(&mut plain)?;
            }
            Self::Zstandard => {
                zstd::Decoder::with_buffer(&body[..])?.read_to_end(&mut plain)?;
            }
            Self::Gzip => {
                flate2::bufread::GzDecoder::new(&body[..]).read_to_end(&mut plain)?;
            }
        }
        Ok(plain.into_boxed_slice().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_can_be_unpacked() {
        let body = Bytes::from("photos ".repeat(1_000));

        for encoding in Encoding::COMPRESSED {
            let compressed = encoding.compress(&body).unwrap();
            assert!(compressed.len() < body.len() / 10, "{encoding:?}");
            assert_eq!(encoding.decompress(&compressed).unwrap(), body, "{encoding:?}");
        }
    }
}
