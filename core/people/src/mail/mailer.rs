//! Sends what waits in the outbox.

use super::{
    DeliveryError, Email, Files, Outbox, Transport,
    delivery_state::{DeliveryOutcome, DeliveryStore},
    envelope::{Unaddressable, build_message},
    orphaned_files::delete_orphans,
    outbox::MAIL,
    retry::{backoff, max_age},
};
use futures::future::join_all;
use lettre::message::Mailbox;
use sea_orm::DbErr;
use std::time::Duration;
use vitrine_base::{
    background::leased_work::Backoff,
    clock::{SharedClock, later},
    database::Database,
    security::Vault,
};
use vitrine_entity::outbox;

/// Emails that one process has under way at once.
const AT_ONCE: u64 = 8;

/// Sends emails; any number of processes may do so at once.
///
/// An email is tried again until it was taken or is not worth it any more, and is never sent twice on purpose:
/// the last step of a try is marked in the database before it is taken, under the lease of the try. Who dies
/// before the mark has sent nothing. Who dies after it, or loses the answer, leaves an email that files can be
/// asked about, and a mail server cannot: over SMTP such an email is given up as in doubt, so what remains is
/// that it is lost if the server had not taken it. The mark stands for the few milliseconds between the end
/// of the email and the server's answer. Every try has the same Message-ID.
#[derive(Clone)]
pub struct Mailer {
    database: Database,
    clock: SharedClock,
    outbox: Outbox,
    transport: Transport,
    files: Files,
    from: Mailbox,
    deliveries: DeliveryStore,
    backoff: Backoff,
}

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Emails that were looked at.
    pub taken: usize,
    /// Whether more may be due.
    pub more: bool,
}

impl Mailer {
    /// Emails leave by this transport, from this sender; the wait after a failed try doubles from `first_retry`. Those
    /// that are kept as files, also from before there was a mail server, are in `files`.
    #[must_use]
    pub fn new(
        database: Database,
        clock: SharedClock,
        vault: &Vault,
        transport: Transport,
        files: Files,
        from: Mailbox,
        first_retry: Duration,
    ) -> Self {
        Self {
            deliveries: DeliveryStore::new(database.clone(), clock.clone()),
            database,
            clock,
            outbox: Outbox::new(vault),
            transport,
            files,
            from,
            backoff: backoff(first_retry),
        }
    }

    /// Sends some of what is due.
    ///
    /// # Errors
    /// When the database fails. What then is under way is found again when its lease has lapsed.
    pub async fn round(&self) -> Result<Round, DbErr> {
        if !self.deliveries.is_any_due(MAIL).await? {
            return Ok(Round::default());
        }
        let rows = self.deliveries.claim(MAIL, AT_ONCE).await?;
        let taken = rows.len();
        for settled in join_all(rows.into_iter().map(|row| self.send(row))).await {
            settled?;
        }
        Ok(Round {
            taken,
            more: taken as u64 == AT_ONCE,
        })
    }

    /// Forgets emails that ended longer ago than `keep`, some of them; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, keep: Duration, most: u64) -> Result<u64, DbErr> {
        self.deliveries.prune(MAIL, keep, most).await
    }

    /// Deletes emails that were kept as files and whose rows are gone; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_orphans(&self) -> Result<usize, DbErr> {
        delete_orphans(&self.database, &self.files).await
    }

    async fn send(&self, row: outbox::Model) -> Result<(), DbErr> {
        let email = self.outbox.read(&row).ok();
        let name = email.as_ref().map_or("unreadable", Email::name);
        let ending = match email {
            None => DeliveryOutcome::GaveUp("it was sealed under another key".to_owned()),
            Some(email) => self.follow(&row, &email).await?,
        };
        log_outcome(&row, name, &ending);
        self.deliveries.settle(&row, &ending).await
    }

    async fn follow(&self, row: &outbox::Model, email: &Email) -> Result<DeliveryOutcome, DbErr> {
        if row.handed_over_at.is_some() {
            match self.transport.was_delivered(row.id).await {
                Some(true) => return Ok(DeliveryOutcome::Sent),
                Some(false) => {}
                None => {
                    return Ok(DeliveryOutcome::GaveUp(
                        "in doubt: the process that sent it died".to_owned(),
                    ));
                }
            }
        }
        if row.attempts > 1 && self.is_too_late(row, email).await? {
            return Ok(DeliveryOutcome::GaveUp(format!(
                "too late: {}",
                row.trouble.as_deref().unwrap_or("no try succeeded in time")
            )));
        }
        Ok(match self.deliver(row, email).await? {
            Ok(true) => DeliveryOutcome::Sent,
            Ok(false) => DeliveryOutcome::Lost,
            Err(DeliveryError::NotNow(trouble)) => DeliveryOutcome::Again {
                at: later(
                    self.clock.now(),
                    self.backoff.after(row.attempts.max(1).cast_unsigned()),
                ),
                trouble,
            },
            Err(error @ (DeliveryError::Never(_) | DeliveryError::InDoubt(_))) => {
                DeliveryOutcome::GaveUp(error.to_string())
            }
        })
    }

    /// An email that was given up cannot be brought back, so a clock that is ahead does not decide.
    async fn is_too_late(&self, row: &outbox::Model, email: &Email) -> Result<bool, DbErr> {
        let now = self.deliveries.safe_time.now().await?;
        Ok(now > later(row.created_at, max_age(email)))
    }

    /// False when the lease was lost on the way, with nothing sent.
    async fn deliver(
        &self,
        row: &outbox::Model,
        email: &Email,
    ) -> Result<Result<bool, DeliveryError>, DbErr> {
        let message = match build_message(row.id, email, &self.from, row.created_at) {
            Ok(message) => message,
            Err(error @ Unaddressable) => return Ok(Err(DeliveryError::Never(error.to_string()))),
        };
        let ready = match self.transport.prepare(row.id, &message).await {
            Ok(ready) => ready,
            Err(error) => return Ok(Err(error)),
        };
        if !self.deliveries.hand_over(row).await? {
            return Ok(Ok(false));
        }
        Ok(ready.deliver().await.map(|()| true))
    }
}

fn log_outcome(row: &outbox::Model, kind: &'static str, ending: &DeliveryOutcome) {
    let outcome = ending.name();
    metrics::counter!("vitrine_letters_total", "letter" => kind, "outcome" => outcome).increment(1);
    match ending {
        DeliveryOutcome::Sent => tracing::info!(outbox.id = %row.id, letter = kind, "an email was sent"),
        DeliveryOutcome::Lost => {
            tracing::warn!(outbox.id = %row.id, letter = kind, "an email was taken over by another process")
        }
        DeliveryOutcome::Again { trouble, .. } => {
            tracing::warn!(outbox.id = %row.id, letter = kind, trouble, attempts = row.attempts, "an email will be tried again later");
        }
        DeliveryOutcome::GaveUp(trouble) => {
            tracing::error!(outbox.id = %row.id, letter = kind, trouble, attempts = row.attempts, "an email was given up");
        }
    }
}

#[cfg(test)]
mod tests;
