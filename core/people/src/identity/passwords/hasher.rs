//! Hashing of passwords: Argon2id at OWASP's parameters, on threads that give way to everything else.

use crate::identity::{
    IdentityError,
    passwords::{
        rules::{Weakness, check_length, prepared},
        strength::is_common,
        threads::{Memory, Overloaded, PasswordThreadPool},
    },
};
use argon2::{
    Argon2, Block, Params,
    password_hash::{
        self,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};
use secrecy::{ExposeSecret, SecretString};
use std::thread::available_parallelism;
use subtle::ConstantTimeEq;
use vitrine_base::random;

const SALT_BYTES: usize = 16;

/// Hashes and checks passwords, a bounded number at once.
///
/// `Argon2::default()` is Argon2id with 19 MiB, two passes and one lane: the parameters of OWASP's
/// Password Storage Cheat Sheet.
#[derive(Clone)]
pub(in crate::identity) struct PasswordHasher {
    hashing: PasswordThreadPool,
    judging: PasswordThreadPool,
}

impl PasswordHasher {
    /// As many at once as the machine has cores. New passwords are judged on a thread apart, one at a time, so that
    /// nobody who signs in waits for them.
    pub(in crate::identity) fn new() -> Self {
        Self {
            hashing: PasswordThreadPool::new("hashing", available_parallelism().map_or(1, usize::from)),
            judging: PasswordThreadPool::new("judging", 1),
        }
    }

    /// The hash of a password, as a PHC string with a salt of its own.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] when there is more to hash than the machine can.
    pub(in crate::identity) async fn hash(&self, password: &SecretString) -> Result<String, IdentityError> {
        let password = prepared(password);
        self.in_turn(move |memory| hash_in(memory, password.expose_secret().as_bytes()))
            .await
    }

    /// Whether a password fits a stored hash; with no hash the answer is no, and takes as long. One that is too long
    /// to have been chosen is not looked at.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] when there is more to hash than the machine can.
    pub(in crate::identity) async fn verify(
        &self,
        password: &SecretString,
        hash: Option<String>,
    ) -> Result<bool, IdentityError> {
        if check_length(password) == Err(Weakness::TooLong) {
            return Ok(false);
        }
        let password = prepared(password);
        self.in_turn(move |memory| {
            let password = password.expose_secret().as_bytes();
            match &hash {
                Some(stored) => fits_in(memory, password, stored),
                // An unknown address costs as much time as a known one.
                None => hash_in(memory, password).map(|_| false),
            }
        })
        .await
    }

    /// Whether a password is among those that somebody would try first who knows these words about the person.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] when there is more to judge than the machine can.
    pub(in crate::identity) async fn is_common(
        &self,
        password: &SecretString,
        words: Vec<String>,
    ) -> Result<bool, IdentityError> {
        let password = prepared(password);
        let judged = self
            .judging
            .run(move |_| is_common(password.expose_secret(), &words));
        judged.await.map_err(|Overloaded| IdentityError::Busy)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> password_hash::Result<T> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let done = self.hashing.run(work).await;
        done.map_err(|Overloaded| IdentityError::Busy)?
            .map_err(IdentityError::Hashing)
    }
}

fn hash_in(memory: &mut Memory, password: &[u8]) -> password_hash::Result<String> {
    let argon2 = Argon2::default();
    let salt: [u8; SALT_BYTES] = random::bytes();
    let mut output = [0; Params::DEFAULT_OUTPUT_LEN];
    memory.resize(argon2.params().block_count(), Block::default());
    argon2.hash_password_into_with_memory(password, &salt, &mut output, memory)?;
    let hash = PasswordHash {
        algorithm: argon2::ARGON2ID_IDENT,
        version: Some(argon2::Version::default().into()),
        params: ParamsString::try_from(argon2.params())?,
        salt: Some(Salt::new(&salt)?),
        hash: Some(Output::new(&output)?),
    };
    Ok(hash.to_string())
}

/// Whether a password gives a stored hash, at the parameters that it was made with.
fn fits_in(memory: &mut Memory, password: &[u8], stored: &str) -> password_hash::Result<bool> {
    let stored = PasswordHash::new(stored)?;
    let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else {
        return Err(password_hash::Error::EncodingInvalid);
    };
    let argon2 = Argon2::from(Params::try_from(&stored)?);
    let mut output = vec![0; expected.len()];
    memory.resize(argon2.params().block_count(), Block::default());
    argon2.hash_password_into_with_memory(password, salt, &mut output, memory)?;
    Ok(output.ct_eq(expected.as_ref()).into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::future::join_all;
    use std::sync::{Arc, Mutex, mpsc::channel};

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = PasswordHasher::new();
        let hash = passwords.hash(&"correct horse".into()).await.unwrap();

        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            passwords
                .verify(&"correct horse".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !passwords
                .verify(&"battery staple".into(), Some(hash))
                .await
                .unwrap()
        );
    }

    #[tokio::test]
    async fn hashes_of_other_programs_and_parameters_are_read() {
        use argon2::PasswordHasher as _;
        let small = Argon2::from(Params::new(64, 1, 1, None).unwrap());
        let hash = small.hash_password(b"correct horse").unwrap().to_string();

        assert!(
            PasswordHasher::new()
                .verify(&"correct horse".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !PasswordHasher::new()
                .verify(&"battery staple".into(), Some(hash))
                .await
                .unwrap()
        );
        assert!(
            PasswordHasher::new()
                .verify(&"x".into(), Some("no hash".into()))
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        assert!(!PasswordHasher::new().verify(&"".into(), None).await.unwrap());
    }

    #[tokio::test]
    async fn passwords_that_are_judged_keep_none_from_being_hashed() {
        let passwords = PasswordHasher::new();
        let (end, ends) = channel::<()>();
        let ends = Arc::new(Mutex::new(ends));
        let threads = available_parallelism().map_or(1, usize::from);
        let judged = join_all((0..threads).map(|_| {
            let ends = Arc::clone(&ends);
            passwords.judging.run(move |_| {
                let _until_told = ends.lock().unwrap().recv();
            })
        }));
        tokio::pin!(judged);
        assert!(futures::poll!(&mut judged).is_pending());

        let hashed = passwords.hash(&"correct horse".into()).await;

        assert!(hashed.is_ok(), "{hashed:?}");
        drop(end);
        judged.await;
    }
}
