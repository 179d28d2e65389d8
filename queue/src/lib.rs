//! Job queue for apalis workers: on Redis with leases, and in process.
