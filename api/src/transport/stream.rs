//! A connection's bytes.

use super::connection::Connection;
use std::{
    io::{self, ErrorKind},
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// A stream whose line knows what it does, and which ends when the line is cut: the server below has no limit on
/// how long a client may take to read.
#[derive(Debug)]
pub(crate) struct MonitoredStream {
    stream: TcpStream,
    line: Rc<Connection>,
}

impl MonitoredStream {
    pub(super) fn new(stream: TcpStream, line: Rc<Connection>) -> Self {
        Self { stream, line }
    }

    pub(super) fn line(&self) -> Rc<Connection> {
        Rc::clone(&self.line)
    }

    fn check(&self) -> io::Result<()> {
        if !self.line.is_cut() {
            return Ok(());
        }
        // Otherwise the system would keep what was not taken, and try for minutes to send it.
        self.stream.set_zero_linger()?;
        Err(ErrorKind::TimedOut.into())
    }
}

impl AsyncRead for MonitoredStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check()?;
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        if polled.is_pending() {
            self.line.wait(context.waker());
        } else if buffer.filled().len() > before {
            self.line.heard();
        }
        polled
    }
}

impl AsyncWrite for MonitoredStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        let polled = Pin::new(&mut self.stream).poll_write(context, bytes);
        match &polled {
            Poll::Pending => {
                self.line.is_blocked();
                self.line.wait(context.waker());
            }
            Poll::Ready(Ok(taken)) => self.line.told(*taken == bytes.len()),
            Poll::Ready(Err(_)) => {}
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
