//! Taking the address of the API.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener};

use crate::config::Settings;
use crate::failure::Failure;

/// Ports after the wanted one that the demo tries before it takes any.
const NEXT_PORTS: u16 = 20;

/// Takes the address of the API, and writes into the settings which one it is when the system chose the port.
///
/// # Errors
/// When the address is taken or not ours.
pub(super) fn listen(settings: &mut Settings) -> Result<TcpListener, Failure> {
    let wanted = settings.server.listen;
    bind(settings, wanted).map_err(|error| cannot_listen(wanted, &error))
}

/// The same for the demo, which moves to the next free port; gives the wanted address when it did. With a
/// `server.public_url` it stays, since that names the port that others use.
///
/// # Errors
/// When no address is free.
pub(super) fn listen_near(settings: &mut Settings) -> Result<(TcpListener, Option<SocketAddr>), Failure> {
    let wanted = settings.server.listen;
    match bind(settings, wanted) {
        Ok(listener) => Ok((listener, None)),
        Err(error) if error.kind() == ErrorKind::AddrInUse && settings.server.public_url.is_none() => {
            let moved = next_places(settings, wanted).find_map(|place| bind(settings, place).ok());
            let listener = moved.ok_or_else(|| cannot_listen(wanted, &error))?;
            Ok((listener, Some(wanted)))
        }
        Err(error) => Err(cannot_listen(wanted, &error)),
    }
}

fn bind(settings: &mut Settings, place: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(place)?;
    settings.server.listen = listener.local_addr()?;
    Ok(listener)
}

/// The ports behind the wanted one that are nobody else's by configuration, and then any.
fn next_places(settings: &Settings, wanted: SocketAddr) -> impl Iterator<Item = SocketAddr> + use<> {
    let first = wanted.port().saturating_add(1);
    let simulators = settings.simulator.listen.port();
    let metrics = settings.metrics_listen().port();
    (first..=first.saturating_add(NEXT_PORTS))
        .filter(move |port| ![simulators, metrics].contains(port))
        .chain([0])
        .map(move |port| SocketAddr::new(wanted.ip(), port))
}

fn cannot_listen(wanted: SocketAddr, error: &io::Error) -> Failure {
    let problem = Failure::because(format!("cannot listen on {wanted}"), error);
    Failure::start(format!(
        "{}; choose another address with --listen ADDRESS:PORT or the setting server.listen",
        problem.lines().concat()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_ports_leave_those_of_others_out() {
        let settings = Settings::default();
        let wanted = settings.server.listen;

        let ports: Vec<u16> = next_places(&settings, wanted).map(|place| place.port()).collect();

        assert_eq!(ports[..3], [8082, 8083, 8084]);
        assert_eq!(ports.last(), Some(&0));
    }

    #[test]
    fn a_public_address_keeps_the_demo_in_its_place() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut settings = Settings::default();
        settings.server.listen = taken.local_addr().unwrap();
        settings.server.public_url = url::Url::parse("https://feeds.example").ok();

        let refused = listen_near(&mut settings).unwrap_err();

        assert!(refused.lines().concat().contains("--listen"));
    }
}
