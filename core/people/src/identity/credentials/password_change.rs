//! How somebody who is signed in changes their password.

use crate::{
    identity::{
        ClientInfo, IdentityError, Person,
        authentication::reauthentication::{Reauthentication, Reauthenticator},
        links::drop_links,
        notices::SecurityNotices,
        passwords::choice::{PasswordChoice, checked_length},
        sessions::{ending::end_sessions, guard::still_signed_in},
        throttle::ChosenBy,
    },
    mail::Notice,
};
use sea_orm::{ColumnTrait, QueryFilter, sea_query::Expr};
use secrecy::SecretString;
use vitrine_base::{clock::SharedClock, database::Database};
use vitrine_entity::{InstallationOwned, mail_link::LinkPurpose, user};

/// Changes passwords of people who are signed in.
pub struct PasswordChange {
    pub(in crate::identity) database: Database,
    pub(in crate::identity) clock: SharedClock,
    pub(in crate::identity) reauthenticator: Reauthenticator,
    pub(in crate::identity) choice: PasswordChoice,
    pub(in crate::identity) notices: SecurityNotices,
}

impl PasswordChange {
    /// Changes the password of somebody who is signed in and proves to be at the keyboard; their other sessions end.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::SecondFactorRequired`], [`IdentityError::InvalidCode`],
    /// [`IdentityError::Invalid`], [`IdentityError::TooManyTries`], and [`IdentityError::SessionRevoked`] when the
    /// sign-in ended meanwhile.
    pub async fn change(
        &self,
        person: &Person,
        current: &Reauthentication<'_>,
        new: &SecretString,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        let user = self.judge(person, current, new, client).await?;
        let hash = self.choice.hash(new).await?;
        let transaction = self.database.begin_write().await?;
        let now = self.clock.now();
        // Only over the password that was just confirmed, by a sign-in that is open: a reset in between counts.
        let user = still_signed_in(&transaction, &user, person.session, now).await?;
        user::Entity::update_rows()
            .col_expr(user::Column::PasswordHash, Expr::value(hash))
            .col_expr(user::Column::UpdatedAt, Expr::value(now))
            .filter(user::Column::Id.eq(user.id))
            .exec(&transaction)
            .await?;
        drop_links(&transaction, LinkPurpose::ResetPassword, user.id).await?;
        end_sessions(&transaction, user.id, Some(person.session), now).await?;
        self.notices
            .send(&transaction, &user, Notice::PasswordChanged)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The person, once they proved to be at the keyboard and may choose this password.
    async fn judge(
        &self,
        person: &Person,
        current: &Reauthentication<'_>,
        new: &SecretString,
        client: &ClientInfo,
    ) -> Result<user::Model, IdentityError> {
        checked_length("new_password", new)?;
        let user = self
            .reauthenticator
            .confirm_password(person.user, current.password, client)
            .await?;
        self.choice.count(ChosenBy::Password, &user.email).await?;
        // Before a code is used up.
        let about = [user.email.clone(), user.name.clone()];
        self.choice.refuse_common("new_password", new, &about).await?;
        self.reauthenticator
            .confirm_code(&user, current.code, client)
            .await?;
        Ok(user)
    }
}
