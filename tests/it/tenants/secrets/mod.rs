//! No secret is in anything that is written: not at the loudest log level, not in a table, not in Redis, not in a
//! file beside the letters, not in the metrics, not in an export, and not in what a command says.

mod accounts;
mod callbacks;
mod found;
mod keys;
mod master_key;
mod people;

use crate::support::{Engines, Installation, MASTER_KEY, Owner, Plan, database, on_both_pairs};
use base64::{Engine, prelude::BASE64_STANDARD};
use found::Secrets;
use sea_orm::ConnectionTrait;
use std::{collections::BTreeMap, path::Path};

on_both_pairs!(nothing_that_is_written_holds_a_secret);

const VERIFY_TOKEN: &str = "verify-me-5ef0a1";
const META_SECRET: &str = "meta-app-secret-77c1d2e3";

async fn nothing_that_is_written_holds_a_secret(engines: Engines) {
    let plan = Plan::on(engines)
        .with("VITRINE_LOG", "trace")
        .with("VITRINE_INSTAGRAM__WEBHOOK_VERIFY_TOKEN", VERIFY_TOKEN)
        .with("VITRINE_INSTAGRAM__META_APP_SECRET", META_SECRET);
    let vitrine = Installation::start_as(plan).await;
    let mut secrets = configured(&vitrine);

    let owner = people::sessions(&vitrine, &mut secrets).await;
    people::letters_and_codes(&vitrine, &mut secrets).await;
    people::invitation(&owner, &mut secrets).await;
    let account = accounts::connections(&vitrine, &owner, &mut secrets).await;
    keys::keys(&vitrine, &mut secrets).await;
    callbacks::callbacks(&vitrine, &mut secrets).await;
    accounts::platform_tokens(&vitrine, &mut secrets).await;
    people::links(&vitrine, &mut secrets);
    let owner = Owner::signs_in(&vitrine, &owner.email).await;
    assert_eq!(owner.account(&account).await["status"], "active");
    let export = accounts::export(&owner, &mut secrets).await;
    let said = master_key::changed(&vitrine, &mut secrets).await;
    assert_eq!(owner.syncs(&account).await["status"], "succeeded");

    for (what, least) in [
        ("link", 5),
        ("recovery code", 40),
        ("cookie", 2),
        ("key", 2),
        ("secret key", 1),
    ] {
        assert!(secrets.count(what) >= least, "{}", what);
    }
    let told = [("export", export), ("command", said)];
    let mut places = everything(&vitrine).await;
    for (place, text) in places
        .iter()
        .map(|(place, text)| (*place, text))
        .chain(told.iter().map(|(place, text)| (*place, text)))
    {
        assert!(
            text.len() > 100 || ["Redis", "files"].contains(&place),
            "{place} is empty"
        );
        let mut found = secrets.found_in(text);
        // An export is itself what is searched for elsewhere.
        found.retain(|name| !(place == "export" && name.starts_with("export")));
        assert!(found.is_empty(), "{found:?} in {place}");
    }
    plant(&vitrine, &secrets).await;
    places = everything(&vitrine).await;
    let mut holding = vec!["database", "files"];
    holding.extend((engines == Engines::Distributed).then_some("Redis"));
    for place in holding {
        assert!(
            !secrets.found_in(&places[place]).is_empty(),
            "a planted secret was not found in {place}"
        );
    }
}

fn configured(vitrine: &Installation) -> Secrets {
    let mut secrets = Secrets::default();
    secrets.add("master key as it is set", MASTER_KEY);
    secrets.add("master key", BASE64_STANDARD.decode(MASTER_KEY).unwrap());
    secrets.add("app secret", &vitrine.simulator.settings().client_secret);
    secrets.add("verify token", VERIFY_TOKEN);
    secrets.add("Meta app secret", META_SECRET);
    secrets
}

async fn everything(vitrine: &Installation) -> BTreeMap<&'static str, String> {
    let metrics = format!(
        "http://{}/metrics",
        vitrine.setting("VITRINE_SERVER__METRICS_LISTEN")
    );
    let metrics = vitrine.http.get(metrics).send().await.unwrap();
    let mut files = String::new();
    read_files(&vitrine.directory.path().join("data"), &mut files);
    BTreeMap::from([
        ("output", vitrine.log() + &vitrine.printed()),
        ("database", vitrine.database_text().await),
        ("Redis", vitrine.redis_text().await),
        ("metrics", metrics.text().await.unwrap()),
        ("files", files),
    ])
}

/// All files that an installation keeps byte by byte, except for letters: those hold links by design.
fn read_files(directory: &Path, text: &mut String) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("outbox") {
            read_files(&path, text);
        } else if path.is_file() {
            // Somebody may remove it between the two looks.
            let bytes = std::fs::read(&path).unwrap_or_default();
            text.extend(bytes.into_iter().map(char::from));
            text.push('\n');
        }
    }
}

/// Puts a secret where none may be, to see that it would be found.
async fn plant(vitrine: &Installation, secrets: &Secrets) {
    let planted = format!("before {} after", secrets.any());
    std::fs::write(vitrine.directory.path().join("data/planted"), &planted).unwrap();
    let database = database(vitrine).await;
    let insert = format!("insert into installation (name, value) values ('planted', '{planted}')");
    database.connection().execute_unprepared(&insert).await.unwrap();
    if let Some((_, url)) = vitrine
        .settings
        .iter()
        .find(|(name, _)| name == "VITRINE_REDIS__URL")
    {
        let client = redis::Client::open(url.as_str()).unwrap();
        let mut connection = client.get_multiplexed_async_connection().await.unwrap();
        let mut written = redis::cmd("SET");
        written.arg("planted").arg(planted);
        written.exec_async(&mut connection).await.unwrap();
    }
}
