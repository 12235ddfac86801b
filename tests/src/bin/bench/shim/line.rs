//! A line between the page and the server that lets everything through; but what a flood brings it gathers, until all
//! of it is there, and lets go at once. So the page is measured, and not the server that shares its processors.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread::spawn;
use std::time::Duration;

/// Nothing more of a flood comes when nothing came for so long after its last message was taken in by the server.
const QUIET: Duration = Duration::from_millis(100);

/// How far a flood is, told by whoever makes it.
#[derive(Clone, Default)]
pub struct Flood(Arc<AtomicU8>);

impl Flood {
    const NONE: u8 = 0;
    const RISES: u8 = 1;
    const HAS_BEGUN: u8 = 2;
    const IS_WHOLE: u8 = 3;

    /// What comes from now on is gathered.
    pub fn rises(&self) {
        self.0.store(Self::RISES, Ordering::SeqCst);
    }

    /// Whether the first of it is here, and so in a frame of its own, if nothing else has been sent.
    pub fn has_begun(&self) -> bool {
        self.0.load(Ordering::SeqCst) != Self::RISES
    }

    /// The server has taken in all of it.
    pub fn is_whole(&self) {
        self.0.store(Self::IS_WHOLE, Ordering::SeqCst);
    }
}

/// The line. Its threads end with the connections that go over it.
pub struct Line {
    address: SocketAddr,
}

impl Line {
    pub fn start(server: SocketAddr, flood: Flood) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("a bound socket has an address");
        spawn(move || {
            for page in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(server) else { return };
                let other =
                    |socket: &TcpStream| socket.try_clone().expect("a socket has more than one handle");
                for socket in [&page, &server] {
                    socket.set_nodelay(true).expect("a socket of TCP");
                }
                let (from_page, to_server) = (other(&page), other(&server));
                let flood = flood.clone();
                spawn(move || pass(from_page, to_server, &Flood::default()));
                spawn(move || pass(server, page, &flood));
            }
        });
        Self { address }
    }

    /// Where the page connects.
    pub fn url(&self) -> String {
        format!("ws://{}", self.address)
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, flood: &Flood) {
    let mut buffer = vec![0; 1 << 20];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        let written = if flood.0.load(Ordering::SeqCst) == Flood::NONE {
            to.write_all(&buffer[..read])
        } else {
            let mut held = buffer[..read].to_vec();
            flood.0.store(Flood::HAS_BEGUN, Ordering::SeqCst);
            gather(&mut from, &mut held, &mut buffer, flood);
            to.write_all(&held)
        };
        if written.is_err() {
            break;
        }
    }
    // One side may be closed already.
    let _ = (from.shutdown(Shutdown::Both), to.shutdown(Shutdown::Both));
}

/// Holds what comes until the flood is whole and nothing more comes.
fn gather(from: &mut TcpStream, held: &mut Vec<u8>, buffer: &mut [u8], flood: &Flood) {
    from.set_read_timeout(Some(QUIET)).expect("a time");
    loop {
        match from.read(buffer) {
            Ok(read @ 1..) => held.extend_from_slice(&buffer[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if flood.0.load(Ordering::SeqCst) == Flood::IS_WHOLE {
                    break;
                }
            }
            _ => break,
        }
    }
    flood.0.store(Flood::NONE, Ordering::SeqCst);
    from.set_read_timeout(None).expect("no time");
}
