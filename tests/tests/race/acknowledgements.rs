//! Acknowledgements that never come: what was stored is not stored again, and what was not is.

use crate::racer;
use fastrand::Rng;
use mjwork::TaskPublisher;
use mjwork::reader::Source;
use mjwork_tests::audit::{Rules, audit, raw};
use mjwork_tests::fleet::{self, Racer, Size};
use mjwork_tests::proxy::Proxy;
use mjwork_tests::race::Servers;
use mjwork_tests::server::{NatsServer, Options};
use mjwork_tests::wait;
use std::time::Duration;

const SIZE: Size = Size { workers: 4, tasks: 160, dependencies: 30 };
const PATIENCE: Duration = Duration::from_secs(120);

/// Swallows answers for a while, then cuts, then lets go on for a while, again and again.
async fn lose(proxy: &Proxy, seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let mut pause = async |from: u64, to: u64| {
        // The fault lasts so long; nothing is waited for.
        tokio::time::sleep(Duration::from_millis(rng.u64(from..to))).await;
    };
    loop {
        proxy.swallow();
        pause(20, 120).await;
        proxy.cut();
        pause(20, 200).await;
    }
}

/// The same, and what comes first for certain, however slow the machine is.
async fn lose_the_first(proxy: &Proxy) {
    proxy.swallow();
    wait::until("acknowledgements to be swallowed", PATIENCE, async || {
        if proxy.swallowed() > 10 { Ok(()) } else { Err(proxy.swallowed()) }
    })
    .await;
    proxy.cut();
    lose(proxy, 6).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lost_acknowledgements_double_and_lose_nothing() {
    let server = NatsServer::start(Options::default()).await;
    let proxy = Proxy::start(server.tcp_address()).await;
    let servers = Servers::One(server);
    mjwork::setup::setup(&servers.client().await, &Source::default(), 1).await.expect("the stream is made");

    // The publisher is behind it, too.
    let behind = async_nats::ConnectOptions::new().retry_on_initial_connect();
    let behind = behind.connect(proxy.url()).await.expect("an address");
    let mirror = mjwork::Mirror::open(behind, Source::default()).await.expect("the stream can be read");
    let publishing = async {
        let publisher = TaskPublisher::new(mirror.clone(), None);
        publisher.publish_tasks(fleet::plan(SIZE, 6)).await.expect("published")
    };
    let published = tokio::select! {
        published = publishing => published,
        () = lose_the_first(&proxy) => unreachable!("it never ends"),
    };
    assert_eq!(published.len(), SIZE.tasks);
    proxy.cut();
    let while_publishing = proxy.swallowed();

    let words = |_: usize| vec!["--linger-ms".to_owned(), "10".to_owned()];
    let mut racers: Vec<Racer> = fleet::start(&racer(), SIZE.workers, &proxy.url(), 7, words).await;
    for racer in &mut racers {
        racer.go().await;
    }
    let finishing = async {
        let mut journals = Vec::new();
        for racer in racers {
            journals.push(racer.finish(PATIENCE).await);
        }
        journals
    };
    let journals = tokio::select! {
        journals = finishing => journals,
        () = lose(&proxy, 8) => unreachable!("it never ends"),
    };
    let swallowed = (while_publishing, proxy.swallowed() - while_publishing);
    println!("{swallowed:?} acknowledgements swallowed, {} connections", proxy.connections());
    assert!(swallowed.0 > 10 && swallowed.1 > 10, "too few were lost to prove anything: {swallowed:?}");

    let messages = raw(&servers.client().await).await;
    let fresh = servers.fresh().await;
    fresh
        .read(|board| audit(&messages, board, &journals, Rules::strict(SIZE.tasks)))
        .assert_sound("lost acknowledgements");
    // Not even where the fold would bear it.
    for verb in ["available", "claimed", "completed"] {
        let subject = format!("mjwork.tasks.{verb}");
        assert_eq!(messages.iter().filter(|m| m.subject == subject).count(), SIZE.tasks, "{verb}");
    }
}
