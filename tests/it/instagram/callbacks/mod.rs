//! What Meta calls, signed by the local Instagram's own implementation.

use crate::support::{Engines, Held, Installation, Owner, Plan, connected, database, on_both_pairs};
use futures::FutureExt;
use reqwest::Method;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use vitrine_base::database::Database;
use vitrine_entity::{InstallationOwned, MediaId, TenantOwned, account_token, data_deletion, media};
use vitrine_simulator::{
    CallbackAnswer, CallbackVariant, NewAccount, SignedCallback, UserIdForm, WebhookCallback, WebhookEvent,
};
use vitrine_test_support::wait_until;

on_both_pairs!(
    removing_the_app_costs_the_token_and_not_the_photos,
    a_replayed_callback_changes_nothing_more,
    a_person_is_deleted_from_every_tenant,
    a_deletion_that_was_killed_goes_on,
    a_feed_that_gets_the_account_back_meanwhile_loses_it_again,
    a_late_order_leaves_a_later_consent_alone,
    photos_stay_for_thirty_days_after_the_last_removal,
    nobody_known_is_a_success,
    unsigned_callbacks_are_refused,
    a_webhook_shakes_hands_and_brings_a_sync_forward,
);

const DEAUTHORIZE: &str = "/v1/instagram/deauthorize";
const DELETION: &str = "/v1/instagram/data-deletion";
const WEBHOOK: &str = "/v1/instagram/webhook";
const DAY: Duration = Duration::from_hours(24);
const AGREED: &str = "the token agreed on";

async fn removing_the_app_costs_the_token_and_not_the_photos(engines: Engines) {
    for form in [
        UserIdForm::AppScoped,
        UserIdForm::Professional,
        UserIdForm::Exchange,
    ] {
        let vitrine = Installation::start(engines).await;
        let (ours, theirs) = (vitrine.owner("ours").await, vitrine.owner("theirs").await);
        let (our_account, their_account) = (
            ours.connects("vitrine.demo").await,
            theirs.connects("vitrine.demo").await,
        );
        let other = ours.connects(&another(&vitrine)).await;
        let (feed, key) = (
            ours.default_feed().await,
            ours.makes_key("publishable", &[]).await,
        );
        ours.photos_that(&feed, &key, has_photos).await;

        let callback = SignedCallback {
            user_id: form,
            ..SignedCallback::new(at(&vitrine, DEAUTHORIZE), "vitrine.demo")
        };
        let answers = vitrine.simulator.send_signed(&callback).await.unwrap();

        assert_eq!(answers[0].status, 200, "{answers:?}");
        for (owner, account) in [(&ours, &our_account), (&theirs, &their_account)] {
            let account = owner.account(account).await;
            assert_eq!(
                (&account["status"], &account["status_reason"]),
                (&json!("needs_reconnect"), &json!("app_removed"))
            );
            assert_eq!(
                (&account["token"], &account["sync"]["next_at"]),
                (&Value::Null, &Value::Null)
            );
        }
        assert_eq!(ours.account(&other).await["status"], "active");
        ours.photos_that(&feed, &key, has_photos).await;
    }
}

async fn a_replayed_callback_changes_nothing_more(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ours = vitrine.owner("ours").await;
    let account = ours.connects("vitrine.demo").await;
    let removed = overheard(&vitrine).await;
    send(&vitrine, DEAUTHORIZE, &removed).await;
    assert_eq!(ours.account(&account).await["status"], "needs_reconnect");
    let first = send(&vitrine, DELETION, &removed).await;
    is_done(&vitrine, &first).await;

    let account = ours.connects("vitrine.demo").await;
    send(&vitrine, DEAUTHORIZE, &removed).await;
    let again = send(&vitrine, DELETION, &removed).await;
    is_done(&vitrine, &again).await;

    assert_eq!(first, again);
    let account = ours.account(&account).await;
    assert_eq!(account["status"], "active");
    assert!(account["token"].is_object());
}

async fn a_person_is_deleted_from_every_tenant(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (ours, theirs) = (vitrine.owner("ours").await, vitrine.owner("theirs").await);
    let (account, other) = (
        ours.connects("vitrine.demo").await,
        ours.connects(&another(&vitrine)).await,
    );
    theirs.connects("vitrine.demo").await;
    let (feed, key) = (
        ours.default_feed().await,
        ours.makes_key("publishable", &[]).await,
    );
    let both = json!({"account_ids": [account, other]});
    ours.patch(&format!("/v1/feeds/{feed}"), &both).await.expect(200);
    ours.photos_that(&feed, &key, |feed| {
        shown(feed, "vitrine.demo") && shown(feed, "another.shop")
    })
    .await;
    let ids = ids_of(&ours, &account).await;

    let code = send(&vitrine, DELETION, &overheard(&vitrine).await).await;
    let page = is_done(&vitrine, &code).await;

    assert!(page.contains("2 accounts"), "{page}");
    ours.get(&format!("/v1/accounts/{account}")).await.problem(404);
    assert_eq!(theirs.get("/v1/accounts").await.expect(200)["data"], json!([]));
    assert_eq!(ours.account(&other).await["status"], "active");
    ours.photos_that(&feed, &key, |feed| {
        !shown(feed, "vitrine.demo") && shown(feed, "another.shop")
    })
    .await;
    let rows = rows_only(&vitrine.database_text().await);
    for id in ids.iter().map(String::as_str).chain(["vitrine.demo"]) {
        assert!(!rows.contains(id) && !page.contains(id), "{id} stayed");
        assert!(!vitrine.redis_text().await.contains(id), "{id} stayed in Redis");
    }
}

async fn a_deletion_that_was_killed_goes_on(engines: Engines) {
    let mut vitrine = Installation::start(engines).await;
    let owner = vitrine.owner("ada").await;
    let account = owner.connects("vitrine.demo").await;
    owner
        .account_that(&account, |account| !account["sync"]["last_at"].is_null())
        .await;
    let posts = many_posts(&vitrine).await;
    let code = send(&vitrine, DELETION, &overheard(&vitrine).await).await;

    // Looked at through one connection, often: the deletion is over in a second.
    let watching = database(&vitrine).await;
    let patience = Instant::now() + Duration::from_secs(30);
    while order_in(&watching).await.media_deleted == 0 {
        assert!(Instant::now() < patience, "it did not begin:\n{}", vitrine.log());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    vitrine.crash().await;
    let half = deletion(&vitrine).await;
    assert!(
        half.finished_at.is_none() && half.media_deleted < posts,
        "it was over too soon: {half:?}"
    );
    vitrine.advance(Duration::from_secs(40)).await;
    is_done(&vitrine, &code).await;

    let done = deletion(&vitrine).await;
    assert_eq!(
        (done.accounts_deleted, done.media_deleted, done.platform_user_id),
        (1, posts, None)
    );
    let left = media::Entity::across_tenants()
        .count(database(&vitrine).await.connection())
        .await;
    assert_eq!(left.unwrap(), 0);
}

async fn a_feed_that_gets_the_account_back_meanwhile_loses_it_again(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    many_posts(&vitrine).await;
    let code = send(&vitrine, DELETION, &overheard(&vitrine).await).await;
    owner.photos_that(&feed, &key, |feed| !has_photos(feed)).await;

    let (path, back) = (format!("/v1/feeds/{feed}"), json!({"account_ids": [account]}));
    while owner.patch(&path, &back).await.status == 200 {
        let photos = format!("{path}/photos");
        vitrine.program(Some(&key)).get(&photos).await.expect(200);
    }

    is_done(&vitrine, &code).await;
    owner.photos_that(&feed, &key, |feed| !has_photos(feed)).await;
    assert_eq!(owner.get(&path).await.expect(200)["account_ids"], json!([]));
}

async fn a_late_order_leaves_a_later_consent_alone(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let (mut ours, theirs) = (vitrine.owner("ours").await, vitrine.owner("theirs").await);
    let account = ours.connects("vitrine.demo").await;
    theirs.connects("vitrine.demo").await;
    let signed = overheard(&vitrine).await;
    vitrine.advance(Duration::from_mins(20)).await;
    ours.signs_in_again().await;
    assert_eq!(ours.connects("vitrine.demo").await, account);

    send(&vitrine, DEAUTHORIZE, &signed).await;

    let stays = ours.account(&account).await;
    assert_eq!(stays["status"], "active");
    assert!(stays["token"].is_object());
    let database = database(&vitrine).await;
    let left = account_token::Entity::across_tenants()
        .all(database.connection())
        .await
        .unwrap();
    assert_eq!(left.len(), 1, "the older consent stays: {left:?}");
    assert_eq!(left[0].account_id.0.to_string(), account);

    let code = send(&vitrine, DELETION, &signed).await;

    let page = is_over(&vitrine, &code).await;
    assert!(page.contains("some of your data stays"), "{page}");
    assert!(
        page.contains("Kept: 1 accounts") && page.contains("Deleted: 1 accounts"),
        "{page}"
    );
    let account = ours.account(&account).await;
    assert_eq!(account["status"], "active");
    assert!(account["token"].is_object());
}

/// On Postgres, where a step of the deletion can be held.
#[tokio::test]
async fn a_consent_that_comes_while_a_deletion_runs_stands() {
    let vitrine = Installation::start(Engines::Distributed).await;
    let (owner, account, feed, key) = connected(&vitrine).await;
    let held = Held::rows(&vitrine, "select 1 from media for update").await;
    let code = send(&vitrine, DELETION, &overheard(&vitrine).await).await;
    held.is_waited_for(1).await;

    let connected = owner.connects("vitrine.demo").boxed().shared();
    tokio::select! {
        () = held.is_waited_for(2) => {}
        _ = connected.clone() => {}
    }
    held.release().await;

    let page = is_over(&vitrine, &code).await;
    assert!(page.contains("Kept: 1 accounts"), "{page}");
    assert_eq!(connected.await, account);
    let stays = owner.account(&account).await;
    assert_eq!(stays["status"], "active");
    assert!(stays["token"].is_object());
    owner.photos_that(&feed, &key, has_photos).await;
}

async fn photos_stay_for_thirty_days_after_the_last_removal(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let mut owner = vitrine.owner("ada").await;
    let account = owner.connects("vitrine.demo").await;
    let (feed, key) = (
        owner.default_feed().await,
        owner.makes_key("publishable", &[]).await,
    );
    owner.photos_that(&feed, &key, has_photos).await;
    send(&vitrine, DEAUTHORIZE, &overheard(&vitrine).await).await;
    vitrine.advance(DAY).await;
    owner.signs_in_again().await;
    assert_eq!(owner.connects("vitrine.demo").await, account);
    vitrine.advance(28 * DAY).await;
    send(&vitrine, DEAUTHORIZE, &overheard(&vitrine).await).await;

    vitrine.advance(2 * DAY).await;
    removals_done(&vitrine, 1).await;

    owner.signs_in_again().await;
    assert_eq!(owner.account(&account).await["status_reason"], "app_removed");
    owner.photos_that(&feed, &key, has_photos).await;
    vitrine.advance(28 * DAY).await;
    removals_done(&vitrine, 2).await;
    owner.signs_in_again().await;
    owner.get(&format!("/v1/accounts/{account}")).await.problem(404);
}

async fn removals_done(vitrine: &Installation, wanted: u64) {
    let database = database(vitrine).await;
    let done = wait_until(Duration::from_secs(60), async || {
        let done = data_deletion::Entity::rows()
            .filter(data_deletion::Column::Reason.eq(data_deletion::DeletionReason::Deauthorized))
            .filter(data_deletion::Column::FinishedAt.is_not_null());
        done.count(database.connection()).await.unwrap() == wanted
    });
    assert!(done.await.is_ok(), "{}", vitrine.log());
}

async fn nobody_known_is_a_success(engines: Engines) {
    let vitrine = Installation::start(engines).await;

    let signed = overheard(&vitrine).await;
    let code = send(&vitrine, DELETION, &signed).await;
    send(&vitrine, DEAUTHORIZE, &signed).await;

    assert!(
        code.len() >= 16 && code.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        "{code}"
    );
    assert!(is_done(&vitrine, &code).await.contains("Nothing was stored here"));
    vitrine
        .get("/data-deletion/AAAAAAAAAAAAAAAAAAAA")
        .await
        .problem(404);
}

async fn unsigned_callbacks_are_refused(engines: Engines) {
    let vitrine = Installation::start(engines).await;
    let ours = vitrine.owner("ours").await;
    let account = ours.connects("vitrine.demo").await;
    for path in [DEAUTHORIZE, DELETION] {
        for variant in [CallbackVariant::BadSignature, CallbackVariant::Stale] {
            let callback = SignedCallback {
                variant,
                ..SignedCallback::new(at(&vitrine, path), "vitrine.demo")
            };
            let answers = vitrine.simulator.send_signed(&callback).await.unwrap();
            assert_eq!(
                code_of(&answers[0]),
                (400, "invalid_signed_request".to_owned()),
                "{variant:?}"
            );
        }
        for body in [
            "",
            "signed_request=",
            "signed_request=a.b.c",
            "other=1",
            "signed_request=%00",
        ] {
            let refused = vitrine.program(None).request(Method::POST, path).body(body);
            let refused = refused.header("content-type", "application/x-www-form-urlencoded");
            assert_eq!(refused.send().await.unwrap().status(), 400, "{body}");
        }
        let json = vitrine.program(None).request(Method::POST, path).json(&json!({}));
        assert_eq!(json.send().await.unwrap().status(), 415);
        let huge = vitrine
            .program(None)
            .request(Method::POST, path)
            .form(&[("signed_request", "a".repeat(20_000))]);
        assert_eq!(huge.send().await.unwrap().status(), 413);
    }
    assert_eq!(ours.account(&account).await["status"], "active");
}

async fn a_webhook_shakes_hands_and_brings_a_sync_forward(engines: Engines) {
    let plan = Plan::on(engines).with("VITRINE_INSTAGRAM__WEBHOOK_VERIFY_TOKEN", AGREED);
    let vitrine = Installation::start_as(plan).await;
    let mut owner = vitrine.owner("ada").await;
    let account = owner.connects("vitrine.demo").await;
    let synced = owner
        .account_that(&account, |account| !account["sync"]["last_at"].is_null())
        .await;
    let tell = async |event, variant| {
        let callback = WebhookCallback {
            url: at(&vitrine, WEBHOOK),
            account: "vitrine.demo".to_owned(),
            event,
            variant,
        };
        vitrine.simulator.send_webhook(&callback).await.unwrap().remove(0)
    };
    let shake = |token: &str| WebhookEvent::Handshake {
        verify_token: token.to_owned(),
    };
    let comment = || WebhookEvent::Comment {
        text: "Nice".to_owned(),
    };

    let shaken = tell(shake(AGREED), CallbackVariant::Valid).await;
    assert_eq!((shaken.status, shaken.body.as_str()), (200, "1158201444"));
    let wrong = tell(shake("another"), CallbackVariant::Valid).await;
    assert_eq!(code_of(&wrong), (403, "invalid_verify_token".to_owned()));
    let forged = tell(comment(), CallbackVariant::BadSignature).await;
    assert_eq!(code_of(&forged), (403, "invalid_signature".to_owned()));

    vitrine.advance(Duration::from_secs(20 * 60)).await;
    owner.signs_in_again().await;
    assert_eq!(
        owner.account(&account).await["sync"]["last_at"],
        synced["sync"]["last_at"]
    );
    let replayed = tell(comment(), CallbackVariant::Replay).await;
    assert_eq!(replayed.status, 200, "{replayed:?}");
    vitrine.advance(Duration::from_secs(20)).await;
    owner
        .account_that(&account, |account| {
            account["sync"]["last_at"] != synced["sync"]["last_at"]
        })
        .await;
}

fn at(vitrine: &Installation, path: &str) -> String {
    format!("{}{path}", vitrine.address)
}

fn code_of(answer: &CallbackAnswer) -> (u16, String) {
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    (
        answer.status,
        body["code"].as_str().unwrap_or_default().to_owned(),
    )
}

fn has_photos(feed: &Value) -> bool {
    !feed["data"].as_array().unwrap().is_empty()
}

fn shown(feed: &Value, username: &str) -> bool {
    let posts = feed["data"].as_array().unwrap();
    posts.iter().any(|post| post["username"] == username)
}

fn another(vitrine: &Installation) -> String {
    let new = NewAccount::named("another.shop").with_media(3);
    vitrine.simulator.add_account(new).unwrap();
    "another.shop".to_owned()
}

async fn ids_of(owner: &Owner<'_>, account: &str) -> Vec<String> {
    let account = owner.account(account).await;
    vec![account["platform_user_id"].as_str().unwrap().to_owned()]
}

/// A genuine signed request about vitrine.demo, as somebody on the way would have it.
async fn overheard(vitrine: &Installation) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut bytes = Vec::new();
        while !String::from_utf8_lossy(&bytes).contains("signed_request=") {
            let mut some = [0; 4096];
            let read = stream.read(&mut some).await.unwrap();
            assert!(read > 0, "nothing was sent");
            bytes.extend(&some[..read]);
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
            .await
            .unwrap();
        let text = String::from_utf8(bytes).unwrap();
        text.split_once("signed_request=").unwrap().1.to_owned()
    });
    let callback = SignedCallback::new(url, "vitrine.demo");
    vitrine.simulator.send_signed(&callback).await.unwrap();
    heard.await.unwrap()
}

/// Sends a signed request and gives the confirmation code, if there is one.
async fn send(vitrine: &Installation, path: &str, signed: &str) -> String {
    let sent = vitrine
        .program(None)
        .request(Method::POST, path)
        .form(&[("signed_request", signed)]);
    let answer = crate::support::Answer::of(sent.send().await.unwrap())
        .await
        .expect(200);
    let code = answer["confirmation_code"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    if !code.is_empty() {
        assert_eq!(answer["url"], format!("{}/data-deletion/{code}", vitrine.address));
    }
    code
}

/// Waits until the status page says that it was done, whatever stays, and gives the page.
async fn is_over(vitrine: &Installation, code: &str) -> String {
    let mut page = String::new();
    let done = wait_until(Duration::from_secs(60), async || {
        page = vitrine.get(&format!("/data-deletion/{code}")).await.text;
        page.contains("It was completed on")
    });
    let done = done.await;
    assert!(done.is_ok(), "{page}\n{}", vitrine.log());
    page
}

/// Waits until the status page says that all is gone, and gives the page.
async fn is_done(vitrine: &Installation, code: &str) -> String {
    let mut page = String::new();
    let done = wait_until(Duration::from_secs(60), async || {
        let answer = vitrine.get(&format!("/data-deletion/{code}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        page = answer.text;
        page.contains("Your data has been deleted")
    });
    let done = done.await;
    assert!(done.is_ok(), "{page}\n{}", vitrine.log());
    page
}

async fn deletion(vitrine: &Installation) -> data_deletion::Model {
    order_in(&database(vitrine).await).await
}

async fn order_in(database: &Database) -> data_deletion::Model {
    let rows = data_deletion::Entity::rows()
        .filter(data_deletion::Column::Reason.eq(data_deletion::DeletionReason::Requested));
    rows.one(database.connection()).await.unwrap().unwrap()
}

/// Adds posts to the one account until deleting them takes a while; gives how many there are.
async fn many_posts(vitrine: &Installation) -> i64 {
    let database = database(vitrine).await;
    let connection = database.connection();
    let model = media::Entity::across_tenants()
        .one(connection)
        .await
        .unwrap()
        .unwrap();
    for part in 0..80_u32 {
        let rows = (0..500_u32).map(|number| {
            let copy = media::Model {
                id: MediaId::generate(),
                platform_media_id: format!("{part}-{number}"),
                ..model.clone()
            };
            copy.into_active_model().reset_all()
        });
        media::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await
            .unwrap();
    }
    media::Entity::across_tenants()
        .count(connection)
        .await
        .unwrap()
        .try_into()
        .unwrap()
}

/// The rows alone: a file of SQLite keeps what was deleted until it is written over.
fn rows_only(dump: &str) -> String {
    let lines = dump
        .lines()
        .take_while(|line| !line.starts_with("SQLite format 3"));
    lines.collect::<Vec<_>>().join("\n")
}
