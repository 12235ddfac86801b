// What React reads: an immutable snapshot, made at most once a frame, however much arrived.

import { Board } from './fold.js';
import { ordered, patched } from './order.js';

export class Store {
  board = new Board();
  #listeners = new Set();
  #isAsked = false;
  #isSynced = false;
  #places = new Map();
  #snapshot = { isSynced: false, revision: 0, seq: 0, counts: { ...this.board.counts }, columns: ordered(this.board) };

  subscribe = (listener) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  getSnapshot = () => this.#snapshot;

  apply(at, topic, event) {
    this.board.apply(at, topic, event);
    if (!this.#isAsked) {
      this.#isAsked = true;
      // While history is read only its progress shows: a frame for every few messages would cost more than reading.
      if (this.#isSynced) requestAnimationFrame(this.#publish);
      else setTimeout(this.#publish, 1000);
    }
  }

  /** All that the stream held has been applied. */
  synced() {
    this.#isSynced = true;
    for (const { id, status, version } of this.board.tasks.values()) this.#places.set(id, { status, version });
    this.board.changed.clear();
    this.#show(ordered(this.board));
  }

  #publish = () => {
    this.#isAsked = false;
    let { columns } = this.#snapshot;
    if (this.#isSynced) columns = patched(columns, this.#places, this.board, this.board.changed);
    this.board.changed.clear();
    this.#show(columns);
  };

  #show(columns) {
    const { seq, counts } = this.board;
    const revision = this.#snapshot.revision + 1;
    this.#snapshot = { isSynced: this.#isSynced, revision, seq, counts: { ...counts }, columns };
    for (const listener of this.#listeners) listener();
  }
}
