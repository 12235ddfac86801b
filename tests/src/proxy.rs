//! A line between clients and a server that loses what it is told to lose: what the client sends goes through, and what
//! the server answers is swallowed, until the line is cut. So a message is stored and its acknowledgement never comes.
//! It also stalls, so that nothing comes any more and nobody is told, breaks off in the middle of a frame, and is as slow
//! as a poor network.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::OwnedReadHalf;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A proxy on a free port. Gone when dropped.
pub struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

struct Shared {
    server: SocketAddr,
    swallows: AtomicBool,
    /// The next that the server says is passed on in half, and then the line ends.
    breaks: AtomicBool,
    /// How many bytes a second clients can send over each line.
    upload: AtomicU32,
    /// Lines go on existing, and nothing goes over them.
    stalls: watch::Sender<bool>,
    /// Acknowledgements of a stream that were swallowed.
    swallowed: AtomicUsize,
    /// Connections so far.
    connections: AtomicUsize,
    /// Counts the cuts: lines of before end.
    cuts: watch::Sender<u64>,
}

impl Proxy {
    /// A line to `server`, which loses nothing yet.
    pub async fn start(server: SocketAddr) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            server,
            swallows: AtomicBool::new(false),
            breaks: AtomicBool::new(false),
            upload: AtomicU32::new(u32::MAX),
            stalls: watch::Sender::new(false),
            swallowed: AtomicUsize::new(0),
            connections: AtomicUsize::new(0),
            cuts: watch::Sender::new(0),
        });
        let lines = shared.clone();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                lines.connections.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(line(lines.clone(), client));
            }
        });
        Self { address, shared, accepting }
    }

    /// Where clients connect.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address)
    }

    /// Where browsers connect, if it leads to where a server listens to them.
    #[must_use]
    pub fn ws_url(&self) -> String {
        format!("ws://{}", self.address)
    }

    /// Lets nothing through, in no direction, until the next [`cut`](Self::cut).
    pub fn stall(&self) {
        self.shared.stalls.send_replace(true);
    }

    /// Lets clients send so many bytes a second from now on, over each line.
    pub fn slow_down(&self, upload: u32) {
        self.shared.upload.store(upload, Ordering::SeqCst);
    }

    /// Ends the lines in the middle of the next frame that the server sends over each.
    pub fn break_off(&self) {
        self.shared.breaks.store(true, Ordering::SeqCst);
    }

    /// Swallows what the server says from now on, until the next [`cut`](Self::cut).
    pub fn swallow(&self) {
        self.shared.swallows.store(true, Ordering::SeqCst);
    }

    /// Ends every connection; the next ones lose nothing.
    pub fn cut(&self) {
        self.shared.cuts.send_modify(|cuts| *cuts += 1);
        self.shared.swallows.store(false, Ordering::SeqCst);
        self.shared.stalls.send_replace(false);
    }

    /// How many acknowledgements of a stream were swallowed.
    #[must_use]
    pub fn swallowed(&self) -> usize {
        self.shared.swallowed.load(Ordering::SeqCst)
    }

    /// How many connections there were.
    #[must_use]
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::SeqCst)
    }
}

impl Shared {
    /// Waits as long as it stalls.
    async fn flows(&self) {
        // The sender is its own.
        let _ = self.stalls.subscribe().wait_for(|stalls| !stalls).await.is_ok();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut();
    }
}

async fn line(shared: Arc<Shared>, client: TcpStream) {
    let Ok(server) = TcpStream::connect(shared.server).await else { return };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let mut cuts = shared.cuts.subscribe();
    let (from_client, mut to_client) = client.into_split();
    let (from_server, mut to_server) = server.into_split();
    let there = async {
        let mut from = from_client;
        let mut buffer = vec![0; 64 * 1024];
        // Ends with either side; so does the other direction then.
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            shared.flows().await;
            if to_server.write_all(&buffer[..read]).await.is_err() {
                return;
            }
            let upload = shared.upload.load(Ordering::SeqCst);
            if upload < u32::MAX {
                // What makes it slow: so long these bytes take.
                let bytes = f64::from(u32::try_from(read).unwrap_or(u32::MAX));
                tokio::time::sleep(Duration::from_secs_f64(bytes / f64::from(upload))).await;
            }
        }
    };
    let back = async { answers(&shared, from_server, &mut to_client).await };
    tokio::select! {
        () = there => {}
        () = back => {}
        _ = cuts.changed() => {}
    }
}

/// What was once swallowed in part is swallowed to the end of the line: half a message would be no message.
async fn answers(shared: &Shared, mut from: OwnedReadHalf, to: &mut (impl AsyncWriteExt + Unpin)) {
    let mut buffer = vec![0; 64 * 1024];
    let mut swallows = false;
    loop {
        let read = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => &buffer[..read],
        };
        shared.flows().await;
        if shared.breaks.swap(false, Ordering::SeqCst) {
            // Fails only where the line has ended already.
            let _ = to.write_all(&read[..read.len() / 2]).await;
            return;
        }
        swallows |= shared.swallows.load(Ordering::SeqCst);
        if swallows {
            let acks = read.windows(10).filter(|bytes| *bytes == b"{\"stream\":").count();
            shared.swallowed.fetch_add(acks, Ordering::SeqCst);
        } else if to.write_all(read).await.is_err() {
            return;
        }
    }
}
