//! Workers: job handlers, outcomes and the scheduler.
