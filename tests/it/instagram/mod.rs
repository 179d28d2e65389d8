//! Accounts on Instagram: connected, synced, refreshed, within the budget, and in trouble.

mod budget;
mod callbacks;
mod connecting;
mod fairness;
mod incidents;
mod missing_posts;
mod quiets;
mod refused_fields;
mod syncing;
mod tokens;
