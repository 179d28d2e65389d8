//! The accounts of the platform: who they are, what was changed about them, how to find them.

mod directory;
mod edit;
mod new_account;
mod record;
mod view;

pub(crate) use directory::{Account, Directory};
pub use edit::AccountEdit;
pub use new_account::{AccountType, NewAccount, demo_accounts};
pub use record::Revocation;
pub(crate) use record::{AccountRecord, Extension};
pub use view::AccountView;
