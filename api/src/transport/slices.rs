//! Long bodies go out in slices.

use actix_web::{
    body::{BodySize, MessageBody},
    web::Bytes,
};
use std::{
    pin::Pin,
    task::{Context, Poll},
};

/// The server copies what a body gives it into the connection's buffer, whole: a client that does not read would
/// hold a copy of a long body. So it gets slices of this size, which share one.
const SLICE: usize = 32 * 1024;

/// A body that is longer is sliced.
pub(super) const LONGEST_WHOLE: usize = 128 * 1024;

/// A body in slices. It has no short way to its bytes on purpose: whoever takes it would send them whole.
pub(super) struct Slices<B> {
    body: B,
    rest: Bytes,
}

impl<B> Slices<B> {
    pub(super) fn of(body: B) -> Self {
        let rest = Bytes::new();
        Self { body, rest }
    }
}

impl<B: MessageBody + Unpin> MessageBody for Slices<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        match self.body.size() {
            BodySize::Sized(length) => BodySize::Sized(length + self.rest.len() as u64),
            other => other,
        }
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if self.rest.is_empty() {
            match Pin::new(&mut self.body).poll_next(context) {
                Poll::Ready(Some(Ok(bytes))) => self.rest = bytes,
                other => return other,
            }
        }
        let length = self.rest.len().min(SLICE);
        Poll::Ready(Some(Ok(self.rest.split_to(length))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;
    use std::future::poll_fn;

    #[actix_web::test]
    async fn slices_share_one_copy_and_are_all_of_it() {
        let whole = Bytes::from(vec![7; LONGEST_WHOLE + 1]);
        let mut body = Slices::of(whole.clone());
        assert_eq!(body.size(), BodySize::Sized(whole.len() as u64));

        let first = poll_fn(|context| Pin::new(&mut body).poll_next(context)).await;

        let first = first.unwrap().unwrap();
        assert_eq!((first.len(), first.as_ptr()), (SLICE, whole.as_ptr()));
        let rest = to_bytes(body).await.unwrap();
        assert_eq!(rest.len(), whole.len() - SLICE);
    }
}
