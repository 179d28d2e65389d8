//! Whole roles against real engines.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on has failed"
)]

mod arrows;
mod audit;
mod bad_input;
mod browser;
mod budget;
mod caching;
mod callbacks;
mod clustered;
mod compose;
mod configuration;
mod connecting;
mod contract;
mod document;
mod document_paths;
mod ended_sessions;
mod fairness;
mod faults;
mod feeds;
mod fixed_scripts;
mod formats;
mod gone_clients;
mod graph;
mod graph_questions;
mod image;
mod incidents;
mod isolation;
mod keys;
mod logging;
mod mail;
mod main_job;
mod message_boundaries;
mod metrics;
mod missing_posts;
mod never_blank;
mod operations;
mod own_pages;
mod people;
mod plans;
mod quiets;
mod refused_fields;
mod roles;
mod rolling_restart;
mod sealing;
mod secrets;
mod serving;
mod sessions;
mod shared_redis;
mod slow_bodies;
mod support;
mod syncing;
mod teams;
mod tenant_tasks;
mod tokens;
mod walk;
