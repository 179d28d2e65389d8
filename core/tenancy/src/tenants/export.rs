//! Everything that a tenant owns, as one JSON document.

use super::{TaskError, sections::Section};
use serde_json::{Value, json};
use std::future::Future;
use vitrine_base::{
    clock::SharedClock,
    database::{Database, Transaction},
};
use vitrine_entity::{InstallationOwned, TenantId, tenant};

/// The form of the document; grows when a reader of the last one would be wrong.
const VERSION: u32 = 1;
/// Bytes of one part, about.
const PART: usize = 128 * 1024;

/// Takes a document, part by part.
pub trait Sink: Send {
    /// Takes the next part. `done` rows of `total` are written with it.
    fn put(
        &mut self,
        part: Vec<u8>,
        done: u64,
        total: u64,
    ) -> impl Future<Output = Result<(), TaskError>> + Send;
}

/// Writes documents.
///
/// A document is read from one moment of the database. It holds no secrets: no tokens, no hashes.
#[derive(Clone)]
pub struct Exporter {
    database: Database,
    clock: SharedClock,
}

impl Exporter {
    /// A writer over its parts.
    #[must_use]
    pub fn new(database: Database, clock: SharedClock) -> Self {
        Self { database, clock }
    }

    /// Writes the tenant's document into `sink`.
    ///
    /// # Errors
    /// [`TaskError::NotFound`] without such a tenant; whatever the sink answers with.
    pub async fn write(&self, tenant: TenantId, sink: impl Sink) -> Result<(), TaskError> {
        let snapshot = self.database.begin_read().await?;
        let row = tenant::Entity::row(tenant).one(&snapshot).await?;
        let row = row.ok_or(TaskError::NotFound)?;
        let mut total = 0;
        for section in Section::ALL {
            total += section.count(&snapshot, tenant).await?;
        }
        let head = json!({
            "format": "vitrine-export",
            "version": VERSION,
            "exported_at": self.clock.now(),
            "tenant": row,
        });
        let mut document = Document::new(sink, total, &head);
        for section in Section::ALL {
            document.section(section, &snapshot, tenant).await?;
        }
        document.finish().await
    }
}

/// A document that is being written.
struct Document<S> {
    sink: S,
    text: Vec<u8>,
    done: u64,
    total: u64,
}

impl<S: Sink> Document<S> {
    /// Begins with the head, left open for the sections.
    fn new(sink: S, total: u64, head: &Value) -> Self {
        let mut text = head.to_string().into_bytes();
        text.pop();
        Self {
            sink,
            text,
            done: 0,
            total,
        }
    }

    async fn section(
        &mut self,
        section: Section,
        snapshot: &Transaction,
        tenant: TenantId,
    ) -> Result<(), TaskError> {
        self.text.extend(format!(",\n\"{}\":[", section.name()).bytes());
        let (mut rows, mut comma) = (section.rows(snapshot, tenant), "\n");
        while let Some(page) = rows.next().await? {
            for row in &page {
                self.text.extend(format!("{comma}{row}").bytes());
                comma = ",\n";
                self.done += 1;
            }
            if self.text.len() >= PART {
                self.hand_over().await?;
            }
        }
        self.text.extend(b"]");
        Ok(())
    }

    async fn hand_over(&mut self) -> Result<(), TaskError> {
        let part = std::mem::take(&mut self.text);
        self.sink.put(part, self.done, self.total).await
    }

    async fn finish(mut self) -> Result<(), TaskError> {
        self.text.extend(b"}\n");
        self.hand_over().await
    }
}
