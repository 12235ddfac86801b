//! A page on a cluster whose servers go, one after the other.

use crate::stage::{PATIENCE, Page, State};
use async_nats::{Client, Subscriber};
use futures_util::StreamExt;
use mjwork_tests::cluster::Cluster;
use mjwork_tests::site::Reserved;
use mjwork_tests::wait;

const LAME_DUCK: &str = "lame duck mode detected";

/// The page on one server of three, and somebody on another whom the first one's end does not reach.
struct Stage {
    cluster: Cluster,
    page: Page,
    other: Client,
    /// What the page publishes.
    said: Subscriber,
}

impl Stage {
    async fn set() -> Self {
        let cluster = Cluster::without_streams().await;
        let page = Page::open(Reserved::port()).await;
        page.call("connect", &[&cluster.ws_url()]).await.expect("everybody is let in");
        let state = page.until("to know the cluster", |state| state.known.len() == 3).await;
        assert_eq!((state.server.as_str(), state.connection.as_str()), ("n0", "connected"));
        let urls = cluster.urls();
        let others: Vec<&str> = urls.split(',').skip(1).collect();
        let other = async_nats::ConnectOptions::new().ignore_discovered_servers().connect(others).await;
        let other = other.expect("everybody is let in");
        let mut asked = other.subscribe("service").await.expect("a subject");
        let said = other.subscribe("said").await.expect("a subject");
        let answering = other.clone();
        tokio::spawn(async move {
            while let Some(request) = asked.next().await {
                let reply = request.reply.expect("it wants an answer");
                answering.publish(reply, "answer".into()).await.expect("a publish");
            }
        });
        let mut stage = Self { cluster, page, other, said };
        stage.goes_on().await;
        stage
    }

    /// What is published from now on arrives, both ways, in order and once; and a request is answered.
    async fn goes_on(&mut self) {
        // Once servers have found each other anew, what somebody on one of them wants is known to the other.
        wait::until("an answer", PATIENCE, async || self.page.call("ask", &["service"]).await).await;
        let before = self.page.state().await.heard.len();
        wait::until("the page to hear", PATIENCE, async || {
            self.other.publish("tick", "sign".into()).await.expect("a publish");
            let state = self.page.state().await;
            if state.heard.len() > before { Ok(()) } else { Err(format!("{state:?}")) }
        })
        .await;
        let numbers: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        for number in &numbers {
            self.other.publish("tick", number.clone().into()).await.expect("a publish");
            self.page.call("publish", &["said", number]).await.expect("a publish");
        }
        let last = |state: &State| state.heard.last() == numbers.last();
        let heard = self.page.until("to hear the last", last).await.heard;
        let heard: Vec<String> = heard.into_iter().skip(before).filter(|text| text != "sign").collect();
        assert_eq!(heard, numbers);
        for number in &numbers {
            let said = tokio::time::timeout(PATIENCE, self.said.next()).await.expect("it comes in time");
            assert_eq!(said.expect("the subscription goes on").payload, *number);
        }
    }

    async fn end(self) {
        self.page.browser.assert_no_panic().await;
        self.page.browser.close().await;
    }
}

#[tokio::test]
async fn a_page_goes_to_another_server_when_its_own_is_killed() {
    let mut stage = Stage::set().await;
    stage.cluster.kill_named("n0");
    let away = |state: &State| state.connection == "connected" && state.server != "n0";
    let state = stage.page.until("to be on another server", away).await;
    assert_eq!(state.events[..2], ["connected", "disconnected"]);
    assert_eq!(state.events.last().map(String::as_str), Some("connected"));
    stage.goes_on().await;
    stage.end().await;
}

#[tokio::test]
async fn a_page_is_told_that_its_server_will_end_and_goes_to_another() {
    let mut stage = Stage::set().await;
    stage.cluster.lame_duck("n0");
    let told =
        stage.page.until("to be told", |state| state.events.iter().any(|told| told == LAME_DUCK)).await;
    // As with async-nats it stays as long as it may: another connection now would be two losses instead of one.
    assert_eq!(told.events[..2], ["connected", LAME_DUCK]);
    let away = |state: &State| state.connection == "connected" && state.server != "n0";
    let state = stage.page.until("to be on another server", away).await;
    assert_eq!(state.events, ["connected", LAME_DUCK, "disconnected", "connected"], "no attempt in vain");
    stage.goes_on().await;
    stage.end().await;
}
