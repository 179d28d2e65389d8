//! Where a client agrees to talk to, and where it sends the browser.

use std::collections::HashMap;

use url::Url;
use vitrine_instagram::{BuildError, Client, ClientSettings, Dialect, LoginPrompt};

use crate::server::{client, install_ring};

fn login_parameters(dialect: Dialect, prompt: LoginPrompt) -> (Url, HashMap<String, String>) {
    let client = client(ClientSettings::for_dialect(dialect, "990602627938098", "secret"));
    let url = client.authorize_url("https://photos.example/back?a=1&b=2", "st ate&#", prompt);
    let parameters = url.query_pairs().into_owned().collect();
    (url, parameters)
}

#[test]
fn the_login_address_carries_what_meta_asks_for_and_no_more() {
    let (url, parameters) = login_parameters(Dialect::InstagramLogin, LoginPrompt::Reuse);

    assert!(
        url.as_str()
            .starts_with("https://www.instagram.com/oauth/authorize?")
    );
    let expected = [
        ("client_id", "990602627938098"),
        ("redirect_uri", "https://photos.example/back?a=1&b=2"),
        ("response_type", "code"),
        ("scope", "instagram_business_basic"),
        ("state", "st ate&#"),
    ];
    assert_eq!(
        parameters,
        expected
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    );
}

#[test]
fn a_new_login_is_forced_only_where_the_dialect_knows_how() {
    let (_, login) = login_parameters(Dialect::InstagramLogin, LoginPrompt::ForceReauth);
    let (_, basic) = login_parameters(Dialect::BasicDisplay, LoginPrompt::ForceReauth);

    assert_eq!(login.get("force_reauth").map(String::as_str), Some("true"));
    assert_eq!(basic.get("force_reauth"), None);
    assert_eq!(
        basic.get("scope").map(String::as_str),
        Some("user_profile,user_media")
    );
}

#[test]
fn an_unsafe_address_is_refused_by_the_name_of_its_setting() {
    install_ring();
    let settings = ClientSettings::for_dialect(Dialect::InstagramLogin, "1", "secret");
    let plain = Url::parse("http://graph.example/PLANTED").unwrap();

    let graph = Client::new(ClientSettings {
        graph_url: plain.clone(),
        ..settings.clone()
    })
    .unwrap_err();
    let token = Client::new(ClientSettings {
        token_url: plain.clone(),
        ..settings.clone()
    })
    .unwrap_err();
    let login = Client::new(ClientSettings {
        authorize_url: plain,
        ..settings
    })
    .unwrap_err();

    assert!(matches!(graph, BuildError::Insecure { setting: "graph_url" }));
    assert!(matches!(token, BuildError::Insecure { setting: "token_url" }));
    assert!(matches!(
        login,
        BuildError::Insecure {
            setting: "authorize_url"
        }
    ));
    assert!(!format!("{graph} {graph:?}").contains("PLANTED"));
}
