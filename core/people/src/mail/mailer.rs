//! Sends what waits in the outbox.

use super::{
    Files, Letter, Outbox, Transport, Undelivered,
    delivery_state::{Ending, Ledger},
    envelope::{Unaddressable, enclose},
    orphaned_files::delete_orphans,
    outbox::MAIL,
};
use futures::future::join_all;
use lettre::message::Mailbox;
use sea_orm::{ColumnTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use std::time::Duration;
use vitrine_base::{
    clock::{SharedClock, later},
    database::Database,
    security::Vault,
};
use vitrine_entity::outbox;

/// Letters that one process has under way at once.
const AT_ONCE: u64 = 8;
/// Longest wait between two tries.
const LONGEST_WAIT: Duration = Duration::from_mins(15);

/// Sends letters; any number of processes may do so at once.
///
/// A letter is tried again until it was taken or is not worth it any more, and is never sent twice on purpose:
/// the last step of a try is marked in the database before it is taken, under the lease of the try. Who dies
/// before the mark has sent nothing. Who dies after it, or loses the answer, leaves a letter that files can be
/// asked about, and a mail server cannot: over SMTP such a letter is given up as in doubt, so what remains is
/// that it is lost if the server had not taken it. The mark stands for the few milliseconds between the end
/// of the letter and the server's answer. Every try has the same Message-ID.
#[derive(Clone)]
pub struct Mailroom {
    database: Database,
    clock: SharedClock,
    outbox: Outbox,
    transport: Transport,
    kept: Files,
    from: Mailbox,
    ledger: Ledger,
    first_retry: Duration,
}

/// What a round did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Round {
    /// Letters that were looked at.
    pub taken: usize,
    /// Whether more may be due.
    pub more: bool,
}

impl Mailroom {
    /// Letters leave by this transport, from this sender; the wait after a failed try doubles from `first_retry`. Those
    /// that are kept as files, also from before there was a mail server, are in `kept`.
    #[must_use]
    pub fn new(
        database: Database,
        clock: SharedClock,
        vault: &Vault,
        transport: Transport,
        kept: Files,
        from: Mailbox,
        first_retry: Duration,
    ) -> Self {
        Self {
            ledger: Ledger::new(database.clone(), clock.clone()),
            database,
            clock,
            outbox: Outbox::new(vault),
            transport,
            kept,
            from,
            first_retry,
        }
    }

    /// Sends some of what is due.
    ///
    /// # Errors
    /// When the database fails. What then is under way is found again when its lease has lapsed.
    pub async fn round(&self) -> Result<Round, DbErr> {
        if !self.is_anything_due().await? {
            return Ok(Round::default());
        }
        let rows = self.ledger.claim(MAIL, AT_ONCE).await?;
        let taken = rows.len();
        for settled in join_all(rows.into_iter().map(|row| self.send(row))).await {
            settled?;
        }
        Ok(Round {
            taken,
            more: taken as u64 == AT_ONCE,
        })
    }

    /// Forgets letters that ended longer ago than `keep`, some of them; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn prune(&self, keep: Duration, most: u64) -> Result<u64, DbErr> {
        self.ledger.prune(MAIL, keep, most).await
    }

    /// Deletes letters that were kept as files and whose rows are gone; gives how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn delete_orphans(&self) -> Result<usize, DbErr> {
        delete_orphans(&self.database, &self.kept).await
    }

    /// A look costs an embedded database less than a claim that finds nothing.
    async fn is_anything_due(&self) -> Result<bool, DbErr> {
        let due = outbox::Entity::find()
            .select_only()
            .column(outbox::Column::Id)
            .filter(outbox::Column::NextAttemptAt.lte(self.clock.now()))
            .filter(outbox::Column::Kind.eq(MAIL))
            .limit(1)
            .into_tuple::<vitrine_entity::OutboxId>();
        Ok(due.one(self.database.connection()).await?.is_some())
    }

    async fn send(&self, row: outbox::Model) -> Result<(), DbErr> {
        let letter = self.outbox.read(&row).ok();
        let name = letter.as_ref().map_or("unreadable", Letter::name);
        let ending = match letter {
            None => Ending::GaveUp("it was sealed under another key".to_owned()),
            Some(letter) => self.follow(&row, &letter).await?,
        };
        tell(&row, name, &ending);
        self.ledger.settle(&row, &ending).await
    }

    async fn follow(&self, row: &outbox::Model, letter: &Letter) -> Result<Ending, DbErr> {
        if row.handed_over_at.is_some() {
            match self.transport.was_delivered(row.id).await {
                Some(true) => return Ok(Ending::Sent),
                Some(false) => {}
                None => {
                    return Ok(Ending::GaveUp(
                        "in doubt: the process that sent it died".to_owned(),
                    ));
                }
            }
        }
        if row.attempts > 1 && self.is_too_late(row, letter).await? {
            return Ok(Ending::GaveUp(format!(
                "too late: {}",
                row.trouble.as_deref().unwrap_or("no try succeeded in time")
            )));
        }
        Ok(match self.deliver(row, letter).await? {
            Ok(true) => Ending::Sent,
            Ok(false) => Ending::Lost,
            Err(Undelivered::NotNow(trouble)) => Ending::Again {
                at: later(self.clock.now(), self.wait(row.attempts)),
                trouble,
            },
            Err(error @ (Undelivered::Never(_) | Undelivered::InDoubt(_))) => {
                Ending::GaveUp(error.to_string())
            }
        })
    }

    /// A letter that was given up cannot be brought back, so a clock that is ahead does not decide.
    async fn is_too_late(&self, row: &outbox::Model, letter: &Letter) -> Result<bool, DbErr> {
        let now = self.ledger.safe_time.now().await?;
        Ok(now > later(row.created_at, letter.worth_trying()))
    }

    /// False when the lease was lost on the way, with nothing sent.
    async fn deliver(
        &self,
        row: &outbox::Model,
        letter: &Letter,
    ) -> Result<Result<bool, Undelivered>, DbErr> {
        let message = match enclose(row.id, letter, &self.from, row.created_at) {
            Ok(message) => message,
            Err(error @ Unaddressable) => return Ok(Err(Undelivered::Never(error.to_string()))),
        };
        let ready = match self.transport.prepare(row.id, &message).await {
            Ok(ready) => ready,
            Err(error) => return Ok(Err(error)),
        };
        if !self.ledger.hand_over(row).await? {
            return Ok(Ok(false));
        }
        Ok(ready.deliver().await.map(|()| true))
    }

    fn wait(&self, attempts: i32) -> Duration {
        let doublings = attempts.saturating_sub(1).clamp(0, 16).cast_unsigned();
        let wait = self.first_retry.saturating_mul(1 << doublings).min(LONGEST_WAIT);
        wait.mul_f64(0.75 + 0.5 * rand::random::<f64>())
    }
}

fn tell(row: &outbox::Model, letter: &'static str, ending: &Ending) {
    let outcome = ending.name();
    metrics::counter!("vitrine_letters_total", "letter" => letter, "outcome" => outcome).increment(1);
    match ending {
        Ending::Sent => tracing::info!(outbox.id = %row.id, letter, "an email was sent"),
        Ending::Lost => {
            tracing::warn!(outbox.id = %row.id, letter, "an email was taken over by another process")
        }
        Ending::Again { trouble, .. } => {
            tracing::warn!(outbox.id = %row.id, letter, trouble, attempts = row.attempts, "an email will be tried again later");
        }
        Ending::GaveUp(trouble) => {
            tracing::error!(outbox.id = %row.id, letter, trouble, attempts = row.attempts, "an email was given up");
        }
    }
}

#[cfg(test)]
mod tests;
