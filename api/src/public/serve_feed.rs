//! One visit: from whoever asks to the bytes of a feed.

use super::answer::answer;
use crate::{
    app::App,
    http::{
        allow_origin::{allow_origin, origin},
        auth::{Allowed, Caller, ReadPhotos},
        problem::{Problem, code},
        representation::encoding::wanted,
    },
};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use vitrine_entity::FeedId;
use vitrine_feeds::FeedQuery;
use vitrine_limits::traffic::Allowance;

/// Answers with one page of a feed.
///
/// # Errors
/// The problem of whatever stands in the way: the page's origin, the question, the feed.
pub(crate) async fn serve_feed(
    request: &HttpRequest,
    app: &App,
    caller: &Allowed<ReadPhotos>,
    feed: FeedId,
    feed_query: FeedQuery,
) -> Result<HttpResponse, Problem> {
    let allowance = admit(request, app, &caller.caller).await?;
    let headers = request.headers();
    let encoding = wanted(headers).ok_or_else(|| Problem::new(&code::NOT_ACCEPTABLE))?;
    let served = app
        .feed_reader
        .read(caller.tenant, feed, feed_query, encoding)
        .await;
    let served = served.map_err(|error| Problem::from(error).about_query())?;
    let readers = caller
        .readers
        .of_feed(caller.tenant, served.feed(), origin(headers))?;
    let origin = allow_origin(headers, readers);
    Ok(answer(request, &served, origin, &allowance, app.clock.now()))
}

/// Counts the visit, and leaves for the outer layers what may still be asked for.
async fn admit(request: &HttpRequest, app: &App, caller: &Caller) -> Result<Allowance, Problem> {
    let taken = app.traffic.take(caller.payer(), caller.tenant()).await;
    let allowance = match &taken {
        Ok(allowance) => *allowance,
        Err(over) => over.allowance,
    };
    request.extensions_mut().insert(allowance);
    taken.map_err(|over| {
        Problem::new(&code::RATE_LIMITED).retry_after_seconds(over.allowance.resets_in_seconds.into())
    })
}
