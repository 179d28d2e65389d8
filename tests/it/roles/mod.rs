//! Every role as a process of its own, from its start to its end.

mod apart;
mod demo;
mod master_key;
mod running;
