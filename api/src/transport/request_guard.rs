//! What goes with a request from its head to the end of its answer.

use super::{
    connection::{Answering, Connection},
    in_flight::{InFlight, InFlightGuard},
    slices::{LONGEST_WHOLE, Slices},
    stop::Stop,
};
use actix_http::{ConnectionType, Payload, Request};
use actix_web::{
    Error,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Response, ServiceResponse},
    error::PayloadError,
    web::Bytes,
};
use futures::Stream;
use std::{
    cell::RefCell,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

/// What lasts as long as a request.
pub(crate) struct RequestGuard {
    _counted: InFlightGuard,
    _answering: Option<Answering>,
    upload: Option<Upload>,
    stop: Stop,
}

impl RequestGuard {
    /// A request that begins: it is counted from now on.
    pub(crate) fn begin(in_flight: &InFlight, stop: &Stop, request: &mut Request) -> Self {
        Self {
            _counted: in_flight.track(),
            _answering: request.conn_data::<Rc<Connection>>().map(Connection::answering),
            upload: Upload::of(request),
            stop: stop.clone(),
        }
    }

    /// The answer, behind which the connection is closed when the server stops, or when the request's body has not
    /// come to its end by then.
    pub(crate) async fn answered(
        self,
        answer: impl Future<Output = Result<ServiceResponse<BoxBody>, Error>>,
    ) -> Result<Response<BoxBody>, Error> {
        let mut response = answer.await.map_or_else(Response::from, Response::from);
        if self.stop.has_begun() {
            response.head_mut().set_connection_type(ConnectionType::Close);
        }
        Ok(response.map_body(|_, body| self.until_sent(body)))
    }

    /// The body, with what has to last until it is sent.
    fn until_sent(self, body: BoxBody) -> BoxBody {
        let is_whole = match body.size() {
            BodySize::None => true,
            BodySize::Sized(length) => length <= LONGEST_WHOLE as u64,
            BodySize::Stream => false,
        };
        if is_whole && self.upload.is_none() {
            return body;
        }
        BoxBody::new(Kept {
            body: Slices::of(body),
            _until_sent: self,
        })
    }
}

/// A body, and what is dropped with it.
struct Kept {
    body: Slices<BoxBody>,
    _until_sent: RequestGuard,
}

impl MessageBody for Kept {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        match self.body.size() {
            // Of no body the server would not wait for the end.
            BodySize::None => BodySize::Sized(0),
            other => other,
        }
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}

/// The body of a request, held until the answer is sent. The server would read on and on when nobody holds the body
/// of a request in chunks any more, and never end the connection; of one that is held it gives up what did not come.
#[derive(Clone)]
struct Upload(Rc<RefCell<Payload>>);

impl Upload {
    fn of(request: &mut Request) -> Option<Self> {
        let payload = request.take_payload();
        if matches!(payload, Payload::None) {
            return None;
        }
        let upload = Self(Rc::new(RefCell::new(payload)));
        *request.payload() = Payload::Stream {
            payload: Box::pin(upload.clone()),
        };
        Some(upload)
    }
}

impl Stream for Upload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}
