//! What visitors read, and what owners make of it.

mod browser;
mod caching;
mod curation;
mod formats;
mod graph;
mod graph_questions;
mod main_job;
mod never_blank;
mod serving;
