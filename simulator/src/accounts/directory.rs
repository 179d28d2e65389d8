//! Finding accounts by name and by number, without one lock around their contents.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, RwLock, RwLockReadGuard};

use super::{AccountEdit, AccountRecord};
use crate::calls::AccountCalls;
use crate::error::SimulatorError;
use crate::locks::{read, write};

/// One account: its record, and the calls made for it.
#[derive(Debug)]
pub(crate) struct Account {
    pub(crate) number: u32,
    pub(crate) calls: Mutex<AccountCalls>,
    record: RwLock<AccountRecord>,
    version: AtomicU64,
}

impl Account {
    fn new(number: u32, record: AccountRecord) -> Self {
        Self {
            number,
            calls: Mutex::default(),
            record: RwLock::new(record),
            version: AtomicU64::new(0),
        }
    }

    pub(crate) fn record(&self) -> RwLockReadGuard<'_, AccountRecord> {
        read(&self.record)
    }

    /// Rises with each edit; what was computed from an older version is stale.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    pub(crate) fn edit<T>(&self, change: impl FnOnce(&mut AccountRecord) -> T) -> T {
        let mut record = write(&self.record);
        let outcome = change(&mut record);
        self.version.fetch_add(1, Ordering::Release);
        outcome
    }

    pub(crate) fn username(&self) -> String {
        self.record().username.clone()
    }
}

#[derive(Debug, Default)]
struct Index {
    accounts: Vec<Arc<Account>>,
    by_name: HashMap<String, u32>,
}

/// All accounts, in the order they were added; an account's number is its place.
#[derive(Debug, Default)]
pub(crate) struct Directory(RwLock<Index>);

impl Directory {
    pub(crate) fn add(&self, record: AccountRecord) -> Result<Arc<Account>, SimulatorError> {
        check_username(&record.username)?;
        let mut index = write(&self.0);
        let number = u32::try_from(index.accounts.len()).unwrap_or(u32::MAX);
        if index.by_name.contains_key(&record.username) {
            return Err(SimulatorError::UsernameTaken(record.username));
        }
        index.by_name.insert(record.username.clone(), number);
        let account = Arc::new(Account::new(number, record));
        index.accounts.push(Arc::clone(&account));
        Ok(account)
    }

    pub(crate) fn by_number(&self, number: u32) -> Option<Arc<Account>> {
        read(&self.0).accounts.get(usize::try_from(number).ok()?).cloned()
    }

    pub(crate) fn by_name(&self, username: &str) -> Option<Arc<Account>> {
        let index = read(&self.0);
        let number = *index.by_name.get(username)?;
        index.accounts.get(usize::try_from(number).ok()?).cloned()
    }

    pub(crate) fn named(&self, username: &str) -> Result<Arc<Account>, SimulatorError> {
        self.by_name(username)
            .ok_or_else(|| SimulatorError::UnknownAccount(username.to_owned()))
    }

    pub(crate) fn all(&self) -> Vec<Arc<Account>> {
        read(&self.0).accounts.clone()
    }

    /// Edits an account; nothing changes when the new username is refused.
    pub(crate) fn edit(&self, username: &str, edit: &AccountEdit) -> Result<Arc<Account>, SimulatorError> {
        let account = self.named(username)?;
        if let Some(new) = edit.username.as_deref().filter(|new| *new != username) {
            self.rename(&account, username, new)?;
        }
        account.edit(|record| edit.apply(record));
        Ok(account)
    }

    fn rename(&self, account: &Account, old: &str, new: &str) -> Result<(), SimulatorError> {
        check_username(new)?;
        let mut index = write(&self.0);
        if index.by_name.contains_key(new) {
            return Err(SimulatorError::UsernameTaken(new.to_owned()));
        }
        index.by_name.remove(old);
        index.by_name.insert(new.to_owned(), account.number);
        account.edit(|record| new.clone_into(&mut record.username));
        Ok(())
    }
}

fn check_username(username: &str) -> Result<(), SimulatorError> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || letter == '.' || letter == '_';
    if username.is_empty() || username.len() > 60 || !username.chars().all(allowed) {
        return Err(SimulatorError::InvalidUsername(username.to_owned()));
    }
    Ok(())
}
