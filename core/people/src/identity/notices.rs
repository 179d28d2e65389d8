//! What people are notified of about their own account.

use crate::mail::{Email, Notice, Outbox, may_be_notified};
use sea_orm::{ConnectionTrait, DbErr};
use vitrine_base::clock::SharedClock;
use vitrine_entity::user;

/// Tells people what happened to their account.
#[derive(Clone)]
pub(super) struct SecurityNotices {
    clock: SharedClock,
    outbox: Outbox,
}

impl SecurityNotices {
    /// The service over its parts.
    pub(super) fn new(clock: SharedClock, outbox: Outbox) -> Self {
        Self { clock, outbox }
    }

    /// Notifies a person of what happened, in the transaction in which it does, unless they were notified too often.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn send(
        &self,
        connection: &impl ConnectionTrait,
        user: &user::Model,
        notice: Notice,
    ) -> Result<(), DbErr> {
        let now = self.clock.now();
        if !may_be_notified(connection, user, now).await? {
            return Ok(());
        }
        let message = Email::SecurityNotice {
            to: user.email.clone(),
            name: user.name.clone(),
            notice,
            at: now,
        };
        self.outbox.put(connection, user.id, &message, now).await
    }
}
