//! Connections that go wrong, each with its own clear answer.

mod accounts;
mod addresses;
mod callback;
mod pasted_tokens;
mod refusals;
mod states;

use url::Url;

/// The code that the callback sends the browser on with.
fn connect_error(address: &str) -> String {
    let address: Url = address.parse().unwrap();
    address
        .query_pairs()
        .find(|(name, _)| name == "connect_error")
        .unwrap()
        .1
        .into_owned()
}
