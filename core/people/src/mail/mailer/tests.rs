//! What becomes of emails, whatever happens on the way.

use super::{DeliveryStore, Mailer};
use crate::mail::{Email, Files, Outbox, Relay, Smtp, Transport};
use chrono::TimeDelta;
use lettre::message::Mailbox;
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use std::{sync::Arc, time::Duration};
use tempfile::TempDir;
use vitrine_base::{
    clock::TestClock,
    security::{KeyRing, MasterKey, Vault},
    testing::{Bed, WrongClock, on_both_engines},
};
use vitrine_entity::{InstallationOwned, OutboxId, Time, UserId, outbox};
use vitrine_test_support::{MailServer, Manner};

on_both_engines!(
    a_letter_is_sent_once_and_then_forgotten,
    a_letter_of_a_change_that_failed_is_not_sent,
    two_mailrooms_share_no_letter,
    a_letter_is_tried_again_after_a_while_and_not_for_ever,
    a_clock_that_is_ahead_gives_no_letter_up,
    a_refused_recipient_is_not_asked_for_again,
    a_letter_in_doubt_is_not_sent_again,
    whoever_died_before_the_last_step_has_sent_nothing,
    a_file_that_was_delivered_by_the_dead_is_not_delivered_again,
    a_letter_under_another_key_is_given_up,
    old_letters_are_forgotten,
    a_file_lives_as_long_as_its_row,
);

const FIRST_RETRY: Duration = Duration::from_secs(2);

fn vault(byte: u8) -> Vault {
    let master = MasterKey::from_bytes([byte; 32]);
    Vault::new(&KeyRing::from_master_key(&master, Arc::new(TestClock::new())))
}

fn email() -> Email {
    Email::ResetPassword {
        to: "ada@example.com".to_owned(),
        name: "Ada".to_owned(),
        link: "https://vitrine.example/reset-password#token=sesame".to_owned(),
    }
}

async fn put(bed: &Bed) -> outbox::Model {
    let outbox = Outbox::new(&vault(7));
    outbox
        .put(bed.database.connection(), UserId::generate(), &email(), bed.now())
        .await
        .unwrap();
    row(bed).await
}

async fn row(bed: &Bed) -> outbox::Model {
    outbox::Entity::rows()
        .one(bed.database.connection())
        .await
        .unwrap()
        .unwrap()
}

fn mailer(bed: &Bed, transport: Transport) -> Mailer {
    keeping(bed, transport, Files::in_directory("/nowhere".into()))
}

fn keeping(bed: &Bed, transport: Transport, files: Files) -> Mailer {
    let from: Mailbox = "Vitrine <photos@example.com>".parse().unwrap();
    let clock = Arc::new(bed.clock.clone());
    Mailer::new(
        bed.database.clone(),
        clock,
        &vault(7),
        transport,
        files,
        from,
        FIRST_RETRY,
    )
}

fn over_smtp(bed: &Bed, server: &MailServer) -> Mailer {
    let relay = Relay::read(&server.url, "vitrine.example".to_owned()).unwrap();
    mailer(bed, Transport::Smtp(Smtp::new(relay).unwrap()))
}

fn as_files(bed: &Bed, directory: &TempDir) -> Mailer {
    let files = Files::in_directory(directory.path().join("outbox"));
    keeping(bed, Transport::Files(files.clone()), files)
}

fn files(directory: &TempDir) -> Vec<String> {
    let found = std::fs::read_dir(directory.path().join("outbox")).unwrap();
    found
        .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
        .collect()
}

async fn mark(bed: &Bed, column: outbox::Column, moment: Time) {
    outbox::Entity::update_rows()
        .col_expr(column, Expr::value(moment))
        .exec(bed.database.connection())
        .await
        .unwrap();
}

async fn a_letter_is_sent_once_and_then_forgotten(bed: Bed) {
    let server = MailServer::start().await.unwrap();
    let mailer = over_smtp(&bed, &server);
    let waiting = put(&bed).await;
    assert!(!waiting.payload.to_string().contains("sesame"));

    for _ in 0..3 {
        mailer.round().await.unwrap();
        bed.clock.advance(Duration::from_mins(10));
    }

    let letters = server.letters();
    assert_eq!((letters.len(), server.conversations()), (1, 1));
    assert!(
        letters[0].contains(&format!("Message-ID: <{}@example.com>", waiting.id)),
        "{}",
        letters[0]
    );
    assert!(
        letters[0].contains("To: ada@example.com") && letters[0].contains("token=3Dsesame"),
        "{}",
        letters[0]
    );
    let sent = row(&bed).await;
    assert!(sent.sent_at.is_some() && sent.next_attempt_at.is_none());
    assert_eq!(sent.payload, serde_json::json!({}));
}

async fn a_letter_of_a_change_that_failed_is_not_sent(bed: Bed) {
    let directory = tempfile::tempdir().unwrap();
    let transaction = bed.database.begin_write().await.unwrap();
    Outbox::new(&vault(7))
        .put(&transaction, UserId::generate(), &email(), bed.now())
        .await
        .unwrap();
    transaction.rollback().await.unwrap();

    assert_eq!(as_files(&bed, &directory).round().await.unwrap().taken, 0);
}

async fn two_mailrooms_share_no_letter(bed: Bed) {
    let directory = tempfile::tempdir().unwrap();
    for _ in 0..20 {
        put(&bed).await;
    }
    let (one, other) = (as_files(&bed, &directory), as_files(&bed, &directory));

    let mut taken = 0;
    for _ in 0..4 {
        let (first, second) = tokio::join!(one.round(), other.round());
        taken += first.unwrap().taken + second.unwrap().taken;
    }

    assert_eq!((taken, files(&directory).len()), (20, 20));
}

async fn a_letter_is_tried_again_after_a_while_and_not_for_ever(bed: Bed) {
    let server = MailServer::start().await.unwrap();
    server.will(&[Manner::RefusesRecipient(450), Manner::RefusesLetter(451)]);
    let mailer = over_smtp(&bed, &server);
    put(&bed).await;

    mailer.round().await.unwrap();
    assert_eq!(mailer.round().await.unwrap().taken, 0, "it did not wait");
    let waiting = row(&bed).await;
    assert_eq!(waiting.trouble.as_deref(), Some("the mail server answered 450"));
    bed.clock.advance(FIRST_RETRY * 2);
    mailer.round().await.unwrap();
    assert_eq!(row(&bed).await.handed_over_at, None);
    bed.clock.advance(FIRST_RETRY * 4);
    mailer.round().await.unwrap();
    assert_eq!((server.letters().len(), row(&bed).await.attempts), (1, 3));

    bed.execute("delete from outbox", vec![]).await;
    put(&bed).await;
    server.will(&[Manner::RefusesRecipient(450)]);
    mailer.round().await.unwrap();
    bed.clock.advance(Duration::from_mins(61));
    mailer.round().await.unwrap();
    let ended = row(&bed).await;
    assert!(
        ended.gave_up_at.is_some() && ended.next_attempt_at.is_none(),
        "{ended:?}"
    );
    assert_eq!(
        ended.trouble.as_deref(),
        Some("too late: the mail server answered 450")
    );
    assert_eq!(server.letters().len(), 1);
}

async fn a_clock_that_is_ahead_gives_no_letter_up(bed: Bed) {
    let directory = tempfile::tempdir().unwrap();
    let right = vitrine_base::database::SafeTime::new(bed.database.clone(), Arc::new(bed.clock.clone()));
    right.now().await.unwrap();
    for tries in [0, 3] {
        bed.execute("delete from outbox", vec![]).await;
        put(&bed).await;
        bed.execute("update outbox set attempts = $1", vec![tries.into()])
            .await;
        let mut mailer = as_files(&bed, &directory);
        mailer.clock = Arc::new(WrongClock::ahead_by(TimeDelta::days(4)));
        mailer.deliveries = DeliveryStore::new(bed.database.clone(), mailer.clock.clone());

        mailer.round().await.unwrap();

        let ended = row(&bed).await;
        assert!(ended.sent_at.is_some(), "{tries} {ended:?}");
    }
}

async fn a_refused_recipient_is_not_asked_for_again(bed: Bed) {
    let server = MailServer::start().await.unwrap();
    server.will(&[Manner::RefusesRecipient(550)]);
    let mailer = over_smtp(&bed, &server);
    put(&bed).await;

    for _ in 0..2 {
        mailer.round().await.unwrap();
        bed.clock.advance(Duration::from_mins(10));
    }

    assert_eq!(server.conversations(), 1);
    assert_eq!(
        row(&bed).await.trouble.as_deref(),
        Some("never: the mail server answered 550")
    );
}

async fn a_letter_in_doubt_is_not_sent_again(bed: Bed) {
    let server = MailServer::start().await.unwrap();
    server.will(&[Manner::TakesInSilence]);
    let mailer = over_smtp(&bed, &server);
    put(&bed).await;

    for _ in 0..3 {
        mailer.round().await.unwrap();
        bed.clock.advance(Duration::from_mins(10));
    }

    assert_eq!((server.letters().len(), server.conversations()), (1, 1));
    let ended = row(&bed).await;
    assert!(ended.gave_up_at.is_some() && ended.trouble.unwrap().starts_with("in doubt"));
}

async fn whoever_died_before_the_last_step_has_sent_nothing(bed: Bed) {
    let server = MailServer::start().await.unwrap();
    put(&bed).await;
    let claimed = over_smtp(&bed, &server)
        .deliveries
        .claim("mail", 8)
        .await
        .unwrap();
    assert_eq!(claimed.len(), 1);
    let mailer = over_smtp(&bed, &server);

    assert_eq!(mailer.round().await.unwrap().taken, 0, "the lease holds");
    bed.clock.advance(Duration::from_secs(61));
    mailer.round().await.unwrap();

    assert_eq!(server.letters().len(), 1);
    assert!(
        !mailer.deliveries.hand_over(&claimed[0]).await.unwrap(),
        "the dead one came back"
    );
}

async fn a_file_that_was_delivered_by_the_dead_is_not_delivered_again(bed: Bed) {
    let directory = tempfile::tempdir().unwrap();
    let mailer = as_files(&bed, &directory);
    let waiting = put(&bed).await;
    mailer.round().await.unwrap();
    // As it was when the process died between the last step and its note of it.
    let payload = Expr::value(waiting.payload.clone());
    outbox::Entity::update_rows()
        .col_expr(outbox::Column::Payload, payload)
        .col_expr(outbox::Column::SentAt, Expr::value(Option::<Time>::None))
        .filter(outbox::Column::Id.eq(waiting.id))
        .exec(bed.database.connection())
        .await
        .unwrap();
    mark(&bed, outbox::Column::NextAttemptAt, bed.now()).await;
    let path = directory
        .path()
        .join("outbox")
        .join(format!("{}.eml", waiting.id));
    std::fs::write(&path, "as it was").unwrap();

    mailer.round().await.unwrap();

    assert!(row(&bed).await.sent_at.is_some());
    assert_eq!(files(&directory), ["as it was"]);
}

async fn a_letter_under_another_key_is_given_up(bed: Bed) {
    let directory = tempfile::tempdir().unwrap();
    let other = Outbox::new(&vault(8));
    other
        .put(bed.database.connection(), UserId::generate(), &email(), bed.now())
        .await
        .unwrap();

    as_files(&bed, &directory).round().await.unwrap();

    assert!(row(&bed).await.gave_up_at.is_some());
}

async fn old_letters_are_forgotten(bed: Bed) {
    let directory = tempfile::tempdir().unwrap();
    let mailer = as_files(&bed, &directory);
    put(&bed).await;
    mailer.round().await.unwrap();
    let keep = Duration::from_hours(24);

    assert_eq!(mailer.prune(keep, 10).await.unwrap(), 0);
    bed.clock.advance(keep * 2);
    put(&bed).await;

    assert_eq!(mailer.prune(keep, 10).await.unwrap(), 1);
    assert!(row(&bed).await.next_attempt_at.is_some());
}

async fn a_file_lives_as_long_as_its_row(bed: Bed) {
    let directory = tempfile::tempdir().unwrap();
    let outbox = directory.path().join("outbox");
    let mailer = as_files(&bed, &directory);
    let stays = put(&bed).await;
    mailer.round().await.unwrap();
    let (gone, draft) = (OutboxId::generate(), OutboxId::generate());
    for name in [
        format!("{gone}.eml"),
        format!(".{draft}.123"),
        "notes.eml".to_owned(),
    ] {
        std::fs::write(outbox.join(name), "somebody's letter").unwrap();
    }

    assert_eq!(mailer.delete_orphans().await.unwrap(), 2);

    let mut left: Vec<String> = std::fs::read_dir(&outbox)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort_unstable();
    assert_eq!(left, [format!("{}.eml", stays.id), "notes.eml".to_owned()]);
    outbox::Entity::delete_row(stays.id)
        .exec(bed.database.connection())
        .await
        .unwrap();
    assert_eq!(mailer.delete_orphans().await.unwrap(), 1);
    assert_eq!(mailer.delete_orphans().await.unwrap(), 0);
}
