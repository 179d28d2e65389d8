//! Free ports.

use std::net::{Ipv4Addr, TcpListener};

/// A TCP port of the loopback interface that nobody listens on at this moment.
///
/// Another process may take it before the caller does, so prefer port 0 where the server can say which port
/// it was given.
///
/// # Errors
/// When the system has no port left to give.
pub fn free_port() -> std::io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_free_port_can_be_listened_on() {
        let port = free_port().unwrap();

        assert!(TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok());
    }
}
