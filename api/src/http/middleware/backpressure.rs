//! No long answer is begun while too much waits for clients that do not read.

use crate::{
    app::App,
    http::problem::{Problem, code},
    transport::{Connection, is_long},
};
use actix_web::{
    HttpRequest, HttpResponse,
    body::BoxBody,
    http::{
        Method,
        header::{AGE, CACHE_CONTROL, ETAG, LAST_MODIFIED},
    },
};
use std::rc::Rc;

/// Most of what waits is sent by then.
const RETRY_SECONDS: u64 = 5;

/// The answer as it may be sent, or that there is too much at once. What was changed is recorded all the same.
pub(super) fn admitted(
    app: &App,
    method: &Method,
    request: &HttpRequest,
    response: HttpResponse,
) -> HttpResponse {
    if !is_long(response.body()) || method != Method::GET {
        return response;
    }
    let (response, body) = response.into_parts();
    match app.unsent.admit(body, request.conn_data::<Rc<Connection>>()) {
        Some(body) => response.set_body(body),
        None => refused(response),
    }
}

/// The headers about origins stay.
fn refused(mut response: HttpResponse<()>) -> HttpResponse {
    for about_the_body in [ETAG, LAST_MODIFIED, CACHE_CONTROL, AGE] {
        response.headers_mut().remove(about_the_body);
    }
    let problem = Problem::new(&code::BUSY).retry_after_seconds(RETRY_SECONDS);
    response.extensions_mut().insert(problem);
    response.set_body(BoxBody::new(()))
}
