//! Whole roles against real engines.
