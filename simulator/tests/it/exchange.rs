//! Redeeming a code.

use reqwest::multipart::Form;
use serde_json::{Value, json};
use vitrine_simulator::{Dialect, Envelope, ExchangeId, MissingRole, PermissionsShape, UserIdType};

use crate::support::{World, parts, with};

fn message(body: &Value) -> &str {
    assert_eq!(body["error_type"], "OAuthException");
    assert_eq!(body["code"], 400);
    body["error_message"].as_str().unwrap()
}

#[tokio::test]
async fn each_mistake_is_refused_in_its_own_words_and_spends_nothing() {
    let world = World::start().await;
    let good = world.exchange_form(&world.code("vitrine.demo"));
    let wrong = [
        ("client_id", "1", "Invalid platform app"),
        ("client_secret", "wrong", "Invalid platform app"),
        ("redirect_uri", "nonsense", "Invalid redirect_uri"),
        (
            "code",
            "unknown",
            "Matching code was not found or was already used",
        ),
        (
            "redirect_uri",
            "http://127.0.0.1:9/callback/",
            "Error validating verification code. Please make sure your redirect_uri is identical to the one \
             you used in the OAuth dialog request",
        ),
    ];
    for (name, value, text) in wrong {
        let (status, body) = world.exchange(&with(good.clone(), name, value)).await;
        assert_eq!((status, message(&body)), (400, text));
    }

    assert_eq!(world.exchange(&good).await.0, 200);
    let (status, body) = world.exchange(&good).await;
    assert_eq!(
        (status, message(&body)),
        (400, "This authorization code has been used")
    );
}

#[tokio::test]
async fn a_code_lives_an_hour() {
    let world = World::start().await;
    let form = world.exchange_form(&world.code("vitrine.demo"));
    let second = world.exchange_form(&world.code("vitrine.demo"));

    world.simulator.clock().advance(chrono::Duration::minutes(59));
    assert_eq!(world.exchange(&form).await.0, 200);
    world.simulator.clock().advance(chrono::Duration::minutes(1));

    let (_, body) = world.exchange(&second).await;
    assert_eq!(message(&body), "Matching code was not found or was already used");
}

#[tokio::test]
async fn forms_of_both_kinds_are_taken_and_nothing_else() {
    let world = World::start().await;
    let url = world.url("/oauth/access_token");
    let multipart = |form: Vec<(&'static str, String)>| {
        form.into_iter()
            .fold(Form::new(), |all, (name, value)| all.text(name, value))
    };
    let form = world.exchange_form(&world.code("vitrine.demo"));

    let (status, body) = parts(
        world
            .client
            .post(&url)
            .json(&json!({"code": "x"}))
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(status, 400, "{body}");
    let (status, body) = parts(world.client.get(&url).send().await.unwrap()).await;
    assert_eq!(status, 400);
    assert_eq!(body["error"]["message"], "Unsupported request - method type: get");
    let response = world
        .client
        .post(&url)
        .multipart(multipart(form))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), 200);

    let strict = World::with(|settings| settings.modes.multipart_only = true).await;
    let form = strict.exchange_form(&strict.code("vitrine.demo"));
    let (_, body) = strict.exchange(&form).await;
    assert!(message(&body).contains("redirect_uri is identical"));
    let url = strict.url("/oauth/access_token");
    assert_eq!(
        strict
            .client
            .post(url)
            .multipart(multipart(form))
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

#[tokio::test]
async fn the_older_names_of_id_and_secret_are_taken() {
    let world = World::start().await;
    let mut form = world.exchange_form(&world.code("vitrine.demo"));
    form[0].0 = "app_id";
    form[1].0 = "app_secret";

    assert_eq!(world.exchange(&form).await.0, 200);
}

#[tokio::test]
async fn the_answer_comes_in_every_shape_seen() {
    let world = World::start().await;
    let (_, flat) = world
        .exchange(&world.exchange_form(&world.code("vitrine.demo")))
        .await;
    let view = world.simulator.account("vitrine.demo").unwrap();
    assert_eq!(flat["user_id"].to_string(), view.exchange_id);
    assert!(flat["permissions"].is_array());
    assert!(flat["access_token"].as_str().unwrap().starts_with("IGAA"));

    let other = World::with(|settings| {
        settings.modes.envelope = Envelope::Data;
        settings.modes.user_id = UserIdType::String;
        settings.modes.exchange_id = ExchangeId::Professional;
        settings.modes.permissions = PermissionsShape::String;
        settings.modes.token_length = 300;
    })
    .await;
    let (_, body) = other
        .exchange(&other.exchange_form(&other.code("vitrine.demo")))
        .await;
    let grant = &body["data"][0];
    assert_eq!(grant["user_id"], view.user_id);
    assert!(
        grant["permissions"]
            .as_str()
            .unwrap()
            .starts_with("instagram_business_basic,")
    );
    assert!(grant["access_token"].as_str().unwrap().len() > 255);

    let older = World::with(|settings| settings.dialect = Dialect::BasicDisplay).await;
    let (_, body) = older
        .exchange(&older.exchange_form(&older.code("vitrine.personal")))
        .await;
    assert!(body.get("permissions").is_none());
    assert!(body["access_token"].as_str().unwrap().starts_with("IGQV"));
}

#[tokio::test]
async fn without_the_role_consent_may_work_and_only_the_graph_refuse() {
    let world = World::with(|settings| settings.modes.missing_role = MissingRole::AtGraph).await;
    assert_eq!(
        world
            .decide(&world.consent_form("vitrine.outsider", "allow"))
            .await
            .status(),
        302
    );

    let (status, grant) = world
        .exchange(&world.exchange_form(&world.code("vitrine.outsider")))
        .await;
    assert_eq!(status, 200);
    let (status, body) = world
        .json(
            "/me",
            &[("access_token", grant["access_token"].as_str().unwrap())],
        )
        .await;
    assert_eq!(status, 400);
    assert_eq!(body["error"]["message"], "Unsupported request - method type: get");

    let strict = World::start().await;
    let (_, body) = strict
        .exchange(&strict.exchange_form(&strict.code("vitrine.outsider")))
        .await;
    assert_eq!(message(&body), "Insufficient developer role");
}
