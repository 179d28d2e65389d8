//! What announces that a feed is no longer what it was.

pub(super) mod change_events;
pub(super) mod event_status;
pub(super) mod mark_changed;
