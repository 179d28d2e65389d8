//! Second factors: codes of an authenticator (TOTP, RFC 6238), and recovery codes for whoever lost it.

use crate::{
    identity::{
        ClientInfo, Identity, IdentityError, Person,
        second_factor::totp::{Authenticator, digest_of, recovery_code},
        sessions::{ending::end_sessions, guard::still_signed_in},
    },
    mail::Notice,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, PaginatorTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use secrecy::SecretString;
use vitrine_base::security::{Purpose, Sealed};
use vitrine_entity::{RecoveryCodeId, Time, UserId, recovery_code, second_factor, user};

/// Recovery codes that are made at once.
const CODES: usize = 10;

/// What a person has to put into their authenticator.
#[derive(Debug)]
pub struct Enrolment {
    /// The secret in base32, to be typed.
    pub secret: SecretString,
    /// The same as an `otpauth://` address, to be shown as a picture.
    pub address: SecretString,
}

/// Where a person's second factor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    /// Since when signing in needs a code; none while it does not.
    pub enabled_at: Option<Time>,
    /// Recovery codes that are left.
    pub recovery_codes: u64,
}

impl Identity {
    /// Where a person's second factor stands.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn second_factor(&self, user: UserId) -> Result<SecondFactor, IdentityError> {
        let connection = self.database.connection();
        let factor = second_factor::Entity::find_by_id(user).one(connection).await?;
        Ok(SecondFactor {
            enabled_at: factor.and_then(|factor| factor.confirmed_at),
            recovery_codes: codes_left(connection, user).await?,
        })
    }

    /// Makes a secret for an authenticator; it counts once [`Identity::enable_second_factor`] has seen a code of it.
    /// Asked again before, the older secret is forgotten.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::SecondFactorOn`], [`IdentityError::TooManyTries`], and
    /// [`IdentityError::SessionRevoked`] when the sign-in ended meanwhile.
    pub async fn begin_second_factor(
        &self,
        person: &Person,
        password: &SecretString,
        client: &ClientInfo,
    ) -> Result<Enrolment, IdentityError> {
        let user = self.confirmation.confirm(person.user, password, client).await?;
        let authenticator = Authenticator::generate(&self.site(), &user.email)?;
        let sealed = self
            .vault
            .seal(Purpose::TotpSecret, user.id.0, authenticator.secret());
        let Sealed { ciphertext, key_id } = sealed.map_err(|_| IdentityError::SecondFactorUnreadable)?;
        let row = second_factor::ActiveModel {
            user_id: Set(user.id),
            secret: Set(ciphertext),
            key_id: Set(key_id),
            created_at: Set(self.clock.now()),
            confirmed_at: Set(None),
            last_step: Set(0),
            wrong_codes: Set(0),
        };
        let replaced = [
            second_factor::Column::Secret,
            second_factor::Column::KeyId,
            second_factor::Column::CreatedAt,
            second_factor::Column::LastStep,
        ];
        let mut unless_confirmed = OnConflict::column(second_factor::Column::UserId);
        unless_confirmed.update_columns(replaced).action_and_where(
            Expr::col((second_factor::Entity, second_factor::Column::ConfirmedAt)).is_null(),
        );
        let transaction = self.database.begin_write().await?;
        still_signed_in(&transaction, &user, person.session, self.clock.now()).await?;
        let written = second_factor::Entity::insert(row)
            .on_conflict(unless_confirmed)
            .exec_without_returning(&transaction)
            .await?;
        if written == 0 {
            return Err(IdentityError::SecondFactorOn);
        }
        transaction.commit().await?;
        authenticator.enrolment()
    }

    /// Switches the second factor on, once the person shows a code of it; gives their recovery codes, which are shown
    /// this once. Their other sign-ins end.
    ///
    /// # Errors
    /// [`IdentityError::InvalidCode`], [`IdentityError::SecondFactorOn`], [`IdentityError::SecondFactorOff`] when
    /// none was begun, [`IdentityError::TooManyTries`], and [`IdentityError::SessionRevoked`] when the sign-in ended
    /// meanwhile, or [`IdentityError::WrongPassword`] when the password was changed.
    pub async fn enable_second_factor(
        &self,
        person: &Person,
        code: &SecretString,
        client: &ClientInfo,
    ) -> Result<Vec<SecretString>, IdentityError> {
        let user = self.user(person.user).await?;
        let factor = self
            .factor(user.id)
            .await?
            .ok_or(IdentityError::SecondFactorOff)?;
        if factor.confirmed_at.is_some() {
            return Err(IdentityError::SecondFactorOn);
        }
        let judging = async {
            let step = self.step_of(&factor, &user, code)?;
            step.ok_or(IdentityError::InvalidCode)
        };
        let step = self
            .attempts
            .judge(&user.email, Some(user.id), client, judging)
            .await?;
        let now = self.clock.now();
        let transaction = self.database.begin_write().await?;
        // A reset in between ended this sign-in: whoever asks may be the one whom it was to put out.
        let user = still_signed_in(&transaction, &user, person.session, self.clock.now()).await?;
        let enabled = second_factor::Entity::update_many()
            .col_expr(second_factor::Column::ConfirmedAt, Expr::value(now))
            .col_expr(second_factor::Column::LastStep, Expr::value(step))
            .filter(second_factor::Column::UserId.eq(user.id))
            .filter(second_factor::Column::Secret.eq(factor.secret))
            .filter(second_factor::Column::ConfirmedAt.is_null())
            .exec(&transaction)
            .await?;
        if enabled.rows_affected != 1 {
            return Err(IdentityError::SecondFactorOn);
        }
        let codes = self.new_codes(&transaction, user.id).await?;
        end_sessions(&transaction, user.id, Some(person.session), self.clock.now()).await?;
        self.notices
            .send(&transaction, &user, Notice::SecondFactorOn)
            .await?;
        transaction.commit().await?;
        Ok(codes)
    }

    /// Switches the second factor off and forgets it.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`], [`IdentityError::InvalidCode`], [`IdentityError::SecondFactorOff`],
    /// [`IdentityError::TooManyTries`], and [`IdentityError::SessionRevoked`] when the sign-in ended meanwhile.
    pub async fn disable_second_factor(
        &self,
        person: &Person,
        password: &SecretString,
        code: &SecretString,
        client: &ClientInfo,
    ) -> Result<(), IdentityError> {
        let user = self
            .confirm_with_code(person.user, password, code, client)
            .await?;
        let transaction = self.database.begin_write().await?;
        let user = still_signed_in(&transaction, &user, person.session, self.clock.now()).await?;
        second_factor::Entity::delete_by_id(user.id)
            .exec(&transaction)
            .await?;
        drop_codes(&transaction, user.id).await?;
        self.notices
            .send(&transaction, &user, Notice::SecondFactorOff)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// New recovery codes in the place of the old ones.
    ///
    /// # Errors
    /// As [`Identity::disable_second_factor`].
    pub async fn renew_recovery_codes(
        &self,
        person: &Person,
        password: &SecretString,
        code: &SecretString,
        client: &ClientInfo,
    ) -> Result<Vec<SecretString>, IdentityError> {
        let user = self
            .confirm_with_code(person.user, password, code, client)
            .await?;
        let transaction = self.database.begin_write().await?;
        let user = still_signed_in(&transaction, &user, person.session, self.clock.now()).await?;
        let codes = self.new_codes(&transaction, user.id).await?;
        transaction.commit().await?;
        Ok(codes)
    }

    async fn confirm_with_code(
        &self,
        user: UserId,
        password: &SecretString,
        code: &SecretString,
        client: &ClientInfo,
    ) -> Result<user::Model, IdentityError> {
        let user = self.confirmation.confirm(user, password, client).await?;
        let factor = self.factor(user.id).await?;
        let factor = factor.filter(|factor| factor.confirmed_at.is_some());
        let factor = factor.ok_or(IdentityError::SecondFactorOff)?;
        let judging = self.use_code(&factor, &user, code);
        self.attempts
            .judge(&user.email, Some(user.id), client, judging)
            .await?;
        Ok(user)
    }

    /// Asks for a code where the person's sign-in needs one; gives since when it does.
    ///
    /// # Errors
    /// [`IdentityError::SecondFactorRequired`] without a code, [`IdentityError::InvalidCode`] for one that is wrong
    /// or was used before.
    pub(in crate::identity) async fn pass_second_factor(
        &self,
        user: &user::Model,
        code: Option<&SecretString>,
    ) -> Result<Option<Time>, IdentityError> {
        let factor = self.factor(user.id).await?;
        let Some(factor) = factor.filter(|factor| factor.confirmed_at.is_some()) else {
            return Ok(None);
        };
        match code {
            Some(code) => self.use_code(&factor, user, code).await?,
            None => return Err(IdentityError::SecondFactorRequired),
        }
        Ok(factor.confirmed_at)
    }

    /// Uses a code up: one of the authenticator, or a recovery code. Wrong ones are counted in `wrong_codes`.
    async fn use_code(
        &self,
        factor: &second_factor::Model,
        user: &user::Model,
        code: &SecretString,
    ) -> Result<(), IdentityError> {
        let used = match digest_of(&self.recovery_key, code) {
            Some(digest) => self.use_recovery_code(user, digest).await,
            None => self.use_authenticator_code(factor, user, code).await,
        };
        match used {
            Ok(()) => self.reset_code_attempts(user.id).await?,
            Err(IdentityError::InvalidCode) => self.record_wrong_code(user).await?,
            Err(_) => {}
        }
        used
    }

    async fn use_authenticator_code(
        &self,
        factor: &second_factor::Model,
        user: &user::Model,
        code: &SecretString,
    ) -> Result<(), IdentityError> {
        self.allow_code(factor).await?;
        let step = self.step_of(factor, user, code)?;
        self.use_step(user.id, step.ok_or(IdentityError::InvalidCode)?)
            .await
    }

    /// Of two who show the same code, or an older one than was used, one is too late.
    async fn use_step(&self, user: UserId, step: i64) -> Result<(), IdentityError> {
        let used = second_factor::Entity::update_many()
            .col_expr(second_factor::Column::LastStep, Expr::value(step))
            .filter(second_factor::Column::UserId.eq(user))
            .filter(second_factor::Column::LastStep.lt(step))
            .exec(self.database.connection())
            .await?;
        match used.rows_affected {
            1 => Ok(()),
            _ => Err(IdentityError::InvalidCode),
        }
    }

    async fn use_recovery_code(&self, user: &user::Model, digest: String) -> Result<(), IdentityError> {
        let transaction = self.database.begin_write().await?;
        let used = recovery_code::Entity::update_many()
            .col_expr(recovery_code::Column::UsedAt, Expr::value(self.clock.now()))
            .filter(recovery_code::Column::UserId.eq(user.id))
            .filter(recovery_code::Column::Digest.eq(digest))
            .filter(recovery_code::Column::UsedAt.is_null())
            .exec(&transaction)
            .await?;
        if used.rows_affected != 1 {
            return Err(IdentityError::InvalidCode);
        }
        let left = codes_left(&transaction, user.id).await?;
        self.notices
            .send(&transaction, user, Notice::RecoveryCodeUsed { left })
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    fn step_of(
        &self,
        factor: &second_factor::Model,
        user: &user::Model,
        code: &SecretString,
    ) -> Result<Option<i64>, IdentityError> {
        let secret = self
            .vault
            .open(Purpose::TotpSecret, user.id.0, &factor.key_id, &factor.secret);
        let secret = secret.map_err(|_| IdentityError::SecondFactorUnreadable)?;
        let authenticator = Authenticator::of(secret, &self.site(), &user.email)?;
        Ok(authenticator.step_of(code, self.clock.now()))
    }

    async fn factor(&self, user: UserId) -> Result<Option<second_factor::Model>, DbErr> {
        second_factor::Entity::find_by_id(user)
            .one(self.database.connection())
            .await
    }

    async fn new_codes(
        &self,
        connection: &impl ConnectionTrait,
        user: UserId,
    ) -> Result<Vec<SecretString>, IdentityError> {
        drop_codes(connection, user).await?;
        let now = self.clock.now();
        let codes: Vec<SecretString> = (0..CODES).map(|_| recovery_code()).collect();
        for code in &codes {
            let row = recovery_code::ActiveModel {
                id: Set(RecoveryCodeId::generate()),
                user_id: Set(user),
                digest: Set(digest_of(&self.recovery_key, code).unwrap_or_default()),
                created_at: Set(now),
                used_at: Set(None),
            };
            row.insert(connection).await?;
        }
        Ok(codes)
    }

    /// What authenticators show beside the code.
    fn site(&self) -> String {
        let host = url::Url::parse(&self.public_url)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned));
        format!("Vitrine {}", host.unwrap_or_default().replace(':', " "))
    }
}

async fn codes_left(connection: &impl ConnectionTrait, user: UserId) -> Result<u64, DbErr> {
    recovery_code::Entity::find()
        .filter(recovery_code::Column::UserId.eq(user))
        .filter(recovery_code::Column::UsedAt.is_null())
        .count(connection)
        .await
}

/// Since when the person's sign-in needs a code, in a transaction that holds them; none while it does not.
pub(in crate::identity) async fn needed_since(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<Option<Time>, DbErr> {
    let factor = second_factor::Entity::find_by_id(user).one(connection).await?;
    Ok(factor.and_then(|factor| factor.confirmed_at))
}

pub(in crate::identity) async fn drop_codes(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<(), DbErr> {
    recovery_code::Entity::delete_many()
        .filter(recovery_code::Column::UserId.eq(user))
        .exec(connection)
        .await
        .map(|_| ())
}
