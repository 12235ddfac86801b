//! Three servers in a cluster. Those that keep streams: kill the one that leads ours, and start it again. Those that do
//! not have a door for browsers: kill one, or let it announce its end.

use crate::server::{command, pid};
use crate::wait;
use async_nats::jetstream;
use nix::sys::signal::{Signal, kill};
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::process::Child;
use std::time::Duration;
use tempfile::TempDir;

/// So long a cluster may take to find a leader: an election takes four to nine seconds.
const ELECTION: Duration = Duration::from_secs(60);

/// Three servers; gone when dropped.
pub struct Cluster {
    nodes: Vec<Node>,
    folder: TempDir,
}

struct Node {
    name: String,
    port: u16,
    websocket: u16,
    process: Option<Child>,
}

impl Cluster {
    /// Starts three servers, and waits until they can keep streams.
    pub async fn start() -> Self {
        let cluster = Self::launched("jetstream { store_dir: \".\", sync_interval: always }");
        let client = client(cluster.urls()).await;
        wait::until("three servers that keep streams", ELECTION, async || {
            let config = jetstream::stream::Config {
                name: "PROBE".into(),
                subjects: vec!["probe".into()],
                num_replicas: 3,
                ..jetstream::stream::Config::default()
            };
            jetstream::new(client.clone()).get_or_create_stream(config).await.map(drop)
        })
        .await;
        jetstream::new(client).delete_stream("PROBE").await.expect("it was made");
        cluster
    }

    /// Starts three servers without streams, and waits until each knows the others. One that announces its end sends its
    /// clients away after a second.
    pub async fn without_streams() -> Self {
        let cluster = Self::launched("lame_duck_duration: \"30s\"\nlame_duck_grace_period: \"1s\"");
        for node in &cluster.nodes {
            wait::until("a server that knows the others", ELECTION, async || {
                // It is told when a client connects, and async-nats keeps that.
                let client = async_nats::connect(node.url()).await.map_err(|error| error.to_string())?;
                let known = client.server_info().connect_urls;
                if known.len() == 3 { Ok(()) } else { Err(format!("{known:?}")) }
            })
            .await;
        }
        cluster
    }

    /// Three servers that have been started and may not have found each other; `more` is in the configuration of each.
    fn launched(more: &str) -> Self {
        let folder =
            tempfile::Builder::new().prefix("mjwork-cluster-").tempdir().expect("a temporary folder");
        // Held together, so that they differ.
        let held: Vec<TcpListener> =
            (0..9).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port")).collect();
        let ports: Vec<u16> = held.iter().map(|h| h.local_addr().expect("an address").port()).collect();
        let routes: Vec<String> = ports[3..6].iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
        drop(held);
        let mut cluster = Self { nodes: Vec::new(), folder };
        for n in 0..3 {
            let name = format!("n{n}");
            let config = format!(
                "server_name: {name}\nlisten: 127.0.0.1:{}\n{more}\n\
                 cluster {{ name: race, listen: 127.0.0.1:{}, routes: {routes:?} }}\n\
                 websocket {{ listen: 127.0.0.1:{}, no_tls: true }}\n",
                ports[n],
                ports[3 + n],
                ports[6 + n]
            );
            let node = Node { name, port: ports[n], websocket: ports[6 + n], process: None };
            fs::create_dir(cluster.home(&node)).expect("the folder is writable");
            fs::write(cluster.home(&node).join("nats-server.conf"), config).expect("the folder is writable");
            cluster.nodes.push(node);
        }
        for n in 0..3 {
            cluster.launch(n);
        }
        cluster
    }

    fn home(&self, node: &Node) -> PathBuf {
        self.folder.path().join(&node.name)
    }

    fn launch(&mut self, n: usize) {
        let home = self.home(&self.nodes[n]);
        let log = home.join("nats-server.log");
        self.nodes[n].process = Some(command(&home, &log).spawn().expect("nats-server can be run"));
    }

    /// The addresses of all, with commas between them.
    #[must_use]
    pub fn urls(&self) -> String {
        let urls: Vec<String> = self.nodes.iter().map(Node::url).collect();
        urls.join(",")
    }

    /// Where browsers connect to the first, `ws://127.0.0.1:…`.
    #[must_use]
    pub fn ws_url(&self) -> String {
        format!("ws://127.0.0.1:{}", self.nodes[0].websocket)
    }

    /// Kills a server by its name as `kill -9` does.
    ///
    /// # Panics
    /// When it is none of ours.
    pub fn kill_named(&mut self, name: &str) {
        self.kill(self.place(name));
    }

    /// Lets a server announce its end: it takes nobody in any more, and sends away whoever is there.
    ///
    /// # Panics
    /// When it is none of ours, or not running.
    pub fn lame_duck(&self, name: &str) {
        let process = self.nodes[self.place(name)].process.as_ref().expect("it is running");
        kill(pid(process), Signal::SIGUSR2).expect("a child of this process can be signalled");
    }

    fn place(&self, name: &str) -> usize {
        self.nodes.iter().position(|node| node.name == name).expect("it is one of ours")
    }

    /// Kills the server that leads the stream as `kill -9` does; once another leads, starts it again and waits until
    /// it has caught up.
    pub async fn restart_leader(&mut self) {
        let client = client(self.urls()).await;
        let leads = async || -> Result<(String, bool), String> {
            let stream = jetstream::new(client.clone()).get_stream("MJ_ONLINE_WORK").await;
            let stream = stream.map_err(|error| error.to_string())?;
            let cluster = stream.cached_info().cluster.clone().ok_or("no cluster")?;
            let whole =
                cluster.replicas.len() == 2 && cluster.replicas.iter().all(|r| r.current && !r.offline);
            Ok((cluster.leader.ok_or("no leader")?, whole))
        };
        let (leader, _) = wait::until("a leader", ELECTION, leads).await;
        let n = self.place(&leader);
        self.kill(n);
        wait::until("another leader", ELECTION, async || match leads().await {
            Ok((other, _)) if other != leader => Ok(()),
            Ok((other, _)) => Err(other),
            Err(error) => Err(error),
        })
        .await;
        self.launch(n);
        wait::until("three that are up to date", ELECTION, async || match leads().await {
            Ok((_, true)) => Ok(()),
            Ok(seen) => Err(format!("{seen:?}")),
            Err(error) => Err(error),
        })
        .await;
    }

    fn kill(&mut self, n: usize) {
        if let Some(mut process) = self.nodes[n].process.take() {
            // Fails only where it has ended by itself, which is what is wanted.
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// A client of the servers at these addresses, once one of them is there.
async fn client(urls: String) -> async_nats::Client {
    let options = async_nats::ConnectOptions::new().retry_on_initial_connect();
    options.connect(urls.split(',').collect::<Vec<_>>()).await.expect("addresses")
}

impl Node {
    fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for n in 0..self.nodes.len() {
            self.kill(n);
            if std::thread::panicking() {
                let log = fs::read_to_string(self.home(&self.nodes[n]).join("nats-server.log"));
                eprintln!("--- log of {}\n{}---", self.nodes[n].name, log.unwrap_or_default());
            }
        }
    }
}
