//! Attempts to prove who somebody is: counted before they are judged, and taken back unless they were wrong guesses.
//! What else somebody may do only so often is counted here, too.

use super::{Attempt, AttemptCounter, ChosenBy, Throttle, known_networks::was_used};
use crate::identity::{
    ClientInfo, IdentityError,
    client_info::{KNOWN_FOR, Networks},
};
use sea_orm::DbErr;
use std::num::NonZeroU32;
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::UserId;

/// Counts what people attempt, by network, by person and by the address that they name.
#[derive(Clone)]
pub(in crate::identity) struct Attempts {
    database: Database,
    clock: SharedClock,
    networks: Networks,
    throttle: Throttle,
}

impl Attempts {
    /// The service over its parts.
    pub(in crate::identity) fn new(
        database: Database,
        clock: SharedClock,
        networks: Networks,
        counter: AttemptCounter,
    ) -> Self {
        Self {
            database,
            clock,
            networks,
            throttle: Throttle::new(counter),
        }
    }

    /// Has an attempt judged as the person of an address, if it may be made. Every proof of who somebody is goes
    /// through here.
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`], with nothing judged, by the rule in `throttle`; else what `judging` says.
    pub(in crate::identity) async fn judge<T>(
        &self,
        email: &str,
        user: Option<UserId>,
        client: &ClientInfo,
        judging: impl Future<Output = Result<T, IdentityError>>,
    ) -> Result<T, IdentityError> {
        let counting = async {
            let wanted = self.wanted(email, user, client).await?;
            let counted = self.throttle.begin(&wanted, self.clock.now()).await?;
            let judged = judging.await;
            if !judged.as_ref().is_err_and(is_failed_attempt) {
                self.throttle.refund(counted).await;
            }
            judged
        };
        counting.await.inspect_err(|error| log_failure(error, user))
    }

    /// Counts a registration, where the network is known that it comes from.
    ///
    /// # Errors
    /// [`IdentityError::TooManyRegistrations`] when there were `most` of that network; nothing may then be done for it.
    pub(in crate::identity) async fn count_registration(
        &self,
        client: &ClientInfo,
        most: NonZeroU32,
    ) -> Result<(), IdentityError> {
        let Some(network) = self.networks.of_anybody(client) else {
            return Ok(());
        };
        let counted = self
            .throttle
            .begin_registration(&network, most.get(), self.clock.now());
        counted.await.map(drop)
    }

    /// Counts that the person of an address chooses a password, whatever comes of it: once they have shown that they
    /// may, and before the password is judged. So nobody else can use up what they may choose.
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`] when they did so too often.
    pub(in crate::identity) async fn count_choice(
        &self,
        by: ChosenBy,
        email: &str,
    ) -> Result<(), IdentityError> {
        let person = self.networks.of_email(email);
        let counted = self.throttle.begin_choice(by, &person, self.clock.now());
        counted.await.map(drop)
    }

    /// Counts a login of somebody who has proved to be themselves.
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`] when it is one too many of the day.
    pub(in crate::identity) async fn count_login(&self, user: UserId) -> Result<(), IdentityError> {
        let user = user.to_string();
        let counted = self.throttle.begin_sign_in(&user, self.clock.now());
        counted.await.map(drop)
    }

    /// Counts a code of a person's authenticator, after many wrong ones.
    ///
    /// # Errors
    /// [`IdentityError::TooManyTries`] when it is one too many of the day; it must then not be judged.
    pub(in crate::identity) async fn count_code(&self, user: UserId) -> Result<(), IdentityError> {
        let user = user.to_string();
        self.throttle.begin_code(&user, self.clock.now()).await.map(drop)
    }

    /// Who tries: as somebody whose network the owner of the address is known by, or as a stranger.
    async fn wanted(
        &self,
        email: &str,
        user: Option<UserId>,
        client: &ClientInfo,
    ) -> Result<Attempt, IdentityError> {
        let known = match user {
            Some(user) => self.is_known(user, client).await?,
            None => false,
        };
        Ok(Attempt {
            network: self.networks.of_anybody(client),
            email: self.networks.of_email(email),
            known,
        })
    }

    async fn is_known(&self, user: UserId, client: &ClientInfo) -> Result<bool, DbErr> {
        let Some(network) = self.networks.of_person(user, client) else {
            return Ok(false);
        };
        let since = self.clock.now() - KNOWN_FOR;
        was_used(self.database.connection(), user, &network, since).await
    }
}

/// Says in the log whose account was tried, where the address is somebody's: its id, never the address.
fn log_failure(error: &IdentityError, user: Option<UserId>) {
    let user = user.map(tracing::field::display);
    match error {
        IdentityError::TooManyTries(bound) => {
            tracing::info!(user.id = user, until = %bound.until, "a login or code was refused unchecked: too many have failed");
        }
        error if is_failed_attempt(error) => {
            tracing::info!(user.id = user, reason = %error, "a login or code has failed");
        }
        _ => {}
    }
}

/// Whether a failure tells somebody who guesses that the guess was wrong; what failed for other reasons, or waits
/// for a code, was none.
fn is_failed_attempt(error: &IdentityError) -> bool {
    matches!(
        error,
        IdentityError::InvalidCredentials | IdentityError::WrongPassword | IdentityError::InvalidCode
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        identity::{Identity, Person},
        testing::{self, PASSWORD, WithPeople},
    };
    use sea_orm::sea_query::Expr;
    use secrecy::ExposeSecret;
    use vitrine_base::testing::{Bed, on_both_engines};
    use vitrine_entity::{InstallationOwned, second_factor, user};

    on_both_engines!(what_cannot_be_judged_is_no_guess);

    async fn ada(identity: &Identity) -> Person {
        let signed_in = identity
            .registration
            .register(testing::ada(), ClientInfo::default())
            .await
            .unwrap();
        let token = signed_in.access_token.expose_secret();
        identity.sessions.authenticate(token).await.unwrap()
    }

    async fn set_hash(bed: &Bed, hash: &str) {
        let set = user::Entity::update_rows().col_expr(user::Column::PasswordHash, Expr::value(hash));
        set.exec(bed.database.connection()).await.unwrap();
    }

    async fn what_cannot_be_judged_is_no_guess(bed: Bed) {
        let (identity, client) = (bed.identity(), ClientInfo::default());
        let ada = ada(&identity).await;
        identity
            .second_factor
            .begin(&ada, &PASSWORD.into(), &client)
            .await
            .unwrap();
        let secret = second_factor::Entity::update_rows()
            .col_expr(second_factor::Column::Secret, Expr::value(vec![0_u8; 64]));
        secret.exec(bed.database.connection()).await.unwrap();
        let hash = identity.users.find(ada.user).await.unwrap().password_hash;

        // More often than anybody may guess.
        for _ in 0..30 {
            let code = identity
                .second_factor
                .enable(&ada, &"123456".into(), &client)
                .await;
            assert!(
                matches!(code, Err(IdentityError::SecondFactorUnreadable)),
                "{code:?}"
            );
        }
        set_hash(&bed, "no hash").await;
        for _ in 0..30 {
            let confirmed = identity
                .second_factor
                .confirmation
                .confirm(ada.user, &PASSWORD.into(), &client)
                .await;
            assert!(
                matches!(confirmed, Err(IdentityError::Hashing(_))),
                "{confirmed:?}"
            );
        }
        set_hash(&bed, &hash).await;

        let mut guesses = 0;
        while let Err(IdentityError::WrongPassword) = identity
            .second_factor
            .confirmation
            .confirm(ada.user, &"wrong password".into(), &client)
            .await
        {
            guesses += 1;
        }
        assert_eq!(guesses, 10);
    }
}
