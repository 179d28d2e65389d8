//! Hashing of passwords: Argon2id at OWASP's parameters, off the async threads.

use super::IdentityError;
use argon2::{
    Argon2, Block, Params,
    password_hash::{
        self,
        phc::{Output, ParamsString, PasswordHash, Salt},
    },
};
use secrecy::{ExposeSecret, SecretString};
use std::{
    sync::{Arc, LazyLock, Mutex, PoisonError},
    thread::available_parallelism,
    time::Duration,
};
use subtle::ConstantTimeEq;
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// How long a sign-in waits for its turn.
const LONGEST_WAIT: Duration = Duration::from_secs(10);
const SALT_BYTES: usize = 16;

/// A hash of no password, so that an unknown address costs as much time as a known one.
static NOBODY: LazyLock<Option<String>> =
    LazyLock::new(|| hash_in(&mut Vec::new(), &rand::random::<[u8; 32]>()).ok());

/// Working memory of one hash.
type Memory = Vec<Block>;

/// Hashes and checks passwords, a bounded number at once.
///
/// `Argon2::default()` is Argon2id with 19 MiB, two passes and one lane: the parameters of OWASP's
/// Password Storage Cheat Sheet. The memory of one hash serves the next: given back and asked for
/// anew each time, it would pile up in the allocator.
#[derive(Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    memories: Arc<Mutex<Vec<Memory>>>,
}

impl Passwords {
    /// As many turns as the machine has cores.
    #[must_use]
    pub fn new() -> Self {
        let cores = available_parallelism().map_or(1, usize::from);
        Self {
            turns: Arc::new(Semaphore::new(cores)),
            memories: Arc::default(),
        }
    }

    /// The hash of a password, as a PHC string with a salt of its own.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] when no turn came in time.
    pub async fn hash(&self, password: &SecretString) -> Result<String, IdentityError> {
        let password = password.clone();
        self.in_turn(move |memory| hash_in(memory, password.expose_secret().as_bytes()))
            .await
    }

    /// Whether a password fits a stored hash; with no hash the answer is no, and takes as long.
    ///
    /// # Errors
    /// [`IdentityError::Busy`] when no turn came in time.
    pub async fn verify(&self, password: &SecretString, hash: Option<String>) -> Result<bool, IdentityError> {
        let password = password.clone();
        self.in_turn(move |memory| {
            let known = hash.is_some();
            let hash = hash.or_else(|| NOBODY.clone()).unwrap_or_default();
            let fits = fits_in(memory, password.expose_secret().as_bytes(), &hash)?;
            Ok(fits && known)
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Memory) -> password_hash::Result<T> + Send + 'static,
    ) -> Result<T, IdentityError> {
        let turn = timeout(LONGEST_WAIT, self.turns.clone().acquire_owned()).await;
        let turn = turn.ok().and_then(Result::ok).ok_or(IdentityError::Busy)?;
        let memories = self.memories.clone();
        let done = spawn_blocking(move || {
            let _turn = turn;
            let mut memory = locked(&memories).pop().unwrap_or_default();
            let result = work(&mut memory);
            locked(&memories).push(memory);
            result
        });
        done.await
            .unwrap_or(Err(password_hash::Error::Internal))
            .map_err(IdentityError::Hashing)
    }
}

impl Default for Passwords {
    fn default() -> Self {
        Self::new()
    }
}

fn locked(memories: &Mutex<Vec<Memory>>) -> std::sync::MutexGuard<'_, Vec<Memory>> {
    memories.lock().unwrap_or_else(PoisonError::into_inner)
}

fn hash_in(memory: &mut Memory, password: &[u8]) -> password_hash::Result<String> {
    let argon2 = Argon2::default();
    let salt: [u8; SALT_BYTES] = rand::random();
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

    #[tokio::test]
    async fn only_the_right_password_fits() {
        let passwords = Passwords::new();
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
        use argon2::PasswordHasher;
        let small = Argon2::from(Params::new(64, 1, 1, None).unwrap());
        let hash = small.hash_password(b"correct horse").unwrap().to_string();

        assert!(
            Passwords::new()
                .verify(&"correct horse".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(
            !Passwords::new()
                .verify(&"battery staple".into(), Some(hash))
                .await
                .unwrap()
        );
        assert!(
            Passwords::new()
                .verify(&"x".into(), Some("no hash".into()))
                .await
                .is_err()
        );
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        assert!(!Passwords::new().verify(&"".into(), None).await.unwrap());
    }
}
