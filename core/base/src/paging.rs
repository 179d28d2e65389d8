//! Lists in pages, and the cursors between them.

use crate::{database::Connection, security::MasterKey};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;
use uuid::Uuid;

/// Rows of a page where the client names no number.
pub const DEFAULT_PAGE: u32 = 25;
/// Most rows of a page.
pub const LARGEST_PAGE: u32 = 100;

/// Bytes of a cursor's seal.
const SEAL: usize = 16;

/// Which page of a list is asked for.
#[derive(Clone, Debug)]
pub struct PageRequest {
    /// Most rows; 1 to [`LARGEST_PAGE`].
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

/// Where a list goes on.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PageView {
    /// Cursor of the next page; null at the end.
    #[schema(required)]
    pub next_cursor: Option<String>,
    /// Most entries that were asked for.
    pub limit: u64,
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

/// A place in a list, which a cursor carries to the next request.
pub trait Bookmark: Sized {
    /// What it is written as.
    type Bytes: AsRef<[u8]>;

    /// Its bytes. Clients keep cursors, so what was written once is read for ever.
    fn write(&self) -> Self::Bytes;

    /// Reads what [`Bookmark::write`] wrote, and nothing else.
    fn read(bytes: &[u8]) -> Option<Self>;
}

/// The id of the last row.
impl Bookmark for Uuid {
    type Bytes = uuid::Bytes;

    fn write(&self) -> Self::Bytes {
        self.into_bytes()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Self::from_slice(bytes).ok()
    }
}

/// The codec of all cursors: base64url of a seal and a bookmark. Each is sealed for one list, so that a forged one or
/// one of another list is refused.
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

    /// A cursor for `list` that carries a bookmark.
    #[must_use]
    pub fn seal(&self, list: &str, bookmark: &impl Bookmark) -> String {
        let position = bookmark.write();
        let position = position.as_ref();
        let mut bytes = self.mark(list, position).to_vec();
        bytes.extend_from_slice(position);
        BASE64_URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The bookmark that a cursor of `list` carries.
    ///
    /// # Errors
    /// [`PageError::BadCursor`] for anything that [`Cursors::seal`] did not make for this list.
    pub fn open<B: Bookmark>(&self, list: &str, cursor: &str) -> Result<B, PageError> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok();
        let bookmark = bytes.and_then(|bytes| {
            let (mark, position) = bytes.split_at_checked(SEAL)?;
            let genuine = bool::from(self.mark(list, position).ct_eq(mark));
            genuine.then(|| B::read(position))?
        });
        bookmark.ok_or(PageError::BadCursor)
    }

    /// Behind which place of `list` the page begins; none for the first page.
    ///
    /// # Errors
    /// [`PageError::BadCursor`].
    pub fn start<B: Bookmark>(&self, list: &str, request: &PageRequest) -> Result<Option<B>, PageError> {
        let cursor = request.cursor.as_deref();
        cursor.map(|cursor| self.open(list, cursor)).transpose()
    }

    /// A page of these rows, of which one more was read than it has room for: so it is known whether others follow.
    pub fn page<T, B: Bookmark>(
        &self,
        list: &str,
        request: &PageRequest,
        mut rows: Vec<T>,
        bookmark: impl FnOnce(&T) -> B,
    ) -> Page<T> {
        let more = rows.len() as u64 > request.limit;
        rows.truncate(usize::try_from(request.limit).unwrap_or(usize::MAX));
        let last = rows.last().filter(|_| more);
        Page {
            next_cursor: last.map(|row| self.seal(list, &bookmark(row))),
            data: rows,
            limit: request.limit,
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
        let select = match self.start::<Uuid>(list, request)? {
            Some(last) => select.filter(id.lt(last)),
            None => select,
        };
        let rows = select
            .order_by_desc(id)
            .limit(request.limit + 1)
            .all(connection)
            .await?;
        Ok(self.page(list, request, rows, id_of))
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
        let here = Uuid::from_u128(7);
        let cursor = cursors().seal("jobs", &here);

        assert_eq!(cursors().open::<Uuid>("jobs", &cursor).unwrap(), here);
        assert!(cursors().open::<Uuid>("accounts", &cursor).is_err());
    }

    #[test]
    fn a_cursor_that_a_client_kept_is_still_read() {
        let kept = "QzLhP5JN0k27uOcvAWCOtAAAAAAAAAAAAAAAAAAAAAc";

        let opened = cursors().open::<Uuid>("jobs", kept).unwrap();
        assert_eq!(opened, Uuid::from_u128(7));
        assert_eq!(cursors().seal("jobs", &opened), kept);
    }

    #[test]
    fn a_page_names_the_next_one_where_a_row_is_left() {
        let request = PageRequest {
            limit: 2,
            cursor: None,
        };
        let page = |rows: Vec<u128>| cursors().page("jobs", &request, rows, |row| Uuid::from_u128(*row));

        let full = page(vec![9, 8, 7]);
        assert_eq!(full.data, [9, 8]);
        let next = full.next_cursor.unwrap();
        assert_eq!(cursors().open::<Uuid>("jobs", &next).unwrap(), Uuid::from_u128(8));
        assert_eq!(page(vec![9, 8]).next_cursor, None);
    }

    #[test]
    fn a_forged_cursor_is_refused() {
        let cursor = cursors().seal("jobs", &Uuid::from_u128(7));
        let mut forged = cursor.clone();
        forged.replace_range(cursor.len() - 2.., "AA");

        for text in ["", "x", "%%%", "AAAA", forged.as_str()] {
            assert!(cursors().open::<Uuid>("jobs", text).is_err(), "{text}");
        }
    }
}
