// The same work by @nats-io/nats-core.

import { jetstream } from '@nats-io/jetstream';
import { wsconnect } from '@nats-io/nats-core';

const SIZE = 128;
const body = new Uint8Array(SIZE).fill(120);

/** Each message handed to a callback, the quickest way that this client has. */
export async function receive(url, subject, count) {
  const client = await wsconnect({ servers: url });
  let [left, bytes, began] = [count + 1, 0, 0];
  const done = new Promise((resolve) => {
    client.subscribe(subject, {
      callback(_, message) {
        began ||= performance.now();
        bytes += message.data.length + message.subject.length;
        left -= 1;
        if (left === 0) resolve();
      },
    });
  });
  await client.flush();
  client.publish('bench.go', `${subject} ${count} ${SIZE}`);
  await done;
  const took = performance.now() - began;
  check(bytes, (SIZE + subject.length) * (count + 1));
  await client.close();
  return took;
}

/** Each message as an item of an iterator, as the shim gives them. */
export async function iterate(url, subject, count) {
  const client = await wsconnect({ servers: url });
  let [left, bytes, began] = [count + 1, 0, 0];
  const messages = client.subscribe(subject);
  await client.flush();
  client.publish('bench.go', `${subject} ${count} ${SIZE}`);
  for await (const message of messages) {
    began ||= performance.now();
    bytes += message.data.length + message.subject.length;
    left -= 1;
    if (left === 0) break;
  }
  const took = performance.now() - began;
  check(bytes, (SIZE + subject.length) * (count + 1));
  await client.close();
  return took;
}

// So many messages are asked for ahead. The default of 100 waits for the server most of the time; with more than this
// it is no faster.
const AHEAD = 20_000;

export async function ordered(url, stream, count) {
  const client = await wsconnect({ servers: url });
  const began = performance.now();
  const consumer = await jetstream(client).consumers.get(stream);
  let [sequence, bytes] = [0, 0];
  await new Promise((resolve, reject) => {
    const callback = (message) => {
      sequence += 1;
      if (message.info.streamSequence !== sequence) reject(new Error('out of order'));
      bytes += message.data.length + message.subject.length;
      if (sequence === count) resolve();
    };
    consumer.consume({ max_messages: AHEAD, callback }).catch(reject);
  });
  const took = performance.now() - began;
  check(bytes > SIZE * count, true);
  await client.close();
  return took;
}

export async function request(url, count, underWay) {
  const client = await wsconnect({ servers: url });
  await client.flush();
  let left = count;
  let bytes = 0;
  const began = performance.now();
  const ask = async () => {
    while (left > 0) {
      left -= 1;
      const answer = await client.request('bench.echo', body, { timeout: 10_000 });
      bytes += answer.data.length;
    }
  };
  await Promise.all(Array.from({ length: underWay }, ask));
  const took = performance.now() - began;
  check(bytes, SIZE * count);
  await client.close();
  return took;
}

export async function publish(url, count) {
  const client = await wsconnect({ servers: url });
  await client.flush();
  const began = performance.now();
  for (let sent = 0; sent < count; sent += 1) client.publish('bench.sink', body);
  await client.flush();
  const took = performance.now() - began;
  await client.close();
  return took;
}

function check(found, expected) {
  if (found !== expected) throw new Error(`${found} bytes instead of ${expected}`);
}
