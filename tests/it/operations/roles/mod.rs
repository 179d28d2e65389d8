//! Every role as a process of its own, from its start to its end.

mod after_the_demo;
mod apart;
mod away;
mod demo;
mod directory;
mod master_key;
mod pooled;
mod real_start;
mod restored;
mod running;
mod taken_ports;
mod tls_proxy;
mod versions;
