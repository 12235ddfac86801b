// The stream, by an ordered consumer: from its first message on, for ever.

import { wsconnect } from '@nats-io/nats-core';
import { jetstream } from '@nats-io/jetstream';

// So many messages are asked for ahead. The default of 100 waits for the server most of the time; with more than this
// it is no faster.
const AHEAD = 20_000;

/** Feeds everything into the store, and says when what was there at first is in. */
export async function follow(store, { server, user, pass, stream, prefix }) {
  const connection = await wsconnect({ servers: server, user, pass });
  const consumer = await jetstream(connection).consumers.get(stream);
  const { num_pending: pending } = await consumer.info();
  let isSynced = pending === 0;
  if (isSynced) store.synced();
  await consumer.consume({
    max_messages: AHEAD,
    callback(message) {
      const { streamSequence: seq, timestampNanos, pending: left } = message.info;
      const topic = message.subject.slice(prefix.length + 1);
      store.apply({ seq, time: timestampNanos / 1e6 }, topic, read(message));
      if (!isSynced && left === 0) {
        isSynced = true;
        store.synced();
      }
    },
  });
}

function read(message) {
  try {
    return message.json();
  } catch {
    return {};
  }
}
