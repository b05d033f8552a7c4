//! The wire below a conversation with a mail server. The mail library owns the stream it talks over, so this one is
//! shared with us: we encrypt it where STARTTLS was agreed, and we know whether anything was said yet.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio_native_tls::{TlsConnector, TlsStream};

#[derive(Debug)]
enum Line {
    Plain(TcpStream),
    Encrypted(Box<TlsStream<TcpStream>>),
    /// While it is being encrypted.
    Away,
}

/// A stream that two hold: the library, which talks, and we.
#[derive(Clone, Debug)]
pub(super) struct Wire {
    line: Arc<Mutex<Line>>,
    peer: SocketAddr,
    spoke: Arc<AtomicBool>,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> io::Result<Self> {
        let peer = stream.peer_addr()?;
        Ok(Self { line: Arc::new(Mutex::new(Line::Plain(stream))), peer, spoke: Arc::default() })
    }

    /// Whether we have said anything.
    pub(super) fn spoke(&self) -> bool {
        self.spoke.load(Ordering::Relaxed)
    }

    /// Encrypts it, checking that the certificate is the host's.
    pub(super) async fn encrypt(&self, tls: &TlsConnector, host: &str) -> io::Result<()> {
        let taken = self.with(|line| std::mem::replace(line, Line::Away));
        let Line::Plain(stream) = taken else {
            return Err(io::Error::other("it is encrypted already"));
        };
        let encrypted =
            tls.connect(host, stream).await.map_err(|cause| io::Error::other(crate::base::cause::chain(&cause)))?;
        self.with(|line| *line = Line::Encrypted(Box::new(encrypted)));
        Ok(())
    }

    fn with<T>(&self, act: impl FnOnce(&mut Line) -> T) -> T {
        act(&mut self.line.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn away<T>() -> Poll<io::Result<T>> {
    Poll::Ready(Err(io::ErrorKind::NotConnected.into()))
}

impl AsyncRead for Wire {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.with(|line| match line {
            Line::Plain(stream) => Pin::new(stream).poll_read(cx, buffer),
            Line::Encrypted(stream) => Pin::new(stream.as_mut()).poll_read(cx, buffer),
            Line::Away => away(),
        })
    }
}

impl AsyncWrite for Wire {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.spoke.store(true, Ordering::Relaxed);
        self.with(|line| match line {
            Line::Plain(stream) => Pin::new(stream).poll_write(cx, bytes),
            Line::Encrypted(stream) => Pin::new(stream.as_mut()).poll_write(cx, bytes),
            Line::Away => away(),
        })
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|line| match line {
            Line::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Line::Encrypted(stream) => Pin::new(stream.as_mut()).poll_flush(cx),
            Line::Away => away(),
        })
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.with(|line| match line {
            Line::Plain(stream) => Pin::new(stream).poll_shutdown(cx),
            Line::Encrypted(stream) => Pin::new(stream.as_mut()).poll_shutdown(cx),
            Line::Away => away(),
        })
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}
