//! The one place from which requests leave: where they may go, and within which limits.
//!
//! Names are resolved here, and a connection is only ever made to an address that was looked at: a name that
//! answers with a public address first and a private one afterwards gains nothing. Redirects are not followed.

mod build_error;
mod public;
mod resolver;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::Resolve;
use reqwest::header::HeaderMap;
use reqwest::redirect::Policy;
use reqwest::{ClientBuilder, Method, RequestBuilder};
use thiserror::Error;
use url::{Host, Url};

pub use build_error::BuildError;
pub use public::is_public;
use resolver::{Guarded, System};

/// A connection that was not used for so long is not used again.
const RESTED: Duration = Duration::from_secs(20);
/// How often the other end of a silent connection is asked whether it is there, and how long it has to answer.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);
/// How long what was sent may stay without the other end's word that it arrived.
const UNANSWERED: Duration = Duration::from_secs(15);
const USER_AGENT: &str = concat!("vitrine/", env!("CARGO_PKG_VERSION"));

/// Variables by which an operator sends requests through a proxy, whose name may well be a private one.
const PROXIES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

/// Why a request does not leave. No address is repeated in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refused {
    /// Neither `https`, nor `http` to a loopback host that the operator named.
    #[error("the address is neither https, nor http to a loopback host that is configured")]
    Scheme,
    /// A host within a private network, or this machine.
    #[error("the address is not a public one")]
    NotPublic,
}

/// How long a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To open a connection, TLS included.
    pub connect: Duration,
    /// Without a byte of the answer.
    pub read: Duration,
    /// Altogether.
    pub total: Duration,
}

/// Makes requests to public addresses, and to those loopback hosts that the operator named. Clones share
/// connections.
#[derive(Clone, Debug)]
pub struct Outgoing {
    http: reqwest::Client,
    local: Arc<HashSet<String>>,
}

impl Outgoing {
    /// A client; of the `configured` addresses those that are loopback may be reached as well.
    ///
    /// # Errors
    /// When no TLS provider is installed in this process, or trusted roots are missing.
    pub fn new(configured: &[&Url], timeouts: Timeouts, headers: HeaderMap) -> Result<Self, BuildError> {
        Self::resolving(Arc::new(System), configured, timeouts, headers)
    }

    /// The same, with names looked up elsewhere.
    ///
    /// # Errors
    /// As for [`Outgoing::new`].
    pub fn resolving(
        names: Arc<dyn Resolve>,
        configured: &[&Url],
        timeouts: Timeouts,
        headers: HeaderMap,
    ) -> Result<Self, BuildError> {
        // Building an HTTP client without a provider is a panic in reqwest, not an error.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            return Err(BuildError::NoTlsProvider);
        }
        let local = Arc::new(loopback_hosts(configured));
        let guarded = Guarded::new(names, Arc::clone(&local), proxies());
        let builder = noticing_silence(within(timeouts, reqwest::Client::builder()))
            .user_agent(USER_AGENT)
            .default_headers(headers)
            .redirect(Policy::none())
            .referer(false)
            .dns_resolver(Arc::new(guarded));
        // The proxy of the environment would get a loopback call, token included, in the clear.
        let builder = if local.is_empty() {
            builder
        } else {
            builder.no_proxy()
        };
        let http = builder
            .build()
            .map_err(|error| BuildError::Http(error.without_url()))?;
        Ok(Self { http, local })
    }

    /// Begins a request. A name is looked at when it is resolved, and its request fails then.
    ///
    /// # Errors
    /// [`Refused`], before anything is sent.
    pub fn request(&self, method: Method, url: Url) -> Result<RequestBuilder, Refused> {
        self.check(&url)?;
        Ok(self.http.request(method, url))
    }

    fn check(&self, url: &Url) -> Result<(), Refused> {
        let is_named = url.host_str().is_some_and(|host| self.local.contains(host));
        match url.scheme() {
            "http" if is_named => return Ok(()),
            "https" => {}
            _ => return Err(Refused::Scheme),
        }
        let is_public = match url.host() {
            Some(Host::Ipv4(address)) => is_public(address.into()),
            Some(Host::Ipv6(address)) => is_public(address.into()),
            Some(Host::Domain(_)) => true,
            None => false,
        };
        (is_public || is_named).then_some(()).ok_or(Refused::NotPublic)
    }
}

fn loopback_hosts(configured: &[&Url]) -> HashSet<String> {
    let local = configured.iter().filter(|url| is_loopback(url));
    local
        .filter_map(|url| url.host_str().map(str::to_owned))
        .collect()
}

fn within(timeouts: Timeouts, client: ClientBuilder) -> ClientBuilder {
    client
        .connect_timeout(timeouts.connect)
        .read_timeout(timeouts.read)
        .timeout(timeouts.total)
}

/// A connection whose other end is gone without a word is given up soon.
fn noticing_silence(client: ClientBuilder) -> ClientBuilder {
    client
        .pool_idle_timeout(RESTED)
        .tcp_keepalive(SIGN_OF_LIFE)
        .tcp_keepalive_interval(SIGN_OF_LIFE)
        .tcp_keepalive_retries(2)
        .tcp_user_timeout(UNANSWERED)
        .http2_keep_alive_interval(SIGN_OF_LIFE)
        .http2_keep_alive_timeout(SIGN_OF_LIFE)
}

/// Whether an address names this machine.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

fn proxies() -> HashSet<String> {
    let set = PROXIES.iter().filter_map(|name| std::env::var(name).ok());
    set.filter_map(|address| Url::parse(&address).ok()?.host_str().map(str::to_owned))
        .collect()
}
