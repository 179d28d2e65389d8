//! Hashing of passwords: Argon2id at OWASP's parameters, off the async threads.

use super::IdentityError;
use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{Arc, LazyLock},
    thread::available_parallelism,
    time::Duration,
};
use tokio::{
    runtime::{Builder, Runtime},
    sync::Semaphore,
    time::timeout,
};

/// A thread that has nothing to do ends after this time.
const KEPT_ALIVE: Duration = Duration::from_secs(30);
/// How long a sign-in waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(10);

/// A hash of no password, so that an unknown address costs as much time as a known one.
static NOBODY: LazyLock<Option<String>> = LazyLock::new(|| {
    Argon2::default()
        .hash_password(&rand::random::<[u8; 32]>())
        .ok()
        .map(|hash| hash.to_string())
});

/// Hashes and checks passwords, a bounded number at once.
///
/// `Argon2::default()` is Argon2id with 19 MiB, two passes and one lane: the parameters of OWASP's
/// Password Storage Cheat Sheet. The threads are its own: an allocator keeps what each thread once
/// needed, and the many threads of a shared pool would keep that memory many times over.
#[derive(Debug)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    threads: Option<Runtime>,
}

impl Passwords {
    /// As many turns as the machine has cores.
    ///
    /// # Errors
    /// When the system gives no threads.
    pub fn new() -> std::io::Result<Self> {
        let cores = available_parallelism().map_or(1, usize::from);
        let threads = Builder::new_current_thread()
            .thread_name("passwords")
            .max_blocking_threads(cores)
            .thread_keep_alive(KEPT_ALIVE)
            .build()?;
        Ok(Self {
            turns: Arc::new(Semaphore::new(cores)),
            threads: Some(threads),
        })
    }

    /// The hash of a password, as a PHC string with a salt of its own.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] when no turn came in time.
    pub async fn hash(&self, password: &SecretString) -> Result<String, IdentityError> {
        let password = password.clone();
        self.in_turn(move || {
            let hash = Argon2::default().hash_password(password.expose_secret().as_bytes());
            hash.map(|hash| hash.to_string()).map_err(IdentityError::Hashing)
        })
        .await
    }

    /// Whether a password fits a stored hash; with no hash the answer is no, and takes as long.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] when no turn came in time.
    pub async fn verify(&self, password: &SecretString, hash: Option<String>) -> Result<bool, IdentityError> {
        let password = password.clone();
        self.in_turn(move || {
            let known = hash.is_some();
            let hash = hash.or_else(|| NOBODY.clone()).unwrap_or_default();
            match Argon2::default().verify_password(password.expose_secret().as_bytes(), hash.as_str()) {
                Ok(()) => Ok(known),
                Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
                Err(error) => Err(IdentityError::Hashing(error)),
            }
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, IdentityError> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let turn = timeout(LONGEST_WAIT, self.turns.clone().acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(IdentityError::Busy)?;
        let threads = self.threads.as_ref().ok_or(IdentityError::Busy)?;
        let done = threads.spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        done.await.unwrap_or(Err(IdentityError::Busy))
    }
}

impl Drop for Passwords {
    /// A runtime may not be waited for from within another.
    fn drop(&mut self) {
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::new().unwrap();
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
    async fn nobody_has_no_password() {
        assert!(!Passwords::new().unwrap().verify(&"".into(), None).await.unwrap());
    }
}
