//! Encoded pictures, the last few kept in memory.

use std::collections::VecDeque;
use std::sync::Mutex;

use bytes::Bytes;
use image::ExtendedColorType;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{ImageEncoder, ImageResult};

use super::scene;
use crate::locks::lock;

/// So many bytes of encoded pictures are kept.
const MOST_BYTES: usize = 6 * 1024 * 1024;

/// Which picture to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PictureRequest {
    pub(crate) number: u64,
    pub(crate) size: (u32, u32),
}

impl PictureRequest {
    fn is_png(self) -> bool {
        self.number.is_multiple_of(11)
    }

    /// Its `Content-Type`.
    pub(crate) fn content_type(self) -> &'static str {
        if self.is_png() { "image/png" } else { "image/jpeg" }
    }
}

/// The pictures served last, newest at the back.
#[derive(Debug, Default)]
pub(crate) struct PictureCache(Mutex<VecDeque<(PictureRequest, Bytes)>>);

impl PictureCache {
    pub(crate) fn find(&self, request: PictureRequest) -> Option<Bytes> {
        let mut kept = lock(&self.0);
        let place = kept.iter().position(|(known, _)| *known == request)?;
        let found = kept.remove(place)?;
        let bytes = found.1.clone();
        kept.push_back(found);
        Some(bytes)
    }

    pub(crate) fn keep(&self, request: PictureRequest, bytes: Bytes) {
        let mut kept = lock(&self.0);
        kept.push_back((request, bytes));
        let mut total: usize = kept.iter().map(|(_, bytes)| bytes.len()).sum();
        while total > MOST_BYTES {
            total -= kept.pop_front().map_or(total, |(_, bytes)| bytes.len());
        }
    }
}

/// Paints and encodes; takes tens of milliseconds of processor time.
pub(crate) fn make(request: PictureRequest) -> ImageResult<Bytes> {
    let (width, height) = request.size;
    // A PNG of grain is large, so those are painted at half the size.
    let (width, height) = if request.is_png() {
        (width / 2, height / 2)
    } else {
        (width, height)
    };
    let picture = scene::paint(request.number, width, height);
    let mut encoded = Vec::with_capacity(256 * 1024);
    if request.is_png() {
        PngEncoder::new_with_quality(&mut encoded, CompressionType::Fast, FilterType::Sub).write_image(
            &picture,
            width,
            height,
            ExtendedColorType::Rgb8,
        )?;
    } else {
        JpegEncoder::new_with_quality(&mut encoded, 82).encode(
            &picture,
            width,
            height,
            ExtendedColorType::Rgb8,
        )?;
    }
    Ok(Bytes::from(encoded))
}
