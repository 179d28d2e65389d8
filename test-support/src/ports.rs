//! Free ports.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    io::ErrorKind,
    net::{Ipv4Addr, TcpListener},
    ops::Range,
};

/// A TCP port of the loopback interface that nobody listens on at this moment.
///
/// Another process may take it before the caller does, so prefer port 0 where the server can say which port
/// it was given.
///
/// # Errors
/// When the system has no port left to give.
pub fn free_port() -> std::io::Result<u16> {
    let start = RandomState::new().build_hasher().finish();
    let size = u64::from(RANGE.end - RANGE.start);
    for step in 0..size {
        let offset = start.wrapping_add(step) % size;
        let port = RANGE.start + u16::try_from(offset).unwrap_or_default();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(ErrorKind::AddrNotAvailable.into())
}

/// Below the ports that Linux gives to outgoing connections (32768 and up), which would take one between the
/// look and its use.
const RANGE: Range<u16> = 12_000..32_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_can_be_listened_on() {
        let port = free_port().unwrap();

        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
    }
}
