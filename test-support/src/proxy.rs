//! A network between clients and a server that can lead elsewhere and fall silent.

use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

/// Passes connections on to a port of the loopback interface. Ends when dropped.
pub struct TcpProxy {
    port: u16,
    target: Arc<AtomicU16>,
    silenced: watch::Sender<()>,
    accepting: JoinHandle<()>,
}

impl TcpProxy {
    /// Listens on a port of its own for connections to this one.
    ///
    /// # Errors
    /// When no port can be had.
    pub async fn to(target: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let port = listener.local_addr()?.port();
        let target = Arc::new(AtomicU16::new(target));
        let silenced = watch::Sender::new(());
        let accepting = tokio::spawn(accept(listener, Arc::clone(&target), silenced.clone()));
        Ok(Self {
            port,
            target,
            silenced,
            accepting,
        })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Leads connections that begin from now on to another port; the others stay where they are.
    pub fn lead_to(&self, target: u16) {
        self.target.store(target, Ordering::Relaxed);
    }

    /// From now on nothing passes on the connections of this moment, and neither end is told.
    pub fn silence(&self) {
        self.silenced.send_replace(());
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, target: Arc<AtomicU16>, silenced: watch::Sender<()>) {
    while let Ok((client, _)) = listener.accept().await {
        let target = (Ipv4Addr::LOCALHOST, target.load(Ordering::Relaxed));
        tokio::spawn(connect(client, target, silenced.subscribe()));
    }
}

async fn connect(client: TcpStream, target: (Ipv4Addr, u16), silenced: watch::Receiver<()>) {
    let Ok(server) = TcpStream::connect(target).await else {
        return;
    };
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    tokio::join!(
        pass(from_client, to_server, silenced.clone()),
        pass(from_server, to_client, silenced),
    );
}

/// Ends with the connection; once silenced, holds both ends for as long as the proxy lives.
async fn pass(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    mut silenced: watch::Receiver<()>,
) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        let read = tokio::select! {
            biased;
            changed = silenced.changed() => match changed {
                Ok(()) => return while silenced.changed().await.is_ok() {},
                Err(_) => return,
            },
            read = from.read(&mut buffer) => read,
        };
        match read {
            Ok(length) if length > 0 && to.write_all(&buffer[..length]).await.is_ok() => {}
            _ => {
                // The other direction may go on.
                let _ = to.shutdown().await;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::timeout;

    use super::*;

    async fn says_its_name(name: &'static str) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut asked = [0; 1];
                    while client.read_exact(&mut asked).await.is_ok() {
                        client.write_all(name.as_bytes()).await.unwrap();
                    }
                });
            }
        });
        port
    }

    async fn ask(connection: &mut TcpStream) -> String {
        let mut answer = [0; 1];
        connection.write_all(b"?").await.unwrap();
        connection.read_exact(&mut answer).await.unwrap();
        String::from_utf8(answer.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn it_leads_elsewhere_and_falls_silent() {
        let proxy = TcpProxy::to(says_its_name("a").await).await.unwrap();
        let connect = async || TcpStream::connect(("127.0.0.1", proxy.port())).await.unwrap();
        let mut old = connect().await;
        assert_eq!(ask(&mut old).await, "a");

        proxy.lead_to(says_its_name("b").await);
        assert_eq!(ask(&mut connect().await).await, "b");
        assert_eq!(ask(&mut old).await, "a");

        proxy.silence();
        let silence = timeout(Duration::from_millis(300), ask(&mut old)).await;
        assert!(silence.is_err(), "{silence:?}");
        assert_eq!(ask(&mut connect().await).await, "b");
    }
}
