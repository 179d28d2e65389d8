//! The program as an operator meets it: its settings, its refusals and its exit codes.

mod limits;
mod shell;
mod sources;
mod starting;
mod values;

use shell::{KEY, Shell};
