//! Posting, changing and deleting, by username and id.

use chrono::DateTime;

use super::state::Platform;
use crate::accounts::Account;
use crate::error::SimulatorError;
use crate::media::{Media, MediaEdit, MediaView, NewPost};

impl Platform {
    pub(crate) fn post_media(&self, username: &str, post: NewPost) -> Result<MediaView, SimulatorError> {
        let account = self.accounts.named(username)?;
        let now = self.now();
        let serial = account.edit(|record| record.edits.post(post, record.base_media, now));
        self.changes.mark();
        self.media_view(&account, username, serial)
    }

    pub(crate) fn media_views(&self, username: &str) -> Result<Vec<MediaView>, SimulatorError> {
        let account = self.accounts.named(username)?;
        let media = self.shelves.media_of(&account);
        Ok(media.iter().map(|media| self.show(&account, media)).collect())
    }

    pub(crate) fn edit_media(
        &self,
        username: &str,
        id: &str,
        edit: &MediaEdit,
    ) -> Result<MediaView, SimulatorError> {
        let account = self.accounts.named(username)?;
        let serial = self.serial_of(&account, username, id)?;
        account.edit(|record| record.edits.change(serial, edit));
        self.changes.mark();
        self.media_view(&account, username, serial)
    }

    pub(crate) fn delete_media(&self, username: &str, id: &str) -> Result<(), SimulatorError> {
        let account = self.accounts.named(username)?;
        let serial = self.serial_of(&account, username, id)?;
        account.edit(|record| record.edits.delete(serial));
        self.changes.mark();
        Ok(())
    }

    /// The serial number of a media that is still there.
    fn serial_of(&self, account: &Account, username: &str, id: &str) -> Result<u32, SimulatorError> {
        let unknown = || SimulatorError::UnknownMedia {
            username: username.to_owned(),
            id: id.to_owned(),
        };
        let key = id
            .parse()
            .ok()
            .and_then(|id| self.ids.media_key(id))
            .ok_or_else(unknown)?;
        let media = self.shelves.media_of(account);
        let there = media.iter().any(|media| media.serial == key.serial);
        (key.account == account.number && key.child == 0 && there)
            .then_some(key.serial)
            .ok_or_else(unknown)
    }

    fn media_view(
        &self,
        account: &Account,
        username: &str,
        serial: u32,
    ) -> Result<MediaView, SimulatorError> {
        let media = self.shelves.media_of(account);
        let found = media.iter().find(|media| media.serial == serial);
        found
            .map(|media| self.show(account, media))
            .ok_or_else(|| SimulatorError::UnknownMedia {
                username: username.to_owned(),
                id: serial.to_string(),
            })
    }

    fn show(&self, account: &Account, media: &Media) -> MediaView {
        MediaView {
            id: self.media_id(account, media, 0).to_string(),
            media_type: media.kind.media_type().to_owned(),
            caption: media.caption.clone(),
            taken_at: DateTime::from_timestamp(media.taken_at, 0).unwrap_or_default(),
            listed: self.lists(media),
        }
    }
}
