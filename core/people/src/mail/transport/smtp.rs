//! Emails over SMTP.

use super::{
    DeliveryError, Encryption, Relay,
    socket::{self, Encryptor},
};
use lettre::{
    Message,
    transport::smtp::{
        Error,
        authentication::{Credentials, DEFAULT_MECHANISMS},
        client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters},
        commands::{Data, Mail, Rcpt},
        extension::ClientId,
    },
};
use secrecy::ExposeSecret;
use std::{io, net::IpAddr, time::Duration};
use tokio::time::timeout;

/// How long everything before the email itself may take.
const PREPARING: Duration = Duration::from_secs(30);
/// How long the server may take to say that it took the email; then nobody knows whether it did. RFC 5321
/// (section 4.5.3.2.6) allows ten minutes, which no server of today needs.
const DELIVERING: Duration = Duration::from_secs(120);

/// Hands emails to a mail server, one conversation each.
///
/// RFC 5321 has no way to ask whether an email was taken when the answer to its last byte is lost
/// (RFC 1047). Such an email is in doubt and is not sent again.
#[derive(Clone)]
pub struct Smtp {
    relay: Relay,
    protection: Protection,
}

/// What each kind of encryption needs.
#[derive(Clone)]
enum Protection {
    FromTheStart(Encryptor),
    StartTls(Box<TlsParameters>),
    None,
}

/// A conversation in which the server waits for the email itself. One that is dropped delivers nothing.
pub(in crate::mail) struct Conversation {
    connection: AsyncSmtpConnection,
    message: Vec<u8>,
}

impl Smtp {
    /// Emails for this server.
    ///
    /// # Errors
    /// When the host is no name that a certificate can have, or no trusted certificates are to be found.
    pub fn new(relay: Relay) -> Result<Self, String> {
        let protection = match relay.encryption {
            Encryption::None => Protection::None,
            Encryption::FromTheStart => Protection::FromTheStart(Encryptor::new(&relay.host)?),
            Encryption::StartTls => {
                let parameters = TlsParameters::new(relay.host.clone());
                Protection::StartTls(Box::new(parameters.map_err(|error| error.to_string())?))
            }
        };
        Ok(Self { relay, protection })
    }

    pub(super) async fn prepare(&self, message: &Message) -> Result<Conversation, DeliveryError> {
        timeout(PREPARING, self.introduce(message))
            .await
            .map_err(|_| DeliveryError::NotNow("the mail server takes too long".to_owned()))?
    }

    /// Only the recipient can be refused for good: whatever else a server refuses for good is a setting of ours,
    /// which somebody will correct.
    async fn introduce(&self, message: &Message) -> Result<Conversation, DeliveryError> {
        let mut connection = self.connect().await?;
        if let Some((user, password)) = &self.relay.credentials {
            let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
            let known = connection.auth(DEFAULT_MECHANISMS, &credentials).await;
            known.map_err(not_now)?;
        }
        let envelope = message.envelope();
        let from = Mail::new(envelope.from().cloned(), Vec::new());
        connection.command(from).await.map_err(not_now)?;
        for to in envelope.to() {
            let to = Rcpt::new(to.clone(), Vec::new());
            connection.command(to).await.map_err(refused)?;
        }
        connection.command(Data).await.map_err(not_now)?;
        Ok(Conversation {
            connection,
            message: message.formatted(),
        })
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, DeliveryError> {
        let hello = introduction(&self.relay.hello_name);
        let stream = self.open().await.map_err(|error| unreachable(&error))?;
        let connection = AsyncSmtpConnection::connect_with_transport(stream, &hello).await;
        let mut connection = connection.map_err(not_now)?;
        if let Protection::StartTls(tls) = &self.protection {
            let encrypted = connection.starttls(tls.as_ref().clone(), &hello).await;
            encrypted.map_err(not_now)?;
        }
        Ok(connection)
    }

    async fn open(&self) -> io::Result<Box<dyn AsyncTokioStream>> {
        let stream = socket::connect(&self.relay.host, self.relay.port).await?;
        Ok(match &self.protection {
            Protection::FromTheStart(encryptor) => Box::new(encryptor.encrypt(stream).await?),
            Protection::StartTls(_) | Protection::None => Box::new(stream),
        })
    }
}

impl Conversation {
    pub(super) async fn deliver(mut self) -> Result<(), DeliveryError> {
        let answer = timeout(DELIVERING, self.connection.message(&self.message)).await;
        let taken = match answer {
            Err(_) => Err(DeliveryError::InDoubt(
                "the mail server did not say whether it took it".to_owned(),
            )),
            // The server has answered, and its answer is no.
            Ok(Err(error)) if error.status().is_some() => Err(refused(error)),
            Ok(Err(error)) => Err(DeliveryError::InDoubt(reason(&error))),
            Ok(Ok(_)) => Ok(()),
        };
        // Nobody waits for the good-bye: the email is marked as sent at once.
        tokio::spawn(async move { timeout(PREPARING, self.connection.quit()).await });
        taken
    }
}

fn introduction(name: &str) -> ClientId {
    match name.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
        Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
        Err(_) => ClientId::Domain(name.to_owned()),
    }
}

/// The system's words may hold the server's address, so only the kind is kept.
fn unreachable(error: &io::Error) -> DeliveryError {
    DeliveryError::NotNow(match error.kind() {
        io::ErrorKind::InvalidData => "no encrypted connection to the mail server".to_owned(),
        kind => format!("the mail server cannot be reached: {kind}"),
    })
}

fn not_now(error: Error) -> DeliveryError {
    DeliveryError::NotNow(reason(&error))
}

fn refused(error: Error) -> DeliveryError {
    match error.is_permanent() {
        true => DeliveryError::Never(reason(&error)),
        false => not_now(error),
    }
}

/// A server's own words may repeat addresses, so only its code is kept.
fn reason(error: &Error) -> String {
    match error.status() {
        Some(code) => format!("the mail server answered {code}"),
        None if error.is_timeout() => "the mail server takes too long".to_owned(),
        None if error.is_tls() => "no encrypted connection to the mail server".to_owned(),
        None if error.is_client() => "the mail server cannot do what is needed".to_owned(),
        None => "the connection to the mail server failed".to_owned(),
    }
}

#[cfg(test)]
mod tests;
