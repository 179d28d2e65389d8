//! The demo's Instagram account, connected as a person would do it in a browser.

use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderMap, LOCATION};
use url::Url;
use vitrine_accounts::connections::{BeginConnection, CallbackQuery};
use vitrine_base::paging::PageRequest;
use vitrine_entity::TenantId;
use vitrine_instagram::{Outgoing, Timeouts};

use super::platform::DemoInstagram;
use super::step;
use crate::config::Settings;
use crate::failure::Failure;
use crate::wiring::Services;

/// The account that the simulator brings.
const USERNAME: &str = "vitrine.demo";
const PATIENCE: Timeouts = Timeouts {
    connect: Duration::from_secs(5),
    read: Duration::from_secs(10),
    total: Duration::from_secs(30),
};

/// Connects the account unless one is connected; true when it did so now.
pub(super) async fn connect(
    settings: &Settings,
    services: &Services,
    instagram: &DemoInstagram,
    tenant: TenantId,
) -> Result<bool, Failure> {
    let first = PageRequest {
        limit: 1,
        cursor: None,
    };
    if !services
        .accounts
        .list(tenant, first)
        .await
        .map_err(step)?
        .data
        .is_empty()
    {
        return Ok(false);
    }
    let connections = services.connections(settings);
    let begun = connections
        .begin(tenant, None, BeginConnection::default())
        .await
        .map_err(step)?;
    let answer = consent(instagram.base_url(), &begun.authorize_url).await?;
    connections.callback(answer).await.result.map_err(step)?;
    Ok(true)
}

/// Whether the account's posts have been copied at least once.
pub(super) async fn is_read(services: &Services, tenant: TenantId) -> bool {
    let first = PageRequest {
        limit: 1,
        cursor: None,
    };
    let read = services.accounts.list(tenant, first).await;
    read.is_ok_and(|page| page.data.iter().any(|detail| detail.account.synced_at.is_some()))
}

/// Answers the consent page and reads where it sends the browser.
async fn consent(base_url: &str, authorize_url: &Url) -> Result<CallbackQuery, Failure> {
    let page = Url::parse(&format!("{base_url}/oauth/authorize/decision")).map_err(step)?;
    let client = Outgoing::new(&[&page], PATIENCE, HeaderMap::new()).map_err(step)?;
    let mut form: Vec<(String, String)> = authorize_url.query_pairs().into_owned().collect();
    form.extend(
        [("account", USERNAME), ("decision", "allow")]
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let answer = client
        .request(Method::POST, page)
        .map_err(step)?
        .form(&form)
        .send()
        .await
        .map_err(|error| step(error.without_url()))?;
    let location = answer
        .headers()
        .get(LOCATION)
        .and_then(|location| location.to_str().ok());
    let location = location.and_then(|location| Url::parse(location).ok());
    location.map(|location| callback_query(&location)).ok_or_else(|| {
        Failure::start(format!(
            "the simulator refused the consent with {}",
            answer.status()
        ))
    })
}

fn callback_query(location: &Url) -> CallbackQuery {
    let named = |wanted: &str| {
        location
            .query_pairs()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
    };
    CallbackQuery {
        code: named("code"),
        state: named("state"),
        error: named("error"),
        ..CallbackQuery::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_answer_is_read_from_the_address_without_its_fragment() {
        let query = callback_query(&Url::parse("http://127.0.0.1/cb?code=a%2Bb&state=s#_").unwrap());
        assert_eq!(
            (query.code.as_deref(), query.state.as_deref()),
            (Some("a+b"), Some("s"))
        );
        assert!(query.error.is_none());
    }
}
