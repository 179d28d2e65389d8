//! A site owner and the programs that hold the owner's keys.

use super::{
    Installation,
    letters::{letters, token_behind},
};
use reqwest::{Method, RequestBuilder, Response, StatusCode, header::HeaderMap};
use serde_json::{Value, json};
use std::{collections::HashMap, time::Duration};
use url::Url;
use vitrine_test_support::wait_until;

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) async fn of(response: Response) -> Self {
        let (status, headers) = (response.status(), response.headers().clone());
        Self {
            status,
            headers,
            text: response.text().await.unwrap(),
        }
    }

    /// The body as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The body, if the status is as expected.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        if self.text.is_empty() {
            Value::Null
        } else {
            self.json()
        }
    }

    /// The code of the problem, if the status is as expected.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.text
        );
        self.json()["code"].as_str().unwrap().to_owned()
    }
}

/// A program with a key, or with nothing.
pub(crate) struct Program<'i> {
    installation: &'i Installation,
    key: Option<String>,
}

impl<'i> Program<'i> {
    pub(crate) fn new(installation: &'i Installation, key: Option<&str>) -> Self {
        Self {
            installation,
            key: key.map(str::to_owned),
        }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self
            .installation
            .http
            .request(method, format!("{}{path}", self.installation.address));
        match &self.key {
            Some(key) => request.header("X-Api-Key", key),
            None => request,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).send().await.unwrap()).await
    }
}

/// Somebody who registered.
pub(crate) struct Owner<'i> {
    pub(crate) installation: &'i Installation,
    pub(crate) email: String,
    pub(crate) access_token: String,
    pub(crate) refresh_token: String,
}

/// All scopes there are.
pub(crate) const SCOPES: [&str; 5] = [
    "feeds:read",
    "feeds:write",
    "accounts:read",
    "accounts:write",
    "jobs:read",
];

/// What every owner of these tests signs in with.
pub(crate) const PASSWORD: &str = "correct horse battery";

impl<'i> Owner<'i> {
    pub(crate) async fn register(installation: &'i Installation, name: &str) -> Self {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": PASSWORD, "name": name, "site_name": format!("{name}'s site")});
        let answer = installation.post("/v1/auth/register", &body).await.expect(201);
        Self::signed_in(installation, email, &answer)
    }

    /// Whoever is signed in by an answer of the server.
    pub(crate) fn signed_in(installation: &'i Installation, email: String, answer: &Value) -> Self {
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        let (access_token, refresh_token) = (text("access_token"), text("refresh_token"));
        Self {
            installation,
            email,
            access_token,
            refresh_token,
        }
    }

    /// Signs in as somebody who registered before.
    pub(crate) async fn signs_in(installation: &'i Installation, email: &str) -> Self {
        let mut owner = Self {
            installation,
            email: email.to_owned(),
            access_token: String::new(),
            refresh_token: String::new(),
        };
        owner.signs_in_again().await;
        owner
    }

    /// Signs in again: access tokens are short-lived, and these tests move time.
    pub(crate) async fn signs_in_again(&mut self) {
        let body = json!({"email": self.email, "password": PASSWORD});
        let answer = self.installation.post("/v1/auth/login", &body).await.expect(200);
        *self = Self::signed_in(self.installation, self.email.clone(), &answer);
    }

    /// Follows the link of the letter that came with the registration, as whoever wants to invite others has to;
    /// nothing for somebody whose address is confirmed.
    pub(crate) async fn confirms_address(&self) {
        let me = self.get("/v1/me").await;
        if me.status != 200 || me.json()["email_verified"] == true {
            return;
        }
        let mut token = None;
        let came = wait_until(Duration::from_secs(20), async || {
            let letters = letters(self.installation, &self.email);
            let newest_first = letters.iter().rev();
            token = newest_first
                .into_iter()
                .find_map(|letter| token_behind(letter, "/verify-email#token="));
            token.is_some()
        });
        assert!(came.await.is_ok(), "no letter:\n{}", self.installation.log());
        let link = json!({"token": token});
        self.installation
            .post("/v1/auth/email/verify", &link)
            .await
            .expect(204);
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.installation.address);
        self.installation
            .http
            .request(method, url)
            .bearer_auth(&self.access_token)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::POST, path).json(body).send().await.unwrap()).await
    }

    pub(crate) async fn patch(&self, path: &str, body: &Value) -> Answer {
        Answer::of(self.request(Method::PATCH, path).json(body).send().await.unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        Answer::of(self.request(Method::DELETE, path).send().await.unwrap()).await
    }

    /// Begins a connection; gives the consent page's address.
    pub(crate) async fn begins(&self, body: &Value) -> Url {
        let begun = self.post("/v1/accounts/connect", body).await.expect(201);
        begun["authorize_url"].as_str().unwrap().parse().unwrap()
    }

    /// Says yes or no on Instagram's consent page, and gives the address to which it sends the browser back.
    pub(crate) async fn decides(&self, consent: &Url, username: &str, decision: &str) -> Url {
        let mut form: Vec<(String, String)> = consent.query_pairs().into_owned().collect();
        form.push(("account".into(), username.into()));
        form.push(("decision".into(), decision.into()));
        let url = format!(
            "{}/oauth/authorize/decision",
            self.installation.simulator.base_url()
        );
        let answer = Answer::of(self.installation.http.post(url).form(&form).send().await.unwrap()).await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        answer.header("location").parse().unwrap()
    }

    /// Opens an address as the owner's browser does: without any token.
    pub(crate) async fn opens(&self, address: &Url) -> Answer {
        Answer::of(self.installation.http.get(address.clone()).send().await.unwrap()).await
    }

    /// Connects an account over the built-in callback and gives its id.
    pub(crate) async fn connects(&self, username: &str) -> String {
        let return_to = format!("{}/", self.installation.address);
        let consent = self.begins(&json!({"return_to": return_to})).await;
        let back = self.decides(&consent, username, "allow").await;
        let answer = self.opens(&back).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        let address: Url = answer.header("location").parse().unwrap();
        let connected = address.query_pairs().find(|(name, _)| name == "connected");
        connected.unwrap_or_else(|| panic!("{address}")).1.into_owned()
    }

    /// Makes a key and gives its text.
    pub(crate) async fn makes_key(&self, kind: &str, scopes: &[&str]) -> String {
        let body = json!({"name": "test", "kind": kind, "scopes": scopes});
        let key = self.post("/v1/api-keys", &body).await.expect(201);
        key["key"].as_str().unwrap().to_owned()
    }

    /// The id of the feed that came with the first account.
    pub(crate) async fn default_feed(&self) -> String {
        let feeds = self.get("/v1/feeds").await.expect(200);
        feeds["data"][0]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn account(&self, id: &str) -> Value {
        self.get(&format!("/v1/accounts/{id}")).await.expect(200)
    }

    /// Waits until the account is as wanted, and gives it.
    pub(crate) async fn account_that(&self, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let found = wait_until(Duration::from_secs(20), async || {
            last = self.account(id).await;
            wanted(&last)
        });
        let found = found.await;
        assert!(
            found.is_ok(),
            "the account stayed {last:#}\n{}",
            self.installation.log()
        );
        last
    }

    /// Asks for a sync and waits until it ended; gives the job.
    pub(crate) async fn syncs(&self, id: &str) -> Value {
        let job = self
            .post(&format!("/v1/accounts/{id}/sync"), &json!({}))
            .await
            .expect(202);
        self.finished(job["job"]["id"].as_str().unwrap()).await
    }

    /// Waits until a job ended, and gives it.
    pub(crate) async fn finished(&self, id: &str) -> Value {
        let mut last = Value::Null;
        let found = wait_until(Duration::from_secs(20), async || {
            last = self.get(&format!("/v1/jobs/{id}")).await.expect(200);
            !last["finished_at"].is_null()
        });
        let found = found.await;
        assert!(
            found.is_ok(),
            "the job stayed {last:#}\n{}",
            self.installation.log()
        );
        last
    }

    /// Waits until a feed has photos that fit, and gives its answer.
    pub(crate) async fn photos_that(&self, feed: &str, key: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let (mut last, program) = (Value::Null, self.installation.program(Some(key)));
        let found = wait_until(Duration::from_secs(20), async || {
            last = program
                .get(&format!("/v1/feeds/{feed}/photos?limit=100"))
                .await
                .expect(200);
            wanted(&last)
        });
        let found = found.await;
        assert!(
            found.is_ok(),
            "the feed stayed {last:#}\n{}",
            self.installation.log()
        );
        last
    }
}

/// Somebody whose first account shows photos: the owner, the account, the feed and a key for it.
pub(crate) async fn connected(vitrine: &Installation) -> (Owner<'_>, String, String, String) {
    let owner = vitrine.owner("ada").await;
    let (account, feed, key) = shows(&owner, "vitrine.demo").await;
    (owner, account, feed, key)
}

/// Connects an owner's first account and waits for its photos: the account, the feed and a key for it.
pub(crate) async fn shows(owner: &Owner<'_>, username: &str) -> (String, String, String) {
    let account = owner.connects(username).await;
    let (feed, key) = (
        owner.default_feed().await,
        owner.makes_key("publishable", &[]).await,
    );
    owner
        .photos_that(&feed, &key, |feed| !feed["data"].as_array().unwrap().is_empty())
        .await;
    (account, feed, key)
}

/// What an owner's page at `page` posts on after Instagram sent the browser `back` to it.
pub(crate) fn posted(back: &Url, page: &str) -> Value {
    let sent: HashMap<_, _> = back.query_pairs().collect();
    json!({"code": sent["code"], "state": sent["state"], "redirect_uri": page})
}
