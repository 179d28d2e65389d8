//! The HTTP contract, and whatever else is sent.

mod audit;
mod bad_input;
mod contract;
mod document;
mod gone_clients;
mod message_boundaries;
mod own_pages;
mod slow_bodies;
