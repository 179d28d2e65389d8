//! The stored form of jobs and dead letters, written by the scripts.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::{Buf, Bytes};

use crate::{DeadLetter, GroupKey};

const VERSION: u8 = 1;
const HEAD: usize = 9;

/// A job as it is stored.
pub(super) struct StoredJob {
    pub(super) attempts: u32,
    pub(super) group: GroupKey,
    pub(super) payload: Bytes,
}

impl StoredJob {
    /// Reads version, attempts, the second it is ready, the group's length, the group, and the rest as payload.
    pub(super) fn read(mut value: Bytes) -> Option<Self> {
        if value.len() < HEAD || value.get_u8() != VERSION {
            return None;
        }
        let attempts = u32::from(value.get_u16());
        value.advance(4);
        let length = usize::from(value.get_u16());
        if value.len() < length {
            return None;
        }
        let group = value.split_to(length);
        let group = GroupKey::new(String::from_utf8_lossy(&group));
        Some(Self {
            attempts,
            group,
            payload: value,
        })
    }
}

/// Reads a dead letter: the reason with its length, then the stored job if it was readable.
pub(super) fn read_dead(id: String, died_ms: f64, mut record: Bytes) -> DeadLetter {
    let length = if record.len() < 2 {
        0
    } else {
        usize::from(record.get_u16())
    };
    let reason = record.split_to(length.min(record.len()));
    let job = StoredJob::read(record);
    let (group, payload, attempts) = match job {
        Some(job) => (job.group, job.payload, job.attempts),
        None => (GroupKey::from(""), Bytes::new(), 0),
    };
    DeadLetter {
        id: id.into(),
        group,
        payload,
        attempts,
        reason: String::from_utf8_lossy(&reason).into_owned(),
        died_at: time(died_ms),
    }
}

fn time(milliseconds: f64) -> SystemTime {
    Duration::try_from_secs_f64(milliseconds / 1_000.0)
        .ok()
        .and_then(|since| UNIX_EPOCH.checked_add(since))
        .unwrap_or(UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_job_is_read_back() {
        let value = Bytes::from_static(b"\x01\x00\x02\x00\x00\x00\x07\x00\x03abcpayload");

        let job = StoredJob::read(value).unwrap();

        assert_eq!(
            (job.attempts, job.group.as_str(), &*job.payload),
            (2, "abc", &b"payload"[..])
        );
    }

    #[test]
    fn what_is_not_a_stored_job_is_refused() {
        for value in [
            "",
            "short",
            "another thing altogether",
            "\x01\0\0\0\0\0\0\0\x09abc",
        ] {
            assert!(StoredJob::read(Bytes::from(value)).is_none(), "{value:?}");
        }
    }
}
