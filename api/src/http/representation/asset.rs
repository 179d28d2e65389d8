//! Scripts that the program carries for pages of others: packed once for each encoding, and tagged, so that browsers
//! keep them. No layer behind may pack them once more.

use crate::http::{
    problem::{Problem, code},
    representation::{conditional::has_tag, encoding::wanted},
};
use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{CACHE_CONTROL, CONTENT_ENCODING, ETAG, VARY},
};
use bytes::Bytes;
use std::sync::OnceLock;
use vitrine_feeds::Encoding;

/// A file, and how long browsers keep it.
pub(crate) struct Asset {
    content_type: &'static str,
    cache_control: &'static str,
    plain: Bytes,
    hash: String,
    packed: [OnceLock<Bytes>; Encoding::COMPRESSED.len()],
}

impl Asset {
    /// A file of this type, which browsers keep as `cache_control` says.
    pub(crate) fn new(
        content_type: &'static str,
        cache_control: &'static str,
        body: impl Into<Bytes>,
    ) -> Self {
        let plain = body.into();
        Self {
            content_type,
            cache_control,
            hash: blake3::hash(&plain).to_hex()[..32].to_owned(),
            plain,
            packed: Default::default(),
        }
    }

    /// The file as the client likes it, or 304 where the client has it.
    ///
    /// # Errors
    /// `not_acceptable` for a client that refuses every encoding.
    pub(crate) fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, Problem> {
        let encoding = wanted(request.headers()).ok_or_else(|| Problem::new(&code::NOT_ACCEPTABLE))?;
        let etag = format!("\"{}-{}\"", self.hash, encoding.name());
        let is_known = has_tag(request, &etag).unwrap_or_default();
        let mut answer = if is_known {
            HttpResponse::NotModified()
        } else {
            HttpResponse::Ok()
        };
        answer
            .insert_header((ETAG, etag))
            .insert_header((CACHE_CONTROL, self.cache_control))
            .insert_header((VARY, "Accept-Encoding"));
        if is_known {
            return Ok(answer.finish());
        }
        if encoding != Encoding::Identity {
            answer.insert_header((CONTENT_ENCODING, encoding.name()));
        }
        Ok(answer.content_type(self.content_type).body(self.bytes(encoding)?))
    }

    fn bytes(&self, encoding: Encoding) -> Result<Bytes, Problem> {
        let place = Encoding::COMPRESSED.iter().position(|known| *known == encoding);
        let Some(cell) = place.and_then(|place| self.packed.get(place)) else {
            return Ok(self.plain.clone());
        };
        if let Some(packed) = cell.get() {
            return Ok(packed.clone());
        }
        let packed = encoding.compress(&self.plain).map_err(Problem::internal)?;
        Ok(cell.get_or_init(|| packed).clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::{body::to_bytes, test::TestRequest};

    async fn asked(asset: &Asset, headers: &[(&str, &str)]) -> (u16, String, String, usize) {
        let request = headers.iter().fold(TestRequest::get(), |request, header| {
            request.insert_header(*header)
        });
        let answer = asset.answer(&request.to_http_request()).unwrap();
        let header = |name: &str| {
            let value = answer.headers().get(name);
            value.map_or("", |value| value.to_str().unwrap()).to_owned()
        };
        let (status, etag, encoding) = (
            answer.status().as_u16(),
            header("etag"),
            header("content-encoding"),
        );
        let length = to_bytes(answer.into_body()).await.unwrap().len();
        (status, etag, encoding, length)
    }

    #[actix_web::test]
    async fn a_file_is_packed_and_tagged_for_each_encoding_and_sent_once() {
        let asset = Asset::new("text/javascript", "public", "photos ".repeat(1_000));

        let plain = asked(&asset, &[]).await;
        assert_eq!((plain.0, plain.3), (200, 7_000));
        let mut tags = vec![plain.1];
        for name in ["br", "zstd", "gzip"] {
            let (status, etag, encoding, length) = asked(&asset, &[("accept-encoding", name)]).await;
            assert_eq!((status, encoding.as_str()), (200, name));
            assert!(length < 700, "{name}: {length}");
            let again = [("accept-encoding", name), ("if-none-match", &etag)];
            let (status, tag, _, length) = asked(&asset, &again).await;
            assert_eq!((status, &tag, length), (304, &etag, 0));
            assert!(!tags.contains(&etag), "{name}");
            tags.push(etag);
        }
        let other = asked(&asset, &[("if-none-match", "\"another\"")]).await;
        assert_eq!(other.0, 200);
    }
}
