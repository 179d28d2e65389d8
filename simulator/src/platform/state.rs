//! The platform's state, shared by every request.

use std::sync::Mutex;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::call_log::CallLog;
use super::changes::Changes;
use super::clock::SimulatorClock;
use super::codes::Codes;
use super::identifiers::{AccountIdForm, IdScheme, MediaKey};
use super::saved_state::SavedState;
use super::shelves::Shelves;
use super::switches::Switches;
use super::tokens::{Claims, LONG_LIFE, SHORT_LIFE, TokenKind, TokenMint};
use crate::accounts::{Account, AccountRecord, AccountView, Directory};
use crate::calls::RollingCount;
use crate::error::SimulatorError;
use crate::faults::Faults;
use crate::media::Media;
use crate::media::files::{LinkSigner, PictureCache};
use crate::settings::SimulatorSettings;
use crate::wire::{Dialect, Modes};

/// The platform's state.
pub(crate) struct Platform {
    pub(crate) settings: SimulatorSettings,
    pub(crate) switches: Switches,
    pub(crate) base_url: String,
    pub(crate) clock: SimulatorClock,
    pub(crate) changes: Changes,
    pub(crate) accounts: Directory,
    pub(crate) codes: Codes,
    pub(crate) ids: IdScheme,
    pub(crate) mint: TokenMint,
    pub(crate) links: LinkSigner,
    pub(crate) shelves: Shelves,
    pub(crate) pictures: PictureCache,
    pub(crate) calls: CallLog,
    pub(crate) faults: Faults,
    pub(crate) app_quota: Mutex<RollingCount>,
    /// Ends hanging answers when the simulator stops.
    pub(crate) closing: CancellationToken,
}

impl Platform {
    /// Builds the platform from its settings and, when there is one, the state of an earlier run. The seed of
    /// the earlier run wins, since its ids and tokens depend on it.
    pub(crate) fn new(
        settings: SimulatorSettings,
        base_url: String,
        saved: Option<SavedState>,
        closing: CancellationToken,
    ) -> Result<Self, SimulatorError> {
        let changes = Changes::new(settings.state_file.is_some());
        let fresh = saved.is_none();
        let saved = saved.unwrap_or_else(|| SavedState::empty(settings.seed));
        let registered = saved.redirect_uris.clone();
        let registered = registered.unwrap_or_else(|| settings.redirect_uris.clone());
        let platform = Self {
            switches: Switches::new(settings.dialect, settings.modes, registered),
            clock: SimulatorClock::new(saved.offset(), changes.clone()),
            accounts: Directory::default(),
            codes: Codes::from_saved(saved.codes),
            ids: IdScheme::new(saved.seed),
            mint: TokenMint::new(saved.seed),
            links: LinkSigner::new(saved.seed, base_url.clone(), settings.links),
            shelves: Shelves::new(saved.seed),
            pictures: PictureCache::default(),
            calls: CallLog::default(),
            faults: Faults::default(),
            app_quota: Mutex::new(app_window()),
            changes,
            settings: SimulatorSettings {
                seed: saved.seed,
                ..settings
            },
            base_url,
            closing,
        };
        for record in saved.accounts {
            platform.accounts.add(record)?;
        }
        if fresh {
            platform.add_starting_accounts()?;
        }
        Ok(platform)
    }

    fn add_starting_accounts(&self) -> Result<(), SimulatorError> {
        for account in self.settings.accounts.clone() {
            self.accounts.add(AccountRecord::new(account, self.clock.now()))?;
        }
        Ok(())
    }

    pub(crate) fn saved(&self) -> SavedState {
        let accounts = self
            .accounts
            .all()
            .iter()
            .map(|account| account.record().clone())
            .collect();
        SavedState::new(
            self.settings.seed,
            self.clock.offset(),
            accounts,
            self.codes.saved(),
            self.switches.redirect_uris(),
        )
    }

    /// The dialect spoken now.
    pub(crate) fn dialect(&self) -> Dialect {
        self.switches.dialect()
    }

    /// The shapes answered now.
    pub(crate) fn modes(&self) -> Modes {
        self.switches.modes()
    }

    pub(crate) fn account_id(&self, account: &Account, form: AccountIdForm) -> u64 {
        self.ids.account(account.number, form)
    }

    pub(crate) fn media_id(&self, account: &Account, media: &Media, child: u8) -> u64 {
        self.ids.media(MediaKey {
            account: account.number,
            serial: media.serial,
            child,
        })
    }

    /// Whether `/me/media` shows a media.
    pub(crate) fn lists(&self, media: &Media) -> bool {
        !media.unlisted && (self.modes().list_unshared_reels || !media.is_unshared_reel())
    }

    /// A new token of an account, with the permissions given.
    pub(crate) fn issue_token(&self, account: &Account, kind: TokenKind, scopes: u8) -> (String, i64) {
        let issued_at = self.clock.unix_now();
        #[expect(
            clippy::disallowed_methods,
            reason = "the simulator builds on nothing of ours"
        )]
        let life = match kind {
            TokenKind::Short => SHORT_LIFE,
            TokenKind::Long => LONG_LIFE - i64::from(rand::random::<u8>() % 8),
        };
        let epoch = account.record().token_epoch;
        let expires_at = issued_at + life;
        let claims = Claims {
            account: account.number,
            epoch,
            kind,
            scopes,
            issued_at,
            expires_at,
        };
        let token = self.mint.seal(&claims, self.dialect(), self.modes().token_length);
        (token, life)
    }

    /// Every scope of the dialect.
    pub(crate) fn all_scopes(&self) -> u8 {
        let count = u32::try_from(self.dialect().scopes().len()).unwrap_or_default();
        u8::MAX >> (u8::BITS - count)
    }

    pub(crate) fn view(&self, account: &Account) -> AccountView {
        let media_count = self.shelves.media_of(account).len();
        let record = account.record();
        AccountView {
            username: record.username.clone(),
            name: record.name.clone(),
            account_type: record.account_type,
            tester: record.tester,
            user_id: self.account_id(account, AccountIdForm::Professional).to_string(),
            id: self.account_id(account, AccountIdForm::AppScoped).to_string(),
            exchange_id: self.account_id(account, AccountIdForm::Exchange).to_string(),
            media_count,
            impressions: record.impressions,
            revoked: record.revoked,
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}

/// The window in which the app's calls are counted.
fn app_window() -> RollingCount {
    RollingCount::new(3_600, 12)
}
