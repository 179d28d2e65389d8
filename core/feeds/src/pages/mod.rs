//! Which page of a feed is asked for, and in which form.

pub(super) mod feed_format;
pub(super) mod graph_query;
pub(super) mod page_spec;
pub(super) mod query;
pub(super) mod sealed_cursor;
