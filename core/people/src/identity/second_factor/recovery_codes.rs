//! Recovery codes, for whoever lost their authenticator.

use crate::identity::IdentityError;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, PaginatorTrait, QueryFilter,
    sea_query::Expr,
};
use secrecy::{ExposeSecret, SecretString};
use vitrine_base::{clock::SharedClock, random, security::MasterKey};
use vitrine_entity::{InstallationOwned, RecoveryCodeId, UserId, recovery_code};

/// Recovery codes that are made at once.
const CODES: usize = 10;
/// Letters of a recovery code: those that are hard to take for another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz234567890";
/// 80 bits.
const CODE_LETTERS: usize = 16;

/// Makes recovery codes and uses them up.
#[derive(Clone)]
pub(in crate::identity) struct RecoveryCodes {
    clock: SharedClock,
    key: [u8; 32],
}

impl RecoveryCodes {
    /// The service over its parts.
    pub(in crate::identity) fn new(clock: SharedClock, master: &MasterKey) -> Self {
        Self {
            clock,
            key: master.derive("vitrine 2026 recovery codes"),
        }
    }

    /// What is kept of a code; none for what cannot be one.
    pub(super) fn digest(&self, code: &SecretString) -> Option<String> {
        letters_of(code).map(|letters| digest_of(&self.key, &letters))
    }

    /// New codes in the place of the old ones.
    ///
    /// # Errors
    /// When the database fails.
    pub(super) async fn renew(
        &self,
        connection: &impl ConnectionTrait,
        user: UserId,
    ) -> Result<Vec<SecretString>, DbErr> {
        drop_codes(connection, user).await?;
        let now = self.clock.now();
        let codes: Vec<String> = (0..CODES).map(|_| new_letters()).collect();
        for letters in &codes {
            let row = recovery_code::ActiveModel {
                id: Set(RecoveryCodeId::generate()),
                user_id: Set(user),
                digest: Set(digest_of(&self.key, letters)),
                created_at: Set(now),
                used_at: Set(None),
            };
            row.insert(connection).await?;
        }
        Ok(codes.iter().map(|letters| grouped(letters)).collect())
    }

    /// Uses the code of a digest up, and says how many are left.
    ///
    /// # Errors
    /// [`IdentityError::InvalidCode`] for one that is wrong or was used before.
    pub(super) async fn spend(
        &self,
        connection: &impl ConnectionTrait,
        user: UserId,
        digest: String,
    ) -> Result<u64, IdentityError> {
        let used = recovery_code::Entity::update_rows()
            .col_expr(recovery_code::Column::UsedAt, Expr::value(self.clock.now()))
            .filter(recovery_code::Column::UserId.eq(user))
            .filter(recovery_code::Column::Digest.eq(digest))
            .filter(recovery_code::Column::UsedAt.is_null())
            .exec(connection)
            .await?;
        if used.rows_affected != 1 {
            return Err(IdentityError::InvalidCode);
        }
        Ok(codes_left(connection, user).await?)
    }
}

/// How many codes a person has left.
///
/// # Errors
/// When the database fails.
pub(super) async fn codes_left(connection: &impl ConnectionTrait, user: UserId) -> Result<u64, DbErr> {
    recovery_code::Entity::rows()
        .filter(recovery_code::Column::UserId.eq(user))
        .filter(recovery_code::Column::UsedAt.is_null())
        .count(connection)
        .await
}

/// Forgets a person's codes.
///
/// # Errors
/// When the database fails.
pub(in crate::identity) async fn drop_codes(
    connection: &impl ConnectionTrait,
    user: UserId,
) -> Result<(), DbErr> {
    recovery_code::Entity::delete_rows()
        .filter(recovery_code::Column::UserId.eq(user))
        .exec(connection)
        .await
        .map(drop)
}

/// The letters of a new code.
fn new_letters() -> String {
    let random: [u8; CODE_LETTERS] = random::bytes();
    let letter = |byte: &u8| char::from(LETTERS[usize::from(byte % 32)]);
    random.iter().map(letter).collect()
}

/// A code as it is shown: in groups of four.
fn grouped(letters: &str) -> SecretString {
    let letters: Vec<char> = letters.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("-").into()
}

/// What is kept of a code. It is long and random, so a keyed hash does.
fn digest_of(key: &[u8; 32], letters: &str) -> String {
    blake3::keyed_hash(key, letters.as_bytes()).to_hex().to_string()
}

/// The letters of a code that somebody wrote; none for what cannot be one.
fn letters_of(code: &SecretString) -> Option<String> {
    let text = code.expose_secret();
    let letters: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|sign| sign.to_ascii_lowercase())
        .collect();
    let fits = text.len() <= 64 && letters.len() == CODE_LETTERS;
    fits.then_some(letters)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recovery_code_may_be_written_in_any_way() {
        let (key, code) = ([1; 32], grouped(&new_letters()));
        let text = code.expose_secret();
        let digest_of = |key, code: &SecretString| letters_of(code).map(|letters| digest_of(key, &letters));

        let loose = text.replace('-', " ").to_uppercase();
        assert_eq!(text.len(), 19);
        assert_eq!(digest_of(&key, &loose.into()), digest_of(&key, &code));
        assert_ne!(digest_of(&[2; 32], &code), digest_of(&key, &code));
        assert_eq!(digest_of(&key, &"too-short".into()), None);
    }
}
