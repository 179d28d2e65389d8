//! A started simulator and a client for it.

use std::sync::Once;

use reqwest::{Client, Response, redirect};
use serde_json::Value;
use vitrine_simulator::{RunningSimulator, Simulator, SimulatorSettings};

pub(crate) const REDIRECT: &str = "http://127.0.0.1:9/callback";

pub(crate) struct World {
    pub(crate) simulator: RunningSimulator,
    pub(crate) client: Client,
}

pub(crate) fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        rustls::crypto::ring::default_provider()
            .install_default()
            .unwrap();
    });
    Client::builder()
        .redirect(redirect::Policy::none())
        .build()
        .unwrap()
}

impl World {
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut SimulatorSettings)) -> Self {
        let client = client();
        let mut settings = SimulatorSettings::default();
        change(&mut settings);
        Self {
            simulator: Simulator::start(settings).await.unwrap(),
            client,
        }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.simulator.base_url())
    }

    pub(crate) async fn get(&self, path: &str, query: &[(&str, &str)]) -> Response {
        self.client.get(self.url(path)).query(query).send().await.unwrap()
    }

    /// Status and JSON body of a GET.
    pub(crate) async fn json(&self, path: &str, query: &[(&str, &str)]) -> (u16, Value) {
        parts(self.get(path, query).await).await
    }

    pub(crate) fn consent_form(&self, account: &str, decision: &str) -> Vec<(&'static str, String)> {
        vec![
            ("client_id", self.simulator.settings().client_id.clone()),
            ("redirect_uri", REDIRECT.to_owned()),
            ("response_type", "code".to_owned()),
            (
                "scope",
                "instagram_business_basic,instagram_business_manage_comments".to_owned(),
            ),
            ("state", "s t&1".to_owned()),
            ("account", account.to_owned()),
            ("decision", decision.to_owned()),
        ]
    }

    pub(crate) async fn decide(&self, form: &[(&'static str, String)]) -> Response {
        self.client
            .post(self.url("/oauth/authorize/decision"))
            .form(form)
            .send()
            .await
            .unwrap()
    }

    pub(crate) fn exchange_form(&self, code: &str) -> Vec<(&'static str, String)> {
        vec![
            ("client_id", self.simulator.settings().client_id.clone()),
            ("client_secret", self.simulator.settings().client_secret.clone()),
            ("grant_type", "authorization_code".to_owned()),
            ("redirect_uri", REDIRECT.to_owned()),
            ("code", code.to_owned()),
        ]
    }

    pub(crate) async fn exchange(&self, form: &[(&'static str, String)]) -> (u16, Value) {
        let url = self.url("/oauth/access_token");
        parts(self.client.post(url).form(form).send().await.unwrap()).await
    }

    pub(crate) fn code(&self, account: &str) -> String {
        self.simulator.issue_code(account, REDIRECT).unwrap()
    }
}

pub(crate) async fn parts(response: Response) -> (u16, Value) {
    (response.status().as_u16(), response.json().await.unwrap())
}

pub(crate) fn with(
    mut form: Vec<(&'static str, String)>,
    name: &'static str,
    value: &str,
) -> Vec<(&'static str, String)> {
    form.retain(|(key, _)| *key != name);
    form.push((name, value.to_owned()));
    form
}
