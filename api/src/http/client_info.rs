//! From where and with what a request comes.

use crate::app::App;
use actix_web::{HttpRequest, http::header::USER_AGENT};
use std::net::IpAddr;
use vitrine_people::identity::ClientInfo;

/// Where proxies write whom they pass on.
pub(crate) const X_FORWARDED_FOR: &str = "x-forwarded-for";

/// From where and with what a request comes.
pub(crate) fn client_info(request: &HttpRequest, app: &App) -> ClientInfo {
    let user_agent = request.headers().get(USER_AGENT);
    ClientInfo {
        user_agent: user_agent.and_then(|name| name.to_str().ok()).map(str::to_owned),
        address: client_address(request, app),
    }
}

/// The client's address, behind the proxies that are trusted.
pub(crate) fn client_address(request: &HttpRequest, app: &App) -> Option<IpAddr> {
    let forwarded: Vec<&str> = request
        .headers()
        .get_all(X_FORWARDED_FOR)
        .filter_map(|value| value.to_str().ok())
        .collect();
    let peer = request.peer_addr()?.ip();
    Some(app.settings.trusted_proxies.client(peer, &forwarded))
}
