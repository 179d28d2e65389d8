//! Lists in pages, and the cursors between them.

use crate::{database::Connection, security::MasterKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
};
use subtle::ConstantTimeEq;
use uuid::Uuid;

/// Bytes of a cursor's seal.
const SEAL: usize = 16;

/// Which page of a list is asked for.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Most rows; 1 to 100.
    pub limit: u64,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Page<T> {
    /// The rows.
    pub data: Vec<T>,
    /// Where the next page begins; none at the end.
    pub next_cursor: Option<String>,
    /// Most rows that were asked for.
    pub limit: u64,
}

impl<T> Page<T> {
    /// The same page with every row turned into something else.
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page {
            data: self.data.into_iter().map(turn).collect(),
            next_cursor: self.next_cursor,
            limit: self.limit,
        }
    }
}

/// A page could not be read.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The cursor was not made here for this list.
    #[error("the cursor is not valid for this list")]
    BadCursor,
    /// The database failed.
    #[error("the page could not be read")]
    Database(#[from] DbErr),
}

/// Makes cursors that only it can read: each is sealed for one list, so that a forged one or one
/// of another list is refused.
#[derive(Clone)]
pub struct Cursors {
    key: [u8; 32],
}

impl Cursors {
    /// Cursors under this master key.
    #[must_use]
    pub fn new(master: &MasterKey) -> Self {
        Self {
            key: master.derive("vitrine 2026 list cursors"),
        }
    }

    /// A cursor for `list` that carries `position`.
    #[must_use]
    pub fn seal(&self, list: &str, position: &[u8]) -> String {
        let mut bytes = self.mark(list, position).to_vec();
        bytes.extend_from_slice(position);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The position that a cursor of `list` carries.
    ///
    /// # Errors
    /// [`PageError::BadCursor`] for anything that [`Cursors::seal`] did not make for this list.
    pub fn open(&self, list: &str, cursor: &str) -> Result<Vec<u8>, PageError> {
        let bytes = BASE64_URL_SAFE_NO_PAD
            .decode(cursor)
            .map_err(|_| PageError::BadCursor)?;
        let (mark, position) = bytes.split_at_checked(SEAL).ok_or(PageError::BadCursor)?;
        if bool::from(self.mark(list, position).ct_eq(mark)) {
            Ok(position.to_vec())
        } else {
            Err(PageError::BadCursor)
        }
    }

    fn mark(&self, list: &str, position: &[u8]) -> [u8; SEAL] {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher
            .update(&(list.len() as u64).to_le_bytes())
            .update(list.as_bytes())
            .update(position);
        let mut mark = [0; SEAL];
        mark.copy_from_slice(&hasher.finalize().as_bytes()[..SEAL]);
        mark
    }

    /// Reads one page of `select`, newest id first.
    ///
    /// # Errors
    /// See [`PageError`].
    pub async fn page_by_id<E>(
        &self,
        connection: &Connection,
        list: &str,
        select: Select<E>,
        id: E::Column,
        request: &PageRequest,
        id_of: impl Fn(&E::Model) -> Uuid,
    ) -> Result<Page<E::Model>, PageError>
    where
        E: EntityTrait,
        E::Model: FromQueryResult + Send + Sync,
    {
        let select = match &request.cursor {
            Some(cursor) => select.filter(id.lt(self.uuid(list, cursor)?)),
            None => select,
        };
        let mut data = select
            .order_by_desc(id)
            .limit(request.limit + 1)
            .all(connection)
            .await?;
        let more = data.len() as u64 > request.limit;
        data.truncate(usize::try_from(request.limit).unwrap_or(usize::MAX));
        let last = data.last().filter(|_| more);
        let next_cursor = last.map(|row| self.seal(list, id_of(row).as_bytes()));
        Ok(Page {
            data,
            next_cursor,
            limit: request.limit,
        })
    }

    fn uuid(&self, list: &str, cursor: &str) -> Result<Uuid, PageError> {
        Uuid::from_slice(&self.open(list, cursor)?).map_err(|_| PageError::BadCursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cursors() -> Cursors {
        Cursors::new(&MasterKey::from_bytes([7; 32]))
    }

    #[test]
    fn a_cursor_opens_for_its_own_list_only() {
        let cursor = cursors().seal("jobs", b"here");

        assert_eq!(cursors().open("jobs", &cursor).unwrap(), b"here");
        assert!(cursors().open("accounts", &cursor).is_err());
    }

    #[test]
    fn a_forged_cursor_is_refused() {
        let cursor = cursors().seal("jobs", b"here");
        let mut forged = cursor.clone();
        forged.replace_range(cursor.len() - 2.., "AA");

        for text in ["", "x", "%%%", "AAAA", forged.as_str()] {
            assert!(cursors().open("jobs", text).is_err(), "{text}");
        }
    }
}
