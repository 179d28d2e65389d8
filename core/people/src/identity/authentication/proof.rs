//! Proofs of who somebody is, and whether they still count when something lasting is done.

use crate::identity::{
    ClientInfo, IdentityError,
    passwords::hasher::PasswordHasher,
    second_factor::{codes::SecondFactorCodes, rows::needed_since},
    sessions::guard::still_open,
    throttle::Attempts,
    users::rows::lock_user,
};
use sea_orm::{ConnectionTrait, DbErr};
use secrecy::SecretString;
use vitrine_base::clock::SharedClock;
use vitrine_entity::{SessionId, Time, UserId, user};

/// By what somebody proved to be themselves.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Proof {
    /// A sign-in that is open.
    SignIn(SessionId),
    /// The password, and a code where one was needed.
    Password {
        /// Since when one was.
        factor: Option<Time>,
    },
}

/// Takes proofs, and looks at them again.
#[derive(Clone)]
pub(crate) struct Proofs {
    pub(in crate::identity) clock: SharedClock,
    pub(in crate::identity) attempts: Attempts,
    pub(in crate::identity) hasher: PasswordHasher,
    pub(in crate::identity) codes: SecondFactorCodes,
}

impl Proofs {
    /// Lets a person prove who they are as for a sign-in, and gives the proof: with the password, with a code where
    /// one is needed, and bounded like every other try.
    ///
    /// # Errors
    /// [`IdentityError::InvalidCredentials`], [`IdentityError::SecondFactorRequired`],
    /// [`IdentityError::InvalidCode`], [`IdentityError::TooManyTries`].
    pub(crate) async fn prove(
        &self,
        user: &user::Model,
        password: &SecretString,
        code: Option<&SecretString>,
        client: &ClientInfo,
    ) -> Result<Proof, IdentityError> {
        let judging = async {
            let (_, proof) = self.judge(Some(user), password, code).await?;
            Ok(proof)
        };
        self.attempts
            .judge(&user.email, Some(user.id), client, judging)
            .await
    }

    /// Judges password and code of whoever has an address, or of nobody, which takes as long. Not counted here.
    ///
    /// # Errors
    /// [`IdentityError::InvalidCredentials`], [`IdentityError::SecondFactorRequired`],
    /// [`IdentityError::InvalidCode`].
    pub(super) async fn judge<'a>(
        &self,
        user: Option<&'a user::Model>,
        password: &SecretString,
        code: Option<&SecretString>,
    ) -> Result<(&'a user::Model, Proof), IdentityError> {
        let hash = user.map(|user| user.password_hash.clone());
        let fits = self.hasher.verify(password, hash).await?;
        let user = user.filter(|_| fits).ok_or(IdentityError::InvalidCredentials)?;
        let factor = self.codes.pass(user, code).await?;
        Ok((user, Proof::Password { factor }))
    }

    /// The person as they are now, held until the transaction ends, if that by which they proved to be themselves
    /// still counts.
    ///
    /// # Errors
    /// [`IdentityError::SessionRevoked`], [`IdentityError::InvalidCredentials`], and
    /// [`IdentityError::SecondFactorRequired`] when a second factor was enabled since.
    pub(crate) async fn still_proved(
        &self,
        connection: &impl ConnectionTrait,
        user: &user::Model,
        proof: Proof,
    ) -> Result<user::Model, IdentityError> {
        match proof {
            Proof::SignIn(session) => still_open(connection, user.id, session, self.clock.now()).await,
            Proof::Password { factor } => {
                let current = unchanged(connection, user.id, &user.password_hash).await?;
                let current = current.ok_or(IdentityError::InvalidCredentials)?;
                match needed_since(connection, user.id).await? {
                    needed @ Some(_) if needed != factor => Err(IdentityError::SecondFactorRequired),
                    _ => Ok(current),
                }
            }
        }
    }
}

/// The person as they are now, held until the transaction ends; nobody when their password was changed since it was
/// looked at: sessions were ended then, and nothing that went by the old one shall come after.
async fn unchanged(
    connection: &impl ConnectionTrait,
    user: UserId,
    password_hash: &str,
) -> Result<Option<user::Model>, DbErr> {
    let current = lock_user(connection, user).await?;
    Ok(current.filter(|current| current.password_hash == password_hash))
}
