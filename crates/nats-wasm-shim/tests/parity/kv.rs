//! Buckets of keys and values.

use std::time::Duration;

use futures_util::{StreamExt, TryStreamExt};

use crate::support::{case, guest, kick, nats, soon, unique, within};
use nats::jetstream::context::{CreateKeyValueErrorKind, KeyValueErrorKind, UpdateKeyValueErrorKind};
use nats::jetstream::kv::{
    Config, CreateErrorKind, Entry, EntryErrorKind, HistoryErrorKind, Operation, PutErrorKind, Store,
    UpdateErrorKind,
};
use nats::jetstream::stream::StorageType;
use nats::jetstream::{self, Context};

fn config(bucket: &str) -> Config {
    Config { bucket: bucket.to_owned(), history: 10, storage: StorageType::Memory, ..Config::default() }
}

/// A bucket of its own.
async fn fresh() -> (Context, Store, String) {
    let client = guest().await;
    let name = unique(&client);
    let jetstream = jetstream::new(client);
    let store = jetstream.create_key_value(config(&name)).await.expect("a bucket");
    (jetstream, store, name)
}

/// Key, value, revision and operation.
type Seen = (String, String, u64, Operation);

fn seen(entry: Entry) -> Seen {
    let value = String::from_utf8(entry.value.to_vec()).expect("a text");
    (entry.key, value, entry.revision, entry.operation)
}

fn put(key: &str, value: &str, revision: u64) -> Seen {
    (key.to_owned(), value.to_owned(), revision, Operation::Put)
}

#[case]
async fn a_bucket_is_made_found_changed_and_deleted() {
    let (jetstream, store, name) = fresh().await;
    assert_eq!(
        (store.name.as_str(), store.stream_name.as_str()),
        (name.as_str(), format!("KV_{name}").as_str())
    );
    let status = store.status().await.expect("its state");
    assert_eq!((status.bucket(), status.values(), status.history()), (name.as_str(), 0, 10));
    let stream = &store.stream.cached_info().config;
    assert!(stream.allow_rollup && stream.deny_delete && !stream.deny_purge && stream.allow_direct);
    assert_eq!(stream.subjects, [format!("$KV.{name}.>")]);
    jetstream.create_key_value(config(&name)).await.expect("the same again");
    let changed = Config { history: 20, max_age: Duration::from_secs(60), ..config(&name) };
    jetstream.update_key_value(changed.clone()).await.expect("a change");
    let store = jetstream.get_key_value(&name).await.expect("it is there");
    let status = store.status().await.expect("its state");
    assert_eq!((status.history(), status.max_age()), (20, Duration::from_secs(60)));

    let error =
        jetstream.create_key_value(Config { history: 65, ..config(&name) }).await.expect_err("too long");
    assert_eq!(error.kind(), CreateKeyValueErrorKind::TooLongHistory);
    let error =
        jetstream.create_key_value(Config { history: 3, ..config(&name) }).await.expect_err("another");
    assert_eq!(error.kind(), CreateKeyValueErrorKind::BucketCreate);
    let error = jetstream.update_key_value(config(&format!("{name}2"))).await.map(|_| ()).expect_err("none");
    assert_eq!(error.kind(), UpdateKeyValueErrorKind::NotFound);
    for bad in ["", "a.b", "a b", "ä"] {
        let error = jetstream.get_key_value(bad).await.map(|_| ()).expect_err("no name");
        assert_eq!(error.kind(), KeyValueErrorKind::InvalidStoreName, "{bad:?}");
    }
    assert!(jetstream.delete_key_value(&name).await.expect("it is there").success);
    let error = jetstream.get_key_value(&name).await.map(|_| ()).expect_err("it is gone");
    assert_eq!(error.kind(), KeyValueErrorKind::GetBucket);
}

#[case]
async fn a_key_is_put_replaced_deleted_and_purged() {
    let (jetstream, store, name) = fresh().await;
    assert_eq!(store.get("a").await.expect("an answer"), None);
    assert_eq!(store.put("a", "1".into()).await.expect("it is stored"), 1);
    assert_eq!(store.get("a").await.expect("an answer").as_deref(), Some(&b"1"[..]));
    assert_eq!(store.update("a", "2".into(), 1).await.expect("it is at 1"), 2);
    let error = store.update("a", "3".into(), 1).await.expect_err("it is at 2");
    assert_eq!(error.kind(), UpdateErrorKind::WrongLastRevision);
    let entry = store.entry("a").await.expect("an answer").expect("an entry");
    assert_eq!((entry.bucket.clone(), seen(entry)), (name.clone(), put("a", "2", 2)));
    let first = store.entry_for_revision("a", 1).await.expect("an answer").expect("an entry");
    assert_eq!(seen(first), put("a", "1", 1));
    assert_eq!(store.entry_for_revision("b", 1).await.expect("an answer"), None);

    let error = store.delete_expect_revision("a", Some(1)).await.expect_err("it is at 2");
    assert_eq!(error.kind(), UpdateErrorKind::WrongLastRevision);
    store.delete_expect_revision("a", Some(2)).await.expect("it is at 2");
    assert_eq!(store.get("a").await.expect("an answer"), None);
    let entry = store.entry("a").await.expect("an answer").expect("an entry");
    assert_eq!((entry.operation, entry.revision, entry.value.len()), (Operation::Delete, 3, 0));
    let history: Vec<_> =
        store.history("a").await.expect("a history").try_collect().await.expect("a history");
    let operations: Vec<_> = history.iter().map(|entry| (entry.revision, entry.operation)).collect();
    assert_eq!(operations, [(1, Operation::Put), (2, Operation::Put), (3, Operation::Delete)]);

    assert_eq!(store.create("a", "4".into()).await.expect("it was deleted"), 4);
    let error = store.create("a", "5".into()).await.expect_err("it has a value");
    assert_eq!(error.kind(), CreateErrorKind::AlreadyExists);
    store.purge("a").await.expect("it is purged");
    let history: Vec<_> =
        store.history("a").await.expect("a history").try_collect().await.expect("a history");
    let operations: Vec<_> = history.iter().map(|entry| (entry.revision, entry.operation)).collect();
    assert_eq!(operations, [(5, Operation::Purge)]);
    assert_eq!(store.create("a", "6".into()).await.expect("it was purged"), 6);

    for bad in ["", ".a", "a.", "a b", "a>", "ä"] {
        assert_eq!(store.put(bad, "x".into()).await.expect_err("no key").kind(), PutErrorKind::InvalidKey);
        assert_eq!(store.get(bad).await.expect_err("no key").kind(), EntryErrorKind::InvalidKey);
        let error = store.history(bad).await.map(|_| ()).expect_err("no key");
        assert_eq!(error.kind(), HistoryErrorKind::InvalidKey);
    }
    jetstream.delete_key_value(&name).await.expect("it is there");
}

#[case]
async fn keys_are_those_with_a_value() {
    let (jetstream, store, name) = fresh().await;
    let keys: Vec<String> =
        soon("no keys", store.keys().await.expect("keys").try_collect()).await.expect("keys");
    assert!(keys.is_empty());
    for key in ["a", "b.c", "d/e=f", "gone", "purged"] {
        store.put(key, "x".into()).await.expect("it is stored");
        store.put(key, "y".into()).await.expect("it is stored");
    }
    store.delete("gone").await.expect("it is there");
    store.purge("purged").await.expect("it is there");
    let mut keys: Vec<String> =
        soon("the keys", store.keys().await.expect("keys").try_collect()).await.expect("keys");
    keys.sort();
    assert_eq!(keys, ["a", "b.c", "d/e=f"]);
    jetstream.delete_key_value(&name).await.expect("it is there");
}

#[case]
async fn a_watch_sees_what_it_is_for() {
    let (jetstream, store, name) = fresh().await;
    store.put("a", "1".into()).await.expect("it is stored");
    store.put("a", "2".into()).await.expect("it is stored");
    store.put("b.c", "3".into()).await.expect("it is stored");

    let mut new = store.watch("a").await.expect("a watch");
    let mut all = store.watch_all().await.expect("a watch");
    let mut many = store.watch_many(["a", "b.*"]).await.expect("a watch");
    let mut current = store.watch_with_history("a").await.expect("a watch");
    let mut current_many = store.watch_many_with_history(["a", "b.*"]).await.expect("a watch");
    let mut since = store.watch_from_revision("a", 2).await.expect("a watch");
    let mut all_since = store.watch_all_from_revision(2).await.expect("a watch");
    store.put("a", "4".into()).await.expect("it is stored");
    store.delete("b.c").await.expect("it is there");

    let four = put("a", "4", 4);
    let gone = ("b.c".to_owned(), String::new(), 5, Operation::Delete);
    for (what, watch, expected) in [
        ("watch", &mut new, vec![four.clone()]),
        ("watch_all", &mut all, vec![four.clone(), gone.clone()]),
        ("watch_many", &mut many, vec![four.clone(), gone.clone()]),
        ("watch_with_history", &mut current, vec![put("a", "2", 2), four.clone()]),
        (
            "watch_many_with_history",
            &mut current_many,
            vec![put("a", "2", 2), put("b.c", "3", 3), four.clone(), gone.clone()],
        ),
        ("watch_from_revision", &mut since, vec![put("a", "2", 2), four.clone()]),
        (
            "watch_all_from_revision",
            &mut all_since,
            vec![put("a", "2", 2), put("b.c", "3", 3), four.clone(), gone],
        ),
    ] {
        for expected in expected {
            let entry = soon(what, watch.next()).await.expect("it goes on").expect("an entry");
            assert_eq!(seen(entry), expected, "{what}");
        }
    }
    jetstream.delete_key_value(&name).await.expect("it is there");
}

#[case]
async fn a_watch_goes_on_after_a_lost_connection() {
    let (jetstream, store, name) = fresh().await;
    let client = jetstream.client();
    let mut watch = store.watch_all().await.expect("a watch");
    let other = jetstream::new(guest().await).get_key_value(&name).await.expect("it is there");
    for round in 1..=3 {
        // Once before anything was read.
        kick(&client).await;
        other.put("k", round.to_string().into()).await.expect("it is stored");
        let entry = within(Duration::from_secs(30), "a change", watch.next()).await;
        assert_eq!(seen(entry.expect("it goes on").expect("an entry")), put("k", &round.to_string(), round));
    }
    jetstream.delete_key_value(&name).await.expect("it is there");
}

#[case]
async fn a_watch_says_when_it_has_seen_what_was_there() {
    let (jetstream, store, name) = fresh().await;
    for key in ["a", "b", "c"] {
        store.put(key, "x".into()).await.expect("it is stored");
    }
    let mut watch = store.watch_with_history("*").await.expect("a watch");
    for (delta, seen_current) in [(2, false), (1, false), (0, true)] {
        let entry = soon("an entry", watch.next()).await.expect("it goes on").expect("an entry");
        assert_eq!((entry.delta, entry.seen_current), (delta, seen_current));
    }
    store.put("d", "x".into()).await.expect("it is stored");
    let entry = soon("an entry", watch.next()).await.expect("it goes on").expect("an entry");
    assert!(entry.seen_current && entry.delta == 0);
    let mut empty = store.watch("none").await.expect("a watch");
    store.put("none", "x".into()).await.expect("it is stored");
    assert!(soon("an entry", empty.next()).await.expect("it goes on").expect("an entry").seen_current);
    jetstream.delete_key_value(&name).await.expect("it is there");
}

#[case]
async fn keys_have_a_lifetime_of_their_own() {
    let client = guest().await;
    let name = unique(&client);
    let jetstream = jetstream::new(client);
    let config = Config { limit_markers: Some(Duration::from_secs(60)), ..config(&name) };
    let store = jetstream.create_key_value(config).await.expect("a bucket");
    let lifetime = async |revision: u64| {
        let message = store.stream.get_raw_message(revision).await.expect("it is there");
        message.headers.get("Nats-TTL").map(|value| value.as_str().to_owned())
    };
    store.create_with_ttl("a", "1".into(), Duration::from_secs(60)).await.expect("it is stored");
    assert_eq!(lifetime(1).await.as_deref(), Some("60"));
    store.purge_with_ttl("a", Duration::from_secs(70)).await.expect("it is there");
    assert_eq!(lifetime(2).await.as_deref(), Some("70"));
    assert_eq!(store.get("a").await.expect("an answer"), None);
    store.create("a", "2".into()).await.expect("it was purged");
    assert_eq!(lifetime(3).await, None);
    let error = store.purge_expect_revision("a", Some(1)).await.expect_err("it is at 3");
    assert_eq!(error.kind(), UpdateErrorKind::WrongLastRevision);
    let seconds = Duration::from_secs(80);
    store.purge_expect_revision_with_ttl("a", 3, seconds).await.expect("it is at 3");
    assert_eq!(lifetime(4).await.as_deref(), Some("80"));
    jetstream.delete_key_value(&name).await.expect("it is there");
}

#[case]
async fn a_key_whose_lifetime_is_over_goes_and_a_watch_sees_it() {
    let client = guest().await;
    let name = unique(&client);
    let jetstream = jetstream::new(client);
    // A server lets nothing go before its marker would.
    let lifetime = Duration::from_secs(2);
    let config = Config { limit_markers: Some(lifetime), ..config(&name) };
    let store = jetstream.create_key_value(config).await.expect("a bucket");
    let mut watch = store.watch_all().await.expect("a watch");
    store.put("b", "stays".into()).await.expect("it is stored");
    store.create_with_ttl("a", "goes".into(), lifetime).await.expect("it is stored");
    assert_eq!(store.get("a").await.expect("an answer").as_deref(), Some(&b"goes"[..]));
    for expected in [
        put("b", "stays", 1),
        put("a", "goes", 2),
        // The server's own marker, in place of the value.
        ("a".to_owned(), String::new(), 3, Operation::Purge),
    ] {
        let entry = within(Duration::from_secs(30), &format!("{expected:?}"), watch.next())
            .await
            .expect("it goes on")
            .expect("an entry");
        assert_eq!(seen(entry), expected);
    }
    assert_eq!(store.get("a").await.expect("an answer"), None);
    let keys: Vec<String> =
        soon("the keys", store.keys().await.expect("keys").try_collect()).await.expect("keys");
    assert_eq!(keys, ["b"]);
    assert_eq!(store.create("a", "again".into()).await.expect("it is gone"), 4);
    jetstream.delete_key_value(&name).await.expect("it is there");
}
