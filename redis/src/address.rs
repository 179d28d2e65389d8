//! The addresses that a Redis may be given by.

use std::fmt;

use redis::{Client, ConnectionAddr, ErrorKind, RedisError, RedisResult};

use crate::{encryption::ensure_cryptography, tcp};

/// Where Redis is. `Debug` shows no password.
#[derive(Clone)]
pub struct Address {
    seeds: Vec<Client>,
    is_cluster: bool,
}

impl Address {
    /// Reads `redis://` and `rediss://`, with user, password and database as needed. A cluster is
    /// `redis+cluster://user:password@host:port` or `rediss+cluster://`, with further nodes to ask first as
    /// `?node=host:port&node=host:port`; one that answers is enough to find all others. The database of a server may
    /// stand behind the `?` as well, as `db=2`; nothing else may but `protocol`. Does not connect.
    ///
    /// # Errors
    /// When it is none of these; the message does not repeat it.
    pub fn read(url: &str) -> RedisResult<Self> {
        let (is_cluster, urls) = match url.split_once("+cluster://") {
            Some((scheme, rest)) => (true, nodes(scheme, rest)?),
            None => (false, vec![server(url)?]),
        };
        let seeds: Vec<_> = urls.iter().map(|url| seed(url)).collect::<RedisResult<_>>()?;
        if seeds.iter().any(is_encrypted) {
            ensure_cryptography();
        }
        Ok(Self { seeds, is_cluster })
    }

    /// The server, or those nodes of a cluster that are asked first: at least one.
    #[must_use]
    pub fn seeds(&self) -> &[Client] {
        &self.seeds
    }

    /// Whether this is a cluster.
    #[must_use]
    pub fn is_cluster(&self) -> bool {
        self.is_cluster
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self
            .seeds
            .iter()
            .map(|seed| seed.get_connection_info().addr().to_string());
        formatter
            .debug_struct("Address")
            .field("seeds", &hosts.collect::<Vec<_>>())
            .field("is_cluster", &self.is_cluster)
            .finish()
    }
}

fn seed(url: &str) -> RedisResult<Client> {
    let info = Client::open(url)?.get_connection_info().clone();
    Client::open(info.set_tcp_settings(tcp::settings()))
}

fn is_encrypted(seed: &Client) -> bool {
    matches!(seed.get_connection_info().addr(), ConnectionAddr::TcpTls { .. })
}

/// The address of each node, all with the first one's user and password.
fn nodes(scheme: &str, rest: &str) -> RedisResult<Vec<String>> {
    let (first, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (user, first) = match first.rsplit_once('@') {
        Some((user, host)) => (format!("{user}@"), host),
        None => (String::new(), first),
    };
    let mut hosts = vec![first.trim_end_matches('/')];
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        hosts.push(pair.strip_prefix("node=").ok_or_else(unknown_option)?);
    }
    Ok(hosts
        .iter()
        .map(|host| format!("{scheme}://{user}{host}/"))
        .collect())
}

/// The address of a server, with its database as part of the path: the driver would pass over `?db=2`.
fn server(url: &str) -> RedisResult<String> {
    let Some((address, query)) = url.split_once('?') else {
        return Ok(url.to_owned());
    };
    let (mut database, mut others) = (None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("db", number)) if number.parse::<u32>().is_ok() && database.is_none() => {
                database = Some(number);
            }
            Some(("protocol", _)) => others.push(pair),
            _ => return Err(unknown_parameter()),
        }
    }
    let address = match database {
        None => address.to_owned(),
        Some(number) if names_no_database(address) => {
            format!("{}/{number}", address.trim_end_matches('/'))
        }
        Some(_) => return Err(unknown_parameter()),
    };
    Ok(match others.is_empty() {
        true => address,
        false => format!("{address}?{}", others.join("&")),
    })
}

fn names_no_database(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split_once('/').is_none_or(|(_, path)| path.is_empty())
}

fn unknown_parameter() -> RedisError {
    (
        ErrorKind::InvalidClientConfig,
        "a server's address takes only db=number, once and instead of a path, and protocol=resp2 or resp3",
    )
        .into()
}

fn unknown_option() -> RedisError {
    (
        ErrorKind::InvalidClientConfig,
        "a cluster's address takes only node=host:port",
    )
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(url: &str) -> Vec<String> {
        let address = Address::read(url).unwrap();
        assert!(address.is_cluster);
        let infos = address.seeds.iter().map(Client::get_connection_info);
        infos.map(|info| info.addr().to_string()).collect()
    }

    #[test]
    fn every_node_of_a_cluster_is_found_with_its_password() {
        assert_eq!(hosts("redis+cluster://:secret@one:7000"), ["one:7000"]);
        let url = "redis+cluster://user:secret@one:7000/?node=two:7001&node=three:7002";
        assert_eq!(hosts(url), ["one:7000", "two:7001", "three:7002"]);
        for seed in Address::read(url).unwrap().seeds {
            assert_eq!(
                seed.get_connection_info().redis_settings().password(),
                Some("secret")
            );
        }
        let encrypted = Address::read("rediss+cluster://one").unwrap();
        assert!(encrypted.seeds.iter().all(is_encrypted));
    }

    #[test]
    fn the_database_behind_the_question_mark_counts() {
        let database = |url| {
            let address = Address::read(url).unwrap();
            address.seeds[0].get_connection_info().redis_settings().db()
        };

        assert_eq!(database("redis://:secret@one:7000/?db=2"), 2);
        assert_eq!(database("redis://one?db=3&protocol=resp3"), 3);
        assert_eq!(database("redis://one/4"), 4);
        for refused in [
            "redis://one/4?db=2",
            "redis://one?db=x",
            "redis://one?database=2",
            "redis://one?db",
        ] {
            assert!(Address::read(refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn debug_hides_the_password() {
        let address = Address::read("redis+cluster://user:secret@one:7000?node=two:7001").unwrap();

        let shown = format!("{address:?}");

        assert!(shown.contains("two:7001") && !shown.contains("secret"), "{shown}");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for url in [
            "redis+cluster://one?nodes=two",
            "http+cluster://one",
            "one:6379x",
            "redis+cluster://:7000",
        ] {
            assert!(Address::read(url).is_err(), "{url}");
        }
        assert!(!Address::read("redis://one").unwrap().is_cluster);
    }
}
