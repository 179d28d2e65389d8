//! No secret is in anything that is written: not at the loudest log level, not in a table, not in Redis, not in the
//! metrics.

use crate::support::{
    Engines, Installation, MASTER_KEY, Owner, Plan, database, on_both_pairs, posted, vault_of,
};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use reqwest::Method;
use sea_orm::{ConnectionTrait, EntityTrait};
use serde_json::{Value, json};
use std::{collections::BTreeMap, time::Duration};
use url::Url;
use vitrine_entity::account_token;
use vitrine_simulator::{CallbackVariant, NewAccount, SignedCallback, WebhookCallback, WebhookEvent};

on_both_pairs!(nothing_that_is_written_holds_a_secret);

const VERIFY_TOKEN: &str = "verify-me-5ef0a1";
const META_SECRET: &str = "meta-app-secret-77c1d2e3";
const WRONG_PASSWORD: &str = "incorrect horse battery 91";
const WRONG_KEY: &str = "vt_sk_0123456789abcdefghijABCDEFGHIJ0123456789";

/// Every secret that came by, by what it is.
#[derive(Default)]
struct Secrets(BTreeMap<String, String>);

impl Secrets {
    fn add(&mut self, what: &str, secret: impl Into<String>) {
        let name = format!("{what} {}", self.0.len());
        self.0.insert(name, secret.into());
    }

    fn of_answer(&mut self, answer: &Value) {
        for name in ["access_token", "refresh_token", "key", "state"] {
            if let Some(secret) = answer[name].as_str() {
                self.add(name, secret);
            }
        }
    }

    /// Names of the secrets that a text holds, in any of the ways in which they are usually written.
    fn found_in(&self, text: &str) -> Vec<String> {
        let holds = |secret: &str| forms(secret).into_iter().any(|form| text.contains(&form));
        let found = self.0.iter().filter(|(_, secret)| holds(secret));
        found.map(|(name, _)| name.clone()).collect()
    }
}

fn forms(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let encoded: String = url::form_urlencoded::byte_serialize(bytes).collect();
    vec![
        secret.to_owned(),
        encoded,
        hex.to_uppercase(),
        hex,
        BASE64_STANDARD.encode(bytes),
        BASE64_STANDARD_NO_PAD.encode(bytes),
        BASE64_URL_SAFE_NO_PAD.encode(bytes),
        // As `Debug` writes bytes.
        bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(", "),
    ]
}

async fn nothing_that_is_written_holds_a_secret(engines: Engines) {
    let plan = Plan::on(engines)
        .with("VITRINE_LOG", "trace")
        .with("VITRINE_INSTAGRAM__WEBHOOK_VERIFY_TOKEN", VERIFY_TOKEN)
        .with("VITRINE_INSTAGRAM__META_APP_SECRET", META_SECRET);
    let vitrine = Installation::start_as(plan).await;
    let mut secrets = configured(&vitrine);

    let owner = people(&vitrine, &mut secrets).await;
    let account = accounts(&vitrine, &owner, &mut secrets).await;
    keys(&vitrine, &owner, &mut secrets).await;
    callbacks(&vitrine, &mut secrets).await;
    platform_tokens(&vitrine, &mut secrets).await;
    let owner = Owner::signs_in(&vitrine, &owner.email).await;
    assert_eq!(owner.account(&account).await["status"], "active");

    assert!(secrets.0.len() > 20, "{:?}", secrets.0.keys());
    let mut places = everything(&vitrine).await;
    for (place, text) in &places {
        assert!(text.len() > 100 || *place == "Redis", "{place} is empty");
        assert_eq!(secrets.found_in(text), Vec::<String>::new(), "in {place}");
    }
    plant(&vitrine, &secrets).await;
    places = everything(&vitrine).await;
    assert!(
        !secrets.found_in(&places["database"]).is_empty(),
        "a planted secret was not found"
    );
    if engines == Engines::Distributed {
        assert!(
            !secrets.found_in(&places["Redis"]).is_empty(),
            "a planted secret was not found"
        );
    }
}

fn configured(vitrine: &Installation) -> Secrets {
    let mut secrets = Secrets::default();
    let master = BASE64_STANDARD.decode(MASTER_KEY).unwrap();
    secrets.add("master key", MASTER_KEY);
    secrets.add(
        "master key in hex",
        master
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>(),
    );
    secrets.add("app secret", &vitrine.simulator.settings().client_secret);
    secrets.add("verify token", VERIFY_TOKEN);
    secrets.add("Meta app secret", META_SECRET);
    secrets
}

/// Registration, sign-in, a wrong password, rotation of a session, a replayed token.
async fn people<'i>(vitrine: &'i Installation, secrets: &mut Secrets) -> Owner<'i> {
    secrets.add("password", crate::support::PASSWORD);
    secrets.add("wrong password", WRONG_PASSWORD);
    let mut owner = vitrine.owner("ada").await;
    secrets.add("access token", &owner.access_token);
    secrets.add("refresh token", &owner.refresh_token);
    let post = async |path: &str, body: Value| {
        let request = vitrine.program(None).request(Method::POST, path).json(&body);
        crate::support::Answer::of(request.send().await.unwrap()).await
    };
    let wrong = json!({"email": "ada@example.com", "password": WRONG_PASSWORD});
    post("/v1/auth/login", wrong).await.problem(401);
    let refreshed = post("/v1/auth/refresh", json!({"refresh_token": owner.refresh_token}))
        .await
        .expect(200);
    secrets.of_answer(&refreshed);
    post("/v1/auth/refresh", json!({"refresh_token": owner.refresh_token}))
        .await
        .problem(401);
    post(
        "/v1/auth/refresh",
        json!({"refresh_token": "vt_rt_nonsense-that-was-made-up"}),
    )
    .await
    .problem(401);
    secrets.add("made-up refresh token", "vt_rt_nonsense-that-was-made-up");
    owner.signs_in_again().await;
    secrets.add("access token", &owner.access_token);
    secrets.add("refresh token", &owner.refresh_token);
    owner
}

/// Every way to connect, a sync, a refresh, and a code that is used twice.
async fn accounts(vitrine: &Installation, owner: &Owner<'_>, secrets: &mut Secrets) -> String {
    let page = "https://photos.example/instagram";
    let consent = owner.begins(&json!({"redirect_uri": page})).await;
    let back = owner.decides(&consent, "vitrine.demo", "allow").await;
    note_code(&back, secrets);
    let body = posted(&back, page);
    let connected = owner
        .post("/v1/accounts/connect/complete", &body)
        .await
        .expect(201);
    owner.post("/v1/accounts/connect/complete", &body).await;
    let account = connected["id"].as_str().unwrap().to_owned();

    let consent = owner.begins(&json!({})).await;
    let back = owner.decides(&consent, "vitrine.demo", "allow").await;
    note_code(&back, secrets);
    owner.opens(&back).await;

    vitrine
        .simulator
        .add_account(NewAccount::named("another.shop").with_media(3))
        .unwrap();
    let minted = vitrine.simulator.mint_token("another.shop").unwrap();
    owner
        .post("/v1/accounts/connect/token", &json!({"access_token": minted}))
        .await
        .expect(201);
    secrets.add("pasted token", minted);
    let dead = "IGAAdeadbeefdeadbeefdeadbeef0123456789";
    owner
        .post("/v1/accounts/connect/token", &json!({"access_token": dead}))
        .await;
    secrets.add("dead token", dead);

    platform_tokens(vitrine, secrets).await;
    vitrine.advance(Duration::from_secs(26 * 3_600)).await;
    let mut owner = Owner::signs_in(vitrine, "ada@example.com").await;
    owner.syncs(&account).await;
    let job = owner
        .post(&format!("/v1/accounts/{account}/refresh-token"), &json!({}))
        .await
        .expect(202);
    let ended = owner.finished(job["job"]["id"].as_str().unwrap()).await;
    assert_eq!(ended["status"], "succeeded", "{ended}");
    owner.signs_in_again().await;
    secrets.add("access token", &owner.access_token);
    secrets.add("refresh token", &owner.refresh_token);
    account
}

fn note_code(back: &Url, secrets: &mut Secrets) {
    for (name, value) in back.query_pairs() {
        if matches!(&*name, "code" | "state") {
            secrets.add(&name, value);
        }
    }
}

/// Keys made, used in every way, and refused.
async fn keys(vitrine: &Installation, _: &Owner<'_>, secrets: &mut Secrets) {
    let owner = Owner::signs_in(vitrine, "ada@example.com").await;
    secrets.add("access token", &owner.access_token);
    let secret = owner.makes_key("secret", &["feeds:read", "accounts:read"]).await;
    let publishable = owner.makes_key("publishable", &[]).await;
    let feed = owner.default_feed().await;
    owner
        .photos_that(&feed, &publishable, |feed| {
            !feed["data"].as_array().unwrap().is_empty()
        })
        .await;
    let stranger = vitrine.program(None);
    stranger
        .get(&format!("/v1/feeds/{feed}/photos?key={publishable}"))
        .await
        .expect(200);
    stranger
        .get(&format!(
            "/graph/me/media?access_token={publishable}&fields=id,caption"
        ))
        .await
        .expect(200);
    vitrine.get(&format!("/compat/token.js?key={publishable}")).await;
    stranger
        .get(&format!("/v1/feeds/{feed}/photos?key={WRONG_KEY}"))
        .await;
    vitrine
        .program(Some(&secret))
        .get("/v1/accounts")
        .await
        .expect(200);
    vitrine
        .program(Some(WRONG_KEY))
        .get("/v1/accounts")
        .await
        .problem(401);
    secrets.add("secret key", secret);
    secrets.add("publishable key", publishable);
    secrets.add("wrong key", WRONG_KEY);
}

/// Meta's calls about somebody who is not connected, genuine and forged.
async fn callbacks(vitrine: &Installation, secrets: &mut Secrets) {
    vitrine
        .simulator
        .add_account(NewAccount::named("stranger.shop"))
        .unwrap();
    for path in ["/v1/instagram/deauthorize", "/v1/instagram/data-deletion"] {
        for variant in [CallbackVariant::Valid, CallbackVariant::BadSignature] {
            let callback = SignedCallback {
                variant,
                ..SignedCallback::new(format!("{}{path}", vitrine.address), "stranger.shop")
            };
            vitrine.simulator.send_signed(&callback).await.unwrap();
        }
    }
    let forged = "c2lnbmF0dXJlLXRoYXQtd2FzLW1hZGUtdXA.eyJhbGdvcml0aG0iOiJITUFDIn0";
    let form = [("signed_request", forged)];
    let sent = vitrine
        .program(None)
        .request(Method::POST, "/v1/instagram/deauthorize")
        .form(&form)
        .send()
        .await;
    assert_eq!(sent.unwrap().status(), 400);
    secrets.add("signed request", forged);
    for event in [
        WebhookEvent::Handshake {
            verify_token: VERIFY_TOKEN.to_owned(),
        },
        WebhookEvent::Comment {
            text: "Nice".to_owned(),
        },
    ] {
        let callback = WebhookCallback {
            url: format!("{}/v1/instagram/webhook", vitrine.address),
            account: "vitrine.demo".to_owned(),
            event,
            variant: CallbackVariant::Valid,
        };
        assert_eq!(
            vitrine.simulator.send_webhook(&callback).await.unwrap()[0].status,
            200
        );
    }
}

/// The tokens as Instagram gave them.
async fn platform_tokens(vitrine: &Installation, secrets: &mut Secrets) {
    let database = database(vitrine).await;
    let vault = vault_of(&database, MASTER_KEY).await;
    let rows = account_token::Entity::find()
        .all(database.connection())
        .await
        .unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let token = vault
            .open_token(row.account_id, &row.key_id, &row.ciphertext)
            .unwrap();
        secrets.add("platform token", token.expose());
    }
}

async fn everything(vitrine: &Installation) -> BTreeMap<&'static str, String> {
    let metrics = vitrine
        .settings
        .iter()
        .rfind(|(name, _)| name == "VITRINE_SERVER__METRICS_LISTEN");
    let metrics = format!("http://{}/metrics", metrics.unwrap().1);
    let metrics = vitrine
        .http
        .get(metrics)
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    BTreeMap::from([
        ("output", vitrine.log()),
        ("database", vitrine.database_text().await),
        ("Redis", vitrine.redis_text().await),
        ("metrics", metrics),
    ])
}

/// Puts a secret where none may be, to see that it would be found.
async fn plant(vitrine: &Installation, secrets: &Secrets) {
    let secret = secrets.0.values().next().unwrap();
    let database = database(vitrine).await;
    let insert =
        format!("insert into installation (name, value) values ('planted', 'before {secret} after')");
    database.connection().execute_unprepared(&insert).await.unwrap();
    if let Some((_, url)) = vitrine
        .settings
        .iter()
        .find(|(name, _)| name == "VITRINE_REDIS__URL")
    {
        let mut connection = redis::Client::open(url.as_str())
            .unwrap()
            .get_multiplexed_async_connection()
            .await
            .unwrap();
        let mut written = redis::cmd("SET");
        written.arg("planted").arg(format!("before {secret} after"));
        written.exec_async(&mut connection).await.unwrap();
    }
}
