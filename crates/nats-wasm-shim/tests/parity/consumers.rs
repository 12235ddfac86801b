//! Reading streams by consumers.

use std::time::Duration;

use futures_util::{FutureExt, Stream, StreamExt, TryStreamExt};

use crate::jetstream::{fresh, store, store_numbers};
use crate::support::{case, kick, nats, soon, unique, within};
use nats::jetstream::consumer::pull::{Config, MessagesErrorKind, OrderedConfig};
use nats::jetstream::consumer::{AckPolicy, Consumer, DeliverPolicy, PullConsumer, ReplayPolicy, push};
use nats::jetstream::context::ConsumerInfoErrorKind;
use nats::jetstream::stream::{ConsumerCreateStrictErrorKind, ConsumerErrorKind, ConsumerUpdateErrorKind};
use nats::jetstream::{self, AckKind, Context, ErrorCode, Message};

fn durable(name: &str) -> Config {
    Config { durable_name: Some(name.to_owned()), ..Config::default() }
}

/// The number that `store_numbers` put into a message.
fn number(message: &Message) -> usize {
    std::str::from_utf8(&message.payload).expect("a text").parse().expect("a number")
}

#[case]
async fn a_consumer_that_is_gone_is_not_asked_as_fast_as_can_be() {
    let (jetstream, stream, name) = fresh().await;
    let consumer: PullConsumer = stream.create_consumer(durable("gone")).await.expect("a consumer");
    stream.delete_consumer("gone").await.expect("it is there");
    let reading = consumer.stream().expires(Duration::from_secs(1));
    let mut messages = reading.messages().await.expect("its messages");
    let error = soon("an error", messages.next()).await.expect("an error").expect_err("nobody answers");
    assert_eq!(error.kind(), MessagesErrorKind::NoResponders);
    let mut more = 0;
    for _ in 0..40 {
        jetstream.query_account().await.expect("an answer");
        more += usize::from(messages.next().now_or_never().is_some());
    }
    assert!(more <= 3, "{more} further errors while the server answered 40 times");

    stream.create_consumer(durable("gone")).await.expect("a consumer of the same name");
    store_numbers(&jetstream, &format!("{name}.a"), 1).await;
    let found = async {
        loop {
            if let Ok(message) = messages.next().await.expect("it goes on") {
                return message;
            }
        }
    };
    assert_eq!(number(&soon("a message", found).await), 1);
}

#[case]
async fn a_consumer_is_made_found_changed_listed_and_deleted() {
    let (jetstream, stream, name) = fresh().await;
    let made = stream.create_consumer(durable("a")).await.expect("a consumer");
    let info = made.cached_info();
    assert_eq!((info.name.as_str(), info.stream_name.as_str()), ("a", name.as_str()));
    assert_eq!((info.num_pending, info.config.ack_policy), (0, AckPolicy::Explicit));
    stream.create_consumer(durable("a")).await.expect("the same again");
    let full = Config {
        description: Some("all of it".into()),
        deliver_policy: DeliverPolicy::ByStartSequence { start_sequence: 3 },
        ack_wait: Duration::from_secs(7),
        max_deliver: 5,
        filter_subjects: vec![format!("{name}.x"), format!("{name}.y")],
        replay_policy: ReplayPolicy::Original,
        max_waiting: 10,
        max_ack_pending: 20,
        headers_only: true,
        max_batch: 30,
        max_expires: Duration::from_secs(8),
        inactive_threshold: Duration::from_secs(90),
        num_replicas: 1,
        memory_storage: true,
        backoff: vec![Duration::from_secs(1), Duration::from_secs(2)],
        sample_frequency: 25,
        ..durable("b")
    };
    let made = stream.create_consumer(full.clone()).await.expect("a consumer");
    let got: PullConsumer = stream.get_consumer("b").await.expect("it is there");
    assert_eq!(got.cached_info().config, made.cached_info().config);
    let config = &got.cached_info().config;
    assert_eq!(config.deliver_policy, full.deliver_policy);
    assert_eq!((config.filter_subjects.len(), &config.filter_subject[..]), (2, ""));
    assert_eq!((config.sample_frequency, config.max_batch, config.headers_only), (25, 30, true));
    assert_eq!((config.backoff.clone(), config.max_deliver), (full.backoff.clone(), 5));
    assert_eq!(config.replay_policy, ReplayPolicy::Original);
    assert!(config.memory_storage && config.inactive_threshold == Duration::from_secs(90));

    let changed = stream.update_consumer(Config { max_deliver: 9, ..full }).await.expect("a change");
    assert_eq!(changed.cached_info().config.max_deliver, 9);
    let kept = stream.get_or_create_consumer("b", durable("b")).await.expect("it is there");
    assert_eq!(kept.cached_info().config.max_deliver, 9);
    stream.get_or_create_consumer("c", durable("c")).await.expect("a new one");

    let mut names: Vec<String> = stream.consumer_names().try_collect().await.expect("a list");
    names.sort();
    assert_eq!(names, ["a", "b", "c"]);
    let infos: Vec<_> = stream.consumers().try_collect().await.expect("a list");
    assert_eq!(infos.len(), 3);

    assert!(stream.delete_consumer("c").await.expect("it is there").success);
    let error = stream.delete_consumer("c").await.map(|_| ()).expect_err("it is gone");
    let ConsumerErrorKind::JetStream(error) = error.kind() else { panic!("{error}") };
    assert_eq!((error.code(), error.error_code()), (404, ErrorCode::CONSUMER_NOT_FOUND));
    let error = stream.consumer_info("c").await.expect_err("it is gone");
    assert_eq!(error.kind(), ConsumerInfoErrorKind::NotFound);
    let error = stream.consumer_info("a.b").await.expect_err("no name");
    assert_eq!(error.kind(), ConsumerInfoErrorKind::InvalidName);
    let error = stream.update_consumer(durable("c")).await.expect_err("it is gone");
    assert_eq!(error.kind(), ConsumerUpdateErrorKind::DoesNotExist);
    let strict = Config { max_deliver: 2, ..durable("a") };
    let error = stream.create_consumer_strict(strict).await.expect_err("another of that name");
    assert_eq!(error.kind(), ConsumerCreateStrictErrorKind::AlreadyExists);
    let error = jetstream.get_consumer_from_stream::<Config, _, _>("a", "a.b").await.expect_err("no name");
    assert_eq!(error.kind(), ConsumerErrorKind::InvalidName);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn a_named_consumer_may_filter_by_wildcards() {
    let (jetstream, stream, name) = fresh().await;
    for subject in ["a.x", "b.x", "a.y"] {
        store(&jetstream, format!("{name}.{subject}"), "1").await;
    }
    for (filter, pending) in [(format!("{name}.a.*"), 2), (format!("{name}.>"), 3)] {
        let named = if pending == 2 { "few" } else { "all" };
        let config = Config { filter_subject: filter, ..durable(named) };
        let consumer = stream.create_consumer(config).await.expect("a consumer");
        assert_eq!(consumer.cached_info().num_pending, pending);
    }
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn a_fetch_brings_what_is_there_and_ends() {
    let (jetstream, stream, name) = fresh().await;
    store_numbers(&jetstream, &format!("{name}.a"), 10).await;
    let consumer = stream.create_consumer(durable("c")).await.expect("a consumer");
    let messages = consumer.fetch().max_messages(4).messages().await.expect("a batch");
    let messages: Vec<_> = soon("a batch", messages.try_collect()).await.expect("a batch");
    assert_eq!(messages.iter().map(number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    for (at, message) in messages.iter().enumerate() {
        let info = message.info().expect("a consumer delivered it");
        assert_eq!((info.stream, info.consumer), (name.as_str(), "c"));
        let sequence = at as u64 + 1;
        assert_eq!((info.stream_sequence, info.consumer_sequence), (sequence, sequence));
        assert_eq!((info.delivered, info.pending), (1, 10 - sequence));
        message.ack().await.expect("it can be acknowledged");
    }
    let messages = consumer.fetch().max_messages(100).messages().await.expect("a batch");
    let messages: Vec<_> = soon("a batch", messages.try_collect()).await.expect("a batch");
    assert_eq!(messages.iter().map(number).collect::<Vec<_>>(), [5, 6, 7, 8, 9, 10]);
    messages[5].double_ack().await.expect("the server notes it");
    let info = consumer.get_info().await.expect("its state");
    assert_eq!((info.num_ack_pending, info.ack_floor.stream_sequence), (5, 4));

    let nothing = consumer.fetch().messages().await.expect("a batch");
    assert_eq!(soon("the end", nothing.count()).await, 0);
    let nothing = consumer.batch().max_messages(1).expires(Duration::from_millis(200)).messages().await;
    assert_eq!(soon("the end", nothing.expect("a batch").count()).await, 0);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn a_batch_waits_for_as_many_as_were_asked_for() {
    let (jetstream, stream, name) = fresh().await;
    let consumer = stream.create_consumer(durable("c")).await.expect("a consumer");
    let limit = Duration::from_secs(9);
    let mut batch = consumer.batch().max_messages(3).expires(limit).messages().await.expect("a batch");
    for sequence in 1..=3 {
        store(&jetstream, format!("{name}.a"), &sequence.to_string()).await;
        let message = soon("a message", batch.try_next()).await.expect("a batch").expect("a message");
        assert_eq!(number(&message), sequence);
    }
    assert!(soon("the end", batch.next()).await.is_none());
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn what_is_not_done_is_delivered_again() {
    let (jetstream, stream, name) = fresh().await;
    store_numbers(&jetstream, &format!("{name}.a"), 3).await;
    let config = Config { ack_wait: Duration::from_millis(600), ..durable("c") };
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    let mut messages = consumer.messages().await.expect("messages");
    let mut next =
        async || soon("a message", messages.try_next()).await.expect("messages").expect("a message");
    let (one, two, three) = (next().await, next().await, next().await);
    one.ack_with(AckKind::Nak(None)).await.expect("it can be refused");
    let again = next().await;
    assert_eq!((number(&again), again.info().expect("a delivery").delivered), (1, 2));
    again.double_ack().await.expect("it is done");
    two.double_ack_with(AckKind::Term).await.expect("it is given up");
    three.ack_with(AckKind::Nak(Some(Duration::from_millis(50)))).await.expect("it can be put off");
    let again = next().await;
    assert_eq!((number(&again), again.info().expect("a delivery").delivered), (3, 2));
    // Without a word its time runs out; with one it begins anew.
    again.ack_with(AckKind::Progress).await.expect("it is being worked on");
    let again = next().await;
    assert_eq!((number(&again), again.info().expect("a delivery").delivered), (3, 3));
    let (message, acker) = again.split();
    assert!(message.reply.is_none() && message.payload == "3");
    acker.double_ack().await.expect("it is done");
    let info = consumer.get_info().await.expect("its state");
    assert_eq!((info.num_ack_pending, info.ack_floor.stream_sequence), (0, 3));
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn messages_go_on_over_many_pulls_in_order() {
    let (jetstream, stream, name) = fresh().await;
    store_numbers(&jetstream, &format!("{name}.a"), 250).await;
    let config = Config { ack_policy: AckPolicy::None, ..durable("c") };
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    let messages = consumer
        .stream()
        .max_messages_per_batch(20)
        .expires(Duration::from_secs(2))
        .heartbeat(Duration::from_millis(500))
        .messages();
    let mut messages = messages.await.expect("messages");
    for expected in 1..=250 {
        let message = soon("the next", messages.try_next()).await.expect("messages").expect("a message");
        assert_eq!(number(&message), expected);
    }
    // Longer than a pull waits: the next ones are asked for all the same.
    let later = async {
        let empty = consumer.batch().max_messages(1).expires(Duration::from_millis(2_500)).messages();
        empty.await.expect("a batch").count().await;
        store(&jetstream, format!("{name}.a"), "251").await;
    };
    let (message, ()) = soon("a late message", futures_util::future::join(messages.try_next(), later)).await;
    assert_eq!(number(&message.expect("messages").expect("a message")), 251);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn whoever_reads_a_consumer_that_is_deleted_is_told() {
    let (jetstream, stream, name) = fresh().await;
    store_numbers(&jetstream, &format!("{name}.a"), 1).await;
    let consumer = stream.create_consumer(durable("c")).await.expect("a consumer");
    let mut messages = consumer.messages().await.expect("messages");
    soon("a message", messages.try_next()).await.expect("messages").expect("a message");
    let other = jetstream.get_stream(&name).await.expect("it is there");
    other.delete_consumer("c").await.expect("it is there");
    let error = soon("an error", messages.next()).await.expect("an error").expect_err("it is gone");
    assert_eq!(error.kind(), MessagesErrorKind::ConsumerDeleted);
    assert!(soon("the end", messages.next()).await.is_none());
    let mut gone = consumer.messages().await.expect("messages");
    let error = soon("an error", gone.next()).await.expect("an error").expect_err("nobody is there");
    assert_eq!(error.kind(), MessagesErrorKind::NoResponders);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn an_ordered_reader_survives_the_deletion_of_its_consumer() {
    let (jetstream, stream, name) = fresh().await;
    store_numbers(&jetstream, &format!("{name}.a"), 10).await;
    let consumer = stream.create_consumer(OrderedConfig::default()).await.expect("a consumer");
    let own = consumer.cached_info().name.clone();
    let mut messages = consumer.messages().await.expect("messages");
    for expected in 1..=10 {
        let message = soon("the next", messages.try_next()).await.expect("messages").expect("a message");
        assert_eq!(number(&message), expected);
    }
    assert!(stream.delete_consumer(&own).await.expect("it is there").success);
    let subject = format!("{name}.b");
    let more = store_numbers(&jetstream, &subject, 10);
    let read = async {
        for expected in 1..=10 {
            let message = messages.try_next().await.expect("messages").expect("a message");
            assert_eq!((number(&message), message.subject.as_str()), (expected, subject.as_str()));
        }
    };
    within(Duration::from_secs(30), "what came after it", futures_util::future::join(more, read)).await;
    jetstream.delete_stream(&name).await.expect("it is there");
}

/// Writes while the reader's connection is lost again and again; the reader sees those of the subject `a`, in order.
async fn read_over_lost_connections<M, E>(jetstream: &Context, name: &str, mut messages: M)
where
    M: Stream<Item = Result<Message, E>> + Unpin,
    E: std::fmt::Debug,
{
    const COUNT: usize = 2_000;
    let writer = jetstream::new(crate::support::guest().await);
    let client = jetstream.client();
    let write = async {
        for part in 0..4 {
            for at in 1..=COUNT / 4 {
                let number = part * (COUNT / 4) + at;
                let subject = if at % 10 == 0 { "b" } else { "a" };
                store(&writer, format!("{name}.{subject}"), &number.to_string()).await;
            }
            if part < 3 {
                kick(&client).await;
            }
        }
    };
    let read = async {
        for expected in (1..=COUNT).filter(|number| number % 10 != 0) {
            let message = messages.try_next().await.expect("messages").expect("a message");
            assert_eq!(number(&message), expected);
        }
    };
    within(Duration::from_secs(60), "all of them", Box::pin(futures_util::future::join(write, read))).await;
}

#[case]
async fn an_ordered_reader_has_no_gap_and_nothing_twice_over_lost_connections() {
    let (jetstream, stream, name) = fresh().await;
    let config = OrderedConfig { filter_subject: format!("{name}.a"), ..OrderedConfig::default() };
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    let messages = consumer.messages().await.expect("messages");
    Box::pin(read_over_lost_connections(&jetstream, &name, messages)).await;
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn an_ordered_reader_that_is_pushed_to_has_no_gap_either() {
    let (jetstream, stream, name) = fresh().await;
    let config = push::OrderedConfig {
        deliver_subject: jetstream.client().new_inbox(),
        filter_subject: format!("{name}.a"),
        ..push::OrderedConfig::default()
    };
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    let messages = consumer.messages().await.expect("messages");
    Box::pin(read_over_lost_connections(&jetstream, &name, messages)).await;
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn an_ordered_reader_begins_where_it_was_told() {
    let (jetstream, stream, name) = fresh().await;
    for (subject, body) in [("a", "1"), ("b", "2"), ("a", "3"), ("b", "4"), ("a", "5")] {
        store(&jetstream, format!("{name}.{subject}"), body).await;
    }
    let of = |letter: &str| format!("{name}.{letter}");
    for (policy, filters, expected) in [
        (DeliverPolicy::All, vec![], vec![1, 2, 3, 4, 5]),
        (DeliverPolicy::All, vec![of("b")], vec![2, 4]),
        (DeliverPolicy::Last, vec![of("b")], vec![4]),
        (DeliverPolicy::LastPerSubject, vec![of("*")], vec![4, 5]),
        (DeliverPolicy::ByStartSequence { start_sequence: 3 }, vec![of("a"), of("b")], vec![3, 4, 5]),
    ] {
        let config =
            OrderedConfig { deliver_policy: policy, filter_subjects: filters, ..OrderedConfig::default() };
        let consumer = stream.create_consumer(config).await.expect("a consumer");
        assert_eq!(consumer.cached_info().num_pending, expected.len() as u64, "{policy:?}");
        let messages = consumer.messages().await.expect("messages").take(expected.len());
        let read: Vec<_> = soon("the messages", messages.map_ok(|m| number(&m)).try_collect::<Vec<_>>())
            .await
            .expect("messages");
        assert_eq!(read, expected, "{policy:?}");
    }
    let config = OrderedConfig { deliver_policy: DeliverPolicy::New, ..OrderedConfig::default() };
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    let mut messages = consumer.messages().await.expect("messages");
    store(&jetstream, of("a"), "6").await;
    let message = soon("a new message", messages.try_next()).await.expect("messages").expect("a message");
    assert_eq!(number(&message), 6);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn whoever_begins_to_read_late_has_missed_nothing() {
    let (jetstream, stream, name) = fresh().await;
    let consumer = stream.create_consumer(durable("c")).await.expect("a consumer");
    let reading = consumer.stream().expires(Duration::from_secs(2)).heartbeat(Duration::from_millis(100));
    let mut messages = reading.messages().await.expect("messages");
    let other = stream.create_consumer(durable("d")).await.expect("a consumer");
    let while_away = other.batch().max_messages(1).expires(Duration::from_millis(600)).messages();
    while_away.await.expect("a batch").count().await;
    store_numbers(&jetstream, &format!("{name}.a"), 1).await;
    let message = soon("a message", messages.next()).await.expect("messages").expect("a message");
    assert_eq!(number(&message), 1);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn missed_heartbeats_are_told_and_reading_goes_on() {
    let (jetstream, stream, name) = fresh().await;
    store_numbers(&jetstream, &format!("{name}.a"), 2).await;
    let consumer = stream.create_consumer(durable("c")).await.expect("a consumer");
    // An API that listens, and answers only the second pull.
    let client = jetstream.client();
    let prefix = unique(&client);
    let mut api = client.subscribe(format!("{prefix}.>")).await.expect("a subject");
    let silent = Consumer::new(
        durable("c"),
        consumer.cached_info().clone(),
        jetstream::with_prefix(client.clone(), &prefix),
    );
    let reading =
        silent.stream().expires(Duration::from_secs(2)).heartbeat(Duration::from_millis(300)).messages();
    let mut messages = reading.await.expect("messages");
    let error = soon("an error", messages.next()).await.expect("an error").expect_err("nobody answers");
    assert_eq!(error.kind(), MessagesErrorKind::MissingHeartbeat);
    let first = soon("the first pull", api.next()).await.expect("a pull");
    assert!(first.subject.as_str().ends_with(&format!(".CONSUMER.MSG.NEXT.{name}.c")));
    let inbox = first.reply.expect("it says where to answer");
    client
        .publish_with_reply(format!("$JS.API.CONSUMER.MSG.NEXT.{name}.c"), inbox, first.payload)
        .await
        .expect("it is passed on");
    for expected in 1..=2 {
        let message = soon("a message", messages.try_next()).await.expect("messages").expect("a message");
        assert_eq!(number(&message), expected);
    }
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn a_consumer_pushes_and_whoever_shares_a_group_gets_a_share() {
    let (jetstream, stream, name) = fresh().await;
    let inbox = jetstream.client().new_inbox();
    let config = push::Config {
        deliver_subject: inbox.clone(),
        deliver_group: Some("group".into()),
        durable_name: Some("pushing".into()),
        ack_policy: AckPolicy::Explicit,
        ..push::Config::default()
    };
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    let (one, other) = (consumer.messages().await, consumer.messages().await);
    store_numbers(&jetstream, &format!("{name}.a"), 50).await;
    let both = futures_util::stream::select(one.expect("messages"), other.expect("messages")).take(50);
    let both: Vec<_> = soon("all messages", both.try_collect()).await.expect("messages");
    let mut numbers: Vec<_> = both.iter().map(number).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
    for message in &both {
        message.double_ack().await.expect("the server notes it");
    }
    assert_eq!(consumer.get_info().await.expect("its state").num_ack_pending, 0);
    let error = stream.get_consumer::<Config>("pushing").await.map(|_| ());
    error.expect_err("it is not pulled");
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn a_consumer_that_pushes_is_answered_and_missed() {
    const COUNT: usize = 5_000;
    let (jetstream, stream, name) = fresh().await;
    store_numbers(&jetstream, &format!("{name}.a"), COUNT).await;
    let config = push::Config {
        deliver_subject: jetstream.client().new_inbox(),
        name: Some("pushing".into()),
        ack_policy: AckPolicy::None,
        flow_control: true,
        idle_heartbeat: Duration::from_millis(500),
        ..push::Config::default()
    };
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    let mut messages = consumer.messages().await.expect("messages");
    for expected in 1..=COUNT {
        let message = soon("the next", messages.try_next()).await.expect("messages").expect("a message");
        assert_eq!(number(&message), expected);
    }
    stream.delete_consumer("pushing").await.expect("it is there");
    let error = soon("an error", messages.next()).await.expect("an error").expect_err("it is gone");
    assert_eq!(error.kind(), push::MessagesErrorKind::MissingHeartbeat);
    jetstream.delete_stream(&name).await.expect("it is there");
}

#[case]
async fn an_ordered_reader_replaces_a_consumer_that_falls_silent() {
    let (jetstream, stream, name) = fresh().await;
    store_numbers(&jetstream, &format!("{name}.a"), 3).await;
    let config = OrderedConfig { max_expires: Duration::from_secs(1), ..OrderedConfig::default() };
    let first = stream.create_consumer(config.clone()).await.expect("a consumer");
    // An API that loses everything the first consumer is asked for, and passes the rest on.
    let client = jetstream.client();
    let prefix = unique(&client);
    let mut api = client.subscribe(format!("{prefix}.>")).await.expect("a subject");
    let silent = format!("{prefix}.CONSUMER.MSG.NEXT.{name}.{}", first.cached_info().name);
    let pass_on = async {
        while let Some(request) = api.next().await {
            if request.subject.as_str() == silent {
                continue;
            }
            let asked = request.subject.as_str().replacen(&prefix, "$JS.API", 1);
            let sent = match request.reply {
                Some(reply) => client.publish_with_reply(asked, reply, request.payload).await,
                None => client.publish(asked, request.payload).await,
            };
            sent.expect("it is passed on");
        }
    };
    let context = jetstream::with_prefix(client.clone(), &prefix);
    let mut messages =
        Consumer::new(config, first.cached_info().clone(), context).messages().await.expect("messages");
    let read = async {
        for expected in 1..=3 {
            let message = messages.try_next().await.expect("messages").expect("a message");
            assert_eq!(number(&message), expected);
        }
    };
    let both = async {
        use futures_util::future::{Either, select};

        let (read, pass_on) = (std::pin::pin!(read), std::pin::pin!(pass_on));
        let done = select(read, pass_on).await;
        assert!(matches!(done, Either::Left(_)), "the API goes on");
    };
    within(Duration::from_secs(20), "the messages", both).await;
    jetstream.delete_stream(&name).await.expect("it is there");
}
