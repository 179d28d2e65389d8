//! Whether what goes to the database may be read on the way.

use std::env;

use secrecy::ExposeSecret;
use url::Url;
use vitrine_base::web::address::is_loopback;

use crate::config::SecretUrl;

/// Says it loudly when nobody has decided how the connection to a Postgres on another machine is protected: it is
/// encrypted if the server offers it, no certificate is looked at, and otherwise it goes in clear.
pub(super) fn warn_of_plaintext(database: &SecretUrl) {
    let Ok(url) = Url::parse(database.full().expose_secret()) else {
        return;
    };
    // The driver follows this variable as the address does not say it.
    if env::var_os("PGSSLMODE").is_none() && is_undecided(&url) {
        tracing::warn!(
            "database.url names another machine and no sslmode: passwords and data may be sent in clear text, where \
             anybody in between can read them; add ?sslmode=verify-full (with sslrootcert), or ?sslmode=disable on a \
             network that nobody else uses"
        );
    }
}

fn is_undecided(url: &Url) -> bool {
    let says = |names: &[&str]| url.query_pairs().any(|(name, _)| names.contains(&name.as_ref()));
    url.scheme().starts_with("postgres") && !says(&["sslmode", "ssl-mode"]) && leaves_this_machine(url)
}

/// The last host that is named counts, as for the driver; none, or a directory, is a socket.
fn leaves_this_machine(url: &Url) -> bool {
    let in_query = url
        .query_pairs()
        .filter(|(name, _)| name == "host" || name == "hostaddr");
    let host = match in_query.last() {
        Some((_, host)) => host.into_owned(),
        None => url.host_str().unwrap_or_default().to_owned(),
    };
    let is_socket =
        host.is_empty() || host.starts_with('/') || host.starts_with("%2F") || host.starts_with("%2f");
    !is_socket && !is_loopback(&host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_machine_without_a_decision_is_told_of() {
        for (address, undecided) in [
            ("postgres://vitrine:pw@db.example/vitrine", true),
            ("postgresql://vitrine:pw@10.0.0.5:5432/vitrine", true),
            ("postgres://vitrine:pw@[2001:db8::1]/vitrine", true),
            ("postgres://vitrine:pw@localhost/vitrine?host=db.example", true),
            ("postgres://vitrine:pw@localhost/vitrine?hostaddr=10.0.0.5", true),
            (
                "postgres://vitrine:pw@db.example/vitrine?sslmode=verify-full",
                false,
            ),
            ("postgres://vitrine:pw@db.example/vitrine?ssl-mode=disable", false),
            ("postgres://vitrine:pw@localhost/vitrine", false),
            ("postgres://vitrine:pw@127.0.0.1:5433/vitrine", false),
            ("postgres://vitrine:pw@[::1]/vitrine", false),
            ("postgres://vitrine:pw@db.example/vitrine?hostaddr=::1", false),
            ("postgres://vitrine:pw@%2Frun%2Fpostgresql/vitrine", false),
            ("postgres:///vitrine?host=/run/postgresql", false),
            ("postgres:///vitrine", false),
            ("sqlite://data/vitrine.db", false),
        ] {
            assert_eq!(
                is_undecided(&Url::parse(address).unwrap()),
                undecided,
                "{address}"
            );
        }
    }
}
