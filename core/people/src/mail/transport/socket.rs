//! Connections to a mail server, plain and encrypted.

use lettre::transport::smtp::client::AsyncTokioStream;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{TlsConnector, client::TlsStream};
use vitrine_redis::notice_silence;

/// Opens a connection that does not outlive a dead network for more than half a minute, however long its server may
/// take to answer.
///
/// # Errors
/// When no address of the host takes the connection.
pub(super) async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let stream = TcpStream::connect((host, port)).await?;
    notice_silence(&stream)?;
    Ok(stream)
}

/// Encrypts connections from their first byte (RFC 8314), with a server that the system's certificates vouch for.
#[derive(Clone)]
pub(super) struct Encryptor {
    server: ServerName<'static>,
    connector: TlsConnector,
}

impl Encryptor {
    /// # Errors
    /// When the host is no name that a certificate can have, or no trusted certificates are to be found.
    pub(super) fn new(host: &str) -> Result<Self, String> {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            return Err("no trusted certificates are to be found".to_owned());
        }
        Self::trusting(host, roots)
    }

    pub(super) fn trusting(host: &str, roots: RootCertStore) -> Result<Self, String> {
        let server = ServerName::try_from(host.to_owned()).map_err(|error| error.to_string())?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Self {
            server,
            connector: TlsConnector::from(Arc::new(config)),
        })
    }

    /// # Errors
    /// When the server is not who it should be, or the connection fails.
    pub(super) async fn encrypt(&self, stream: TcpStream) -> io::Result<Encrypted> {
        let stream = self.connector.connect(self.server.clone(), stream).await?;
        Ok(Encrypted(stream))
    }
}

/// An encrypted connection, in the shape that the mail library takes.
pub(super) struct Encrypted(TlsStream<TcpStream>);

impl fmt::Debug for Encrypted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Encrypted")
    }
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().0.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.0).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_shutdown(context)
    }
}
