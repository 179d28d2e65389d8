//! Free ports.

use std::{
    fs::{File, create_dir_all},
    hash::{BuildHasher, Hasher, RandomState},
    io::{Error, ErrorKind},
    net::{Ipv4Addr, TcpListener},
    ops::Range,
    path::Path,
    sync::{Mutex, PoisonError},
};

/// Below the ports that Linux gives to outgoing connections (32768 and up), which would take one between the
/// look and its use.
const RANGE: Range<u16> = 12_000..32_000;

/// Ports that this process took: a locked file each, free again when the process ends.
static CLAIMS: Mutex<Vec<File>> = Mutex::new(Vec::new());

/// A TCP port of the loopback interface that nobody listens on at this moment, and that no other caller of this
/// function is given as long as this process lives.
///
/// Another program may take it before the caller does, so prefer port 0 where the server can say which port
/// it was given.
///
/// # Errors
/// When there is no port left to give, or no place for claims.
pub fn free_port() -> std::io::Result<u16> {
    let directory = std::env::temp_dir().join("vitrine-test-ports");
    create_dir_all(&directory)?;
    let start = RandomState::new().build_hasher().finish();
    let size = u64::from(RANGE.end - RANGE.start);
    for step in 0..size {
        let offset = start.wrapping_add(step) % size;
        let port = RANGE.start + u16::try_from(offset).map_err(Error::other)?;
        if let Some(claim) = claimed(&directory, port)? {
            CLAIMS.lock().unwrap_or_else(PoisonError::into_inner).push(claim);
            return Ok(port);
        }
    }
    Err(ErrorKind::AddrNotAvailable.into())
}

/// The claim on a port that nobody else has claimed or listens on.
fn claimed(directory: &Path, port: u16) -> std::io::Result<Option<File>> {
    let claim = File::create(directory.join(port.to_string()))?;
    let ours = claim.try_lock().is_ok() && TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
    Ok(ours.then_some(claim))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_can_be_listened_on() {
        let port = free_port().unwrap();

        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
    }

    #[test]
    fn no_port_is_given_twice() {
        let ports: std::collections::BTreeSet<u16> = (0..500).map(|_| free_port().unwrap()).collect();

        assert_eq!(ports.len(), 500);
    }
}
