//! Three servers in a cluster, each with the stream: kill the one that leads it, and start it again.

use crate::server::command;
use crate::wait;
use async_nats::jetstream;
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
    process: Option<Child>,
}

impl Cluster {
    /// Starts three servers, and waits until they can keep streams.
    pub async fn start() -> Self {
        let folder =
            tempfile::Builder::new().prefix("mjwork-cluster-").tempdir().expect("a temporary folder");
        // Held together, so that they differ.
        let held: Vec<TcpListener> =
            (0..6).map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port")).collect();
        let ports: Vec<u16> = held.iter().map(|h| h.local_addr().expect("an address").port()).collect();
        let routes: Vec<String> = ports[3..].iter().map(|port| format!("nats://127.0.0.1:{port}")).collect();
        drop(held);
        let mut cluster = Self { nodes: Vec::new(), folder };
        for n in 0..3 {
            let name = format!("n{n}");
            let config = format!(
                "server_name: {name}\nlisten: 127.0.0.1:{}\n\
                 jetstream {{ store_dir: \".\", sync_interval: always }}\n\
                 cluster {{ name: race, listen: 127.0.0.1:{}, routes: {routes:?} }}\n",
                ports[n],
                ports[3 + n]
            );
            let node = Node { name, port: ports[n], process: None };
            fs::create_dir(cluster.home(&node)).expect("the folder is writable");
            fs::write(cluster.home(&node).join("nats-server.conf"), config).expect("the folder is writable");
            cluster.nodes.push(node);
        }
        for n in 0..3 {
            cluster.launch(n);
        }
        let client = async_nats::ConnectOptions::new().retry_on_initial_connect();
        let urls = cluster.urls();
        let client = client.connect(urls.split(',').collect::<Vec<_>>()).await.expect("addresses");
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
        let urls: Vec<String> = self.nodes.iter().map(|n| format!("nats://127.0.0.1:{}", n.port)).collect();
        urls.join(",")
    }

    /// Kills the server that leads the stream as `kill -9` does; once another leads, starts it again and waits until
    /// it has caught up.
    pub async fn restart_leader(&mut self) {
        let urls = self.urls();
        let client = async_nats::ConnectOptions::new().retry_on_initial_connect();
        let client = client.connect(urls.split(',').collect::<Vec<_>>()).await.expect("addresses");
        let leads = async || -> Result<(String, bool), String> {
            let stream = jetstream::new(client.clone()).get_stream("MJ_ONLINE_WORK").await;
            let stream = stream.map_err(|error| error.to_string())?;
            let cluster = stream.cached_info().cluster.clone().ok_or("no cluster")?;
            let whole =
                cluster.replicas.len() == 2 && cluster.replicas.iter().all(|r| r.current && !r.offline);
            Ok((cluster.leader.ok_or("no leader")?, whole))
        };
        let (leader, _) = wait::until("a leader", ELECTION, leads).await;
        let n = self.nodes.iter().position(|node| node.name == leader).expect("it is one of ours");
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
