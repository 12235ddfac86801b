// The least that a page can do: a bare WebSocket that counts bytes and looks at none of them.

const SIZE = 128;
const ascii = new TextEncoder();
const latin = new TextDecoder('latin1');
const body = 'x'.repeat(SIZE);
const FRAME = 64 * 1024;

export async function receive(url, subject, count) {
  const socket = await open(url);
  socket.send(ascii.encode(`SUB ${subject} 1\r\nPING\r\n`));
  await said(socket, 'PONG');
  let [left, began] = [(count + 1) * `MSG ${subject} 1 ${SIZE}\r\n${body}\r\n`.length, 0];
  const done = new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      began ||= performance.now();
      left -= data.byteLength;
      if (left <= 0) resolve();
    };
  });
  const order = `${subject} ${count} ${SIZE}`;
  socket.send(ascii.encode(`PUB bench.go ${order.length}\r\n${order}\r\n`));
  await done;
  const took = performance.now() - began;
  socket.close();
  return took;
}

/** How many bytes a stream is, as a consumer delivers it; known after the first time. */
const weights = new Map();

export async function ordered(url, stream, count) {
  const socket = await open(url);
  socket.send(ascii.encode('SUB bare.floor 1\r\n'));
  const config = { deliver_subject: 'bare.floor', ack_policy: 'none', deliver_policy: 'all', inactive_threshold: 5e9 };
  const body = JSON.stringify({ stream_name: stream, config });
  let [bytes, lines] = [0, 0];
  const done = new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      bytes += data.byteLength;
      if (weights.has(stream)) {
        if (bytes >= weights.get(stream)) resolve();
        return;
      }
      for (const byte of new Uint8Array(data)) lines += byte === 10;
      if (lines < 2 * count) return;
      weights.set(stream, bytes);
      resolve();
    };
  });
  const began = performance.now();
  socket.send(ascii.encode(`PUB $JS.API.CONSUMER.CREATE.${stream} ${body.length}\r\n${body}\r\n`));
  await done;
  const took = performance.now() - began;
  socket.close();
  return took;
}

export async function request(url, count, underWay) {
  const socket = await open(url);
  socket.send(ascii.encode('SUB bare.floor 1\r\nPING\r\n'));
  await said(socket, 'PONG');
  const question = ascii.encode(`PUB bench.echo bare.floor ${SIZE}\r\n${body}\r\n`);
  const answer = `MSG bare.floor 1 ${SIZE}\r\n${body}\r\n`.length;
  let [asked, bytes] = [0, 0];
  const ask = (many) => {
    const frame = new Uint8Array(many * question.length);
    for (let at = 0; at < frame.length; at += question.length) frame.set(question, at);
    socket.send(frame);
    asked += many;
  };
  const done = new Promise((resolve) => {
    socket.onmessage = ({ data }) => {
      bytes += data.byteLength;
      const answered = Math.floor(bytes / answer);
      const more = Math.min(answered + underWay, count) - asked;
      if (more > 0) ask(more);
      if (answered === count) resolve();
    };
  });
  const began = performance.now();
  ask(Math.min(underWay, count));
  await done;
  const took = performance.now() - began;
  socket.close();
  return took;
}

export async function publish(url, count) {
  const socket = await open(url);
  const line = ascii.encode(`PUB bench.sink ${SIZE}\r\n${body}\r\n`);
  const many = Math.floor(FRAME / line.length);
  const frame = new Uint8Array(many * line.length);
  for (let at = 0; at < frame.length; at += line.length) frame.set(line, at);
  const began = performance.now();
  for (let left = count; left > 0; left -= many) {
    socket.send(left >= many ? frame : frame.subarray(0, left * line.length));
  }
  socket.send(ascii.encode('PING\r\n'));
  await said(socket, 'PONG');
  const took = performance.now() - began;
  socket.close();
  return took;
}

/** A connection that the server has accepted. */
async function open(url) {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  const ready = said(socket, 'PONG');
  socket.onopen = () => socket.send(
    ascii.encode('CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true,"lang":"bare","version":"0"}\r\nPING\r\n'),
  );
  await ready;
  return socket;
}

function said(socket, word) {
  return new Promise((resolve, reject) => {
    socket.onclose = () => reject(new Error('the server has closed the connection'));
    socket.onmessage = ({ data }) => {
      if (latin.decode(data).includes(word)) resolve();
    };
  });
}
