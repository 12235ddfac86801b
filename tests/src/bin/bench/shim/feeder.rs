//! Who answers the page: two plain sockets, each on a thread of its own, so quick that neither is what is measured.
//! One floods the subject that a message on `bench.go` names; the other sends back what comes to `bench.echo`.

use super::line::Flood;
use bytes::{Bytes, BytesMut};
use nats_proto::{ConnectInfo, Decoder, ServerInfo, ServerOp, encode};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// So many messages are written at a time.
const BATCH: usize = 1_000;

/// Both threads. They end when this is dropped.
pub struct Feeder {
    sockets: Vec<TcpStream>,
    threads: Vec<JoinHandle<()>>,
}

impl Feeder {
    /// Connects both, and returns when the server knows what they listen to.
    pub fn start(server: SocketAddr, flood: Flood) -> Self {
        let mut feeder = Self { sockets: Vec::new(), threads: Vec::new() };
        feeder.serve(server, "bench.go", move |socket, _, order| socket.flood(&order, &flood));
        feeder.serve(server, "bench.echo", |socket, reply, payload| {
            encode::publish(&mut socket.out, reply, None, None, &payload);
        });
        feeder
    }

    fn serve(
        &mut self,
        server: SocketAddr,
        subject: &str,
        answer: impl Fn(&mut Socket, &str, Bytes) + Send + 'static,
    ) {
        let mut socket = Socket::connect(server);
        encode::subscribe(&mut socket.out, subject, None, 1);
        encode::ping(&mut socket.out);
        socket.send();
        while !matches!(socket.decoder.next().expect("the server speaks NATS"), Some(ServerOp::Pong)) {
            assert!(socket.read(), "the server lets it in");
        }
        self.sockets.push(socket.stream.try_clone().expect("a socket has more than one handle"));
        self.threads.push(std::thread::spawn(move || {
            while socket.read() {
                while let Ok(Some(operation)) = socket.decoder.next() {
                    match operation {
                        ServerOp::Ping => encode::pong(&mut socket.out),
                        ServerOp::Message { reply, payload, .. } => {
                            answer(&mut socket, reply.as_deref().unwrap_or_default(), payload);
                        }
                        _ => {}
                    }
                }
                socket.send();
            }
        }));
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        for socket in &self.sockets {
            // It may be closed already.
            let _ = socket.shutdown(std::net::Shutdown::Both);
        }
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

struct Socket {
    stream: TcpStream,
    decoder: Decoder,
    out: BytesMut,
    buffer: Vec<u8>,
}

impl Socket {
    fn connect(server: SocketAddr) -> Self {
        let stream = TcpStream::connect(server).expect("the server listens");
        stream.set_nodelay(true).expect("a socket of TCP");
        let mut socket =
            Self { stream, decoder: Decoder::new(), out: BytesMut::new(), buffer: vec![0; 256 * 1024] };
        let server = ServerInfo { headers: true, ..ServerInfo::default() };
        encode::connect(&mut socket.out, &ConnectInfo::default(), None, &server);
        socket
    }

    /// Reads what is there; false when the connection is over.
    fn read(&mut self) -> bool {
        match self.stream.read(&mut self.buffer) {
            Ok(0) | Err(_) => false,
            Ok(read) => {
                self.decoder.push(Bytes::copy_from_slice(&self.buffer[..read]));
                true
            }
        }
    }

    /// Publishes what an order asks for, `subject count size`, and before it one that travels alone, by which every side
    /// starts its clock: at a first frame full of them each would at another point of its work. Bodies are all zeros, as the official client's own
    /// benchmark has them.
    fn flood(&mut self, order: &[u8], flood: &Flood) {
        let order = std::str::from_utf8(order).expect("an order is text");
        let mut words = order.split(' ');
        let subject = words.next().expect("a subject");
        let mut number = || words.next().and_then(|word| word.parse::<usize>().ok()).expect("a number");
        let (mut left, size) = (number(), number());
        let payload = Bytes::from(vec![0; size]);
        flood.rises();
        encode::publish(&mut self.out, subject, None, None, &payload);
        self.send();
        let patience = Instant::now() + Duration::from_secs(10);
        while !flood.has_begun() {
            assert!(Instant::now() < patience, "the page gets the first message");
            // A thread of its own looks; to look without a pause would take a core from the page.
            std::thread::sleep(Duration::from_millis(1));
        }
        while left > 0 {
            for _ in 0..left.min(BATCH) {
                encode::publish(&mut self.out, subject, None, None, &payload);
            }
            left -= left.min(BATCH);
            self.send();
        }
        encode::ping(&mut self.out);
        self.send();
        while !matches!(self.decoder.next().expect("the server speaks NATS"), Some(ServerOp::Pong)) {
            assert!(self.read(), "the server takes all of it");
        }
        flood.is_whole();
    }

    fn send(&mut self) {
        // A connection that is over is seen when it is read.
        let _ = self.stream.write_all(&self.out);
        self.out.clear();
    }
}
