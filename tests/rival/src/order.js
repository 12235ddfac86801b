// Which task stands where. While history is read there is no order; then each column is sorted once, and patched.

import { STATUSES, rank } from './fold.js';

const COMPARE = {
  blocked: (a, b) => rank(a) - rank(b) || a.created - b.created || a.version - b.version,
  available: (a, b) => rank(a) - rank(b) || a.created - b.created || a.version - b.version,
  in_progress: (a, b) => a.claim - b.claim,
  failed: (a, b) => b.version - a.version,
  completed: (a, b) => b.version - a.version,
  cancelled: (a, b) => b.version - a.version,
};

/** Every column of a board, sorted. */
export function ordered(board) {
  const columns = Object.fromEntries(STATUSES.map((status) => [status, []]));
  for (const task of board.tasks.values()) columns[task.status].push(task);
  for (const status of STATUSES) columns[status].sort(COMPARE[status]);
  return Object.fromEntries(STATUSES.map((status) => [status, columns[status].map((task) => task.id)]));
}

/** The columns after some tasks changed; a column that none of them left or entered stays the same array. */
export function patched(columns, places, board, changed) {
  const touched = new Map();
  const open = (status) => touched.get(status) ?? touched.set(status, new Set()).get(status);
  const added = [];
  for (const id of changed) {
    const task = board.tasks.get(id);
    const before = places.get(id);
    if (before?.status === task.status && before.version === task.version) continue;
    if (before) open(before.status).add(id);
    open(task.status);
    added.push(task);
    places.set(id, { status: task.status, version: task.version });
  }
  if (touched.size === 0) return columns;
  const next = { ...columns };
  for (const [status, gone] of touched) {
    const rows = gone.size ? columns[status].filter((id) => !gone.has(id)) : columns[status].slice();
    for (const task of added) {
      if (task.status === status) rows.splice(place(rows, task, board), 0, task.id);
    }
    next[status] = rows;
  }
  return next;
}

/** Where a task stands in its sorted column. */
function place(rows, task, board) {
  const compare = COMPARE[task.status];
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compare(board.tasks.get(rows[middle]), task) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
