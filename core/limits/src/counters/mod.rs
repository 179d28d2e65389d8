//! What counters that processes share have in common: windows of time that all agree about, the keys and script calls
//! of Redis, and the share of a limit that a process takes alone while Redis is away.
//!
//! Three kinds of counters stand on it, and each decides by itself what happens without Redis:
//!
//! | Counter | In Redis | While Redis is away |
//! |---|---|---|
//! | calls to Instagram, in [`budget`](crate::budget) | a hash of minutes for each payer | a quarter of each limit, reported to Redis afterwards; Redis is asked again every second |
//! | requests of a key, in [`traffic`](crate::traffic) | portions that were taken of a minute | a quarter of the limit, once a minute |
//! | attempts to log in, in `core/people/src/identity/throttle` | a number for each window | each process counts alone |

mod local_share;
mod redis_counters;
mod window;

pub(crate) use local_share::local_share;
pub use redis_counters::RedisCounters;
pub use window::Window;
