//! A server that misbehaves below HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// How the server treats every connection, once it has read the head of the request.
#[derive(Clone, Copy)]
pub(crate) enum Manner {
    /// Never answers.
    Hang,
    /// Sends the beginning of an answer and then nothing.
    FallSilent,
    /// Sends one byte every few milliseconds, for ever.
    Trickle,
    /// Sends blocks for ever.
    Flood,
    /// Promises more than it sends before it closes.
    CutShort,
    /// Resets the connection.
    Reset,
    /// Sends these bytes and closes.
    Send(&'static [u8]),
}

/// A server of one manner. `ended` signals when a connection's other side has gone.
pub(crate) struct Wire {
    pub(crate) address: SocketAddr,
    pub(crate) ended: UnboundedReceiver<()>,
}

const ENDLESS: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n{\"id\":\"";
const LONG: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{\"id\":\"1\"";

impl Wire {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, ended) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(treat(stream, manner, sender.clone()));
            }
        });
        Self { address, ended }
    }

    /// Waits until the client has closed its connection.
    pub(crate) async fn connection_ended(&mut self) {
        tokio::time::timeout(Duration::from_secs(10), self.ended.recv())
            .await
            .unwrap()
            .unwrap();
    }
}

async fn treat(mut stream: TcpStream, manner: Manner, ended: UnboundedSender<()>) {
    read_head(&mut stream).await;
    match manner {
        Manner::Hang => closed(&mut stream).await,
        Manner::FallSilent => {
            let _ = stream.write_all(LONG).await;
            closed(&mut stream).await;
        }
        Manner::Trickle => repeat(&mut stream, b"1", Duration::from_millis(10)).await,
        Manner::Flood => repeat(&mut stream, &[b'1'; 16 * 1024], Duration::ZERO).await,
        Manner::CutShort => {
            let _ = stream.write_all(LONG).await;
        }
        Manner::Reset => stream.set_zero_linger().unwrap(),
        Manner::Send(bytes) => {
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
        }
    }
    let _ = ended.send(());
}

async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

async fn closed(stream: &mut TcpStream) {
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await.is_ok_and(|read| read > 0) {}
}

async fn repeat(stream: &mut TcpStream, bytes: &[u8], pause: Duration) {
    let _ = stream.write_all(ENDLESS).await;
    while stream.write_all(bytes).await.is_ok() {
        tokio::time::sleep(pause).await;
    }
}
