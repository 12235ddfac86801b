// The fold of docs/PROTOCOL.md, for the verbs that occur: the same truth table, event by event, with what the board
// shows of a task, its history included.

export const STATUSES = ['blocked', 'available', 'in_progress', 'failed', 'completed', 'cancelled'];

const RANKS = { critical: 0, high: 1, low: 3 };

export function rank(task) {
  return RANKS[task.priority] ?? 2;
}

export class Board {
  tasks = new Map();
  agents = new Map();
  // The ids of the tasks that name a task as their blocker.
  blocks = new Map();
  counts = Object.fromEntries(STATUSES.map((status) => [status, 0]));
  said = [];
  problems = [];
  unreadable = 0;
  seq = 0;
  // Ids of tasks that changed since somebody last took them.
  changed = new Set();

  /** Applies what lies at `at.seq`, stored at `at.time` (ms); a sequence that was applied before changes nothing. */
  apply(at, topic, event) {
    if (at.seq <= this.seq) return;
    this.seq = at.seq;
    switch (topic) {
      case 'tasks.available': return this.#available(at, event);
      case 'tasks.claimed': return this.#claimed(at, event);
      case 'tasks.progress': return this.#progress(at, event);
      case 'tasks.completed': return event.accept === undefined ? this.#completed(at, event) : this.#accept(at, event);
      case 'tasks.failed': return event.by === undefined ? this.#failed(at, event) : this.#givenUp(at, event);
      case 'tasks.cancelled': return this.#cancelled(at, event);
      case 'coordination': return void this.said.push({ ...at, agent: event.agent_id, message: event.message });
      case 'errors': return void this.problems.push({ ...at, ...event });
      default:
        if (topic.startsWith('heartbeat.')) return this.#heartbeat(at, event);
        this.unreadable += 1;
    }
  }

  #available(at, event) {
    const id = String(event.task_id);
    const definition = definitionOf(event);
    const task = this.tasks.get(id);
    if (!task) {
      const status = this.#statusByBlockers(definition.blockedBy);
      const fresh = {
        id, ...definition, status, version: at.seq, claim: null, owner: null, session: null, attempts: 0,
        created: at.time, since: at.time, progress: null, outcome: null, late: [], history: [],
      };
      this.tasks.set(id, fresh);
      this.counts[status] += 1;
      for (const blocker of definition.blockedBy) this.#link(blocker, id);
      return this.#note(fresh, at, 'available', event.by);
    }
    const verb = event.requeue ? 'requeue' : 'available';
    const stale = isStale(task, event.after);
    if (stale) return this.#note(task, at, verb, event.by, event.requeue?.reason, stale);
    if (event.requeue) {
      if (task.status === 'blocked' || task.status === 'available') {
        return this.#note(task, at, verb, event.by, event.requeue.reason, 'nothing to requeue');
      }
      const before = task.status;
      this.#redefine(task, definition);
      Object.assign(task, { version: at.seq, claim: null, progress: null, outcome: null });
      this.#move(task, this.#statusByBlockers(task.blockedBy), null, null, at);
      if (before === 'completed') this.#blockAgain(id, at);
      return this.#note(task, at, verb, event.by, event.requeue.reason);
    }
    if (sameDefinition(task, definition)) return this.#note(task, at, verb, event.by);
    this.#redefine(task, definition);
    task.version = at.seq;
    if (task.status === 'blocked' || task.status === 'available') {
      this.#move(task, this.#statusByBlockers(task.blockedBy), null, null, at);
    }
    this.#note(task, at, verb, event.by);
  }

  #claimed(at, event) {
    this.#acted(event.agent_id, at, event.session !== undefined);
    const task = this.tasks.get(String(event.task_id));
    if (!task) return;
    const refused = {
      available: () => isStale(task, event.after),
      in_progress: () => `taken by ${task.owner}`,
      blocked: () => `blocked by ${task.blockedBy.find((blocker) => this.#isOpen(blocker))}`,
    }[task.status] ?? (() => `it is ${task.status}`);
    const refusal = refused();
    if (!refusal) {
      Object.assign(task, { version: at.seq, claim: at.seq, attempts: task.attempts + 1, progress: null });
      this.#move(task, 'in_progress', event.agent_id, event.session ?? null, at);
    }
    this.#note(task, at, 'claimed', event.agent_id, null, refusal);
  }

  #progress(at, event) {
    this.#acted(event.agent_id, at);
    const task = this.tasks.get(String(event.task_id));
    if (!task) return;
    const refusal = isNotOwner(task, event);
    if (!refusal) task.progress = { time: at.time, percent: event.percent ?? null, note: event.note ?? null };
    this.#note(task, at, 'progress', event.agent_id, event.note, refusal);
  }

  #completed(at, event) {
    this.#acted(event.agent_id, at);
    const task = this.tasks.get(String(event.task_id));
    if (!task) return;
    const refusal = isNotOwner(task, event);
    if (refusal) {
      task.late.push({ seq: at.seq, owner: event.agent_id, session: event.session ?? null, result: event.result });
    } else {
      this.#complete(task, at, task.owner, task.session, event.result);
    }
    this.#note(task, at, 'completed', event.agent_id, null, refusal);
  }

  #accept(at, event) {
    const task = this.tasks.get(String(event.task_id));
    if (!task) return;
    const late = task.late.find(({ seq }) => seq === event.accept);
    const refusal = late ? isStale(task, event.after) : 'no such late result';
    if (!refusal) this.#complete(task, at, late.owner, late.session, late.result);
    this.#note(task, at, 'accept', event.by, null, refusal);
  }

  #complete(task, at, owner, session, result) {
    Object.assign(task, { version: at.seq, claim: null, outcome: { result } });
    this.#move(task, 'completed', owner, session, at);
    for (const id of this.blocks.get(task.id) ?? []) {
      const next = this.tasks.get(id);
      if (next?.status === 'blocked' && this.#statusByBlockers(next.blockedBy) === 'available') {
        next.version = at.seq;
        this.#move(next, 'available', null, null, at);
      }
    }
  }

  #failed(at, event) {
    this.#acted(event.agent_id, at);
    const task = this.tasks.get(String(event.task_id));
    if (!task) return;
    const refusal = isNotOwner(task, event);
    if (!refusal) this.#fail(task, at, event);
    this.#note(task, at, 'failed', event.agent_id, event.error, refusal);
  }

  #givenUp(at, event) {
    const task = this.tasks.get(String(event.task_id));
    if (!task) return;
    const refusal = task.status !== 'in_progress' ? `it is ${task.status}` : event.after !== task.version && 'stale';
    if (!refusal) this.#fail(task, at, event);
    this.#note(task, at, 'given up', event.by, event.error, refusal || null);
  }

  #fail(task, at, event) {
    const outcome = { error: event.error, kind: event.kind ?? null, by: event.by ?? null };
    Object.assign(task, { version: at.seq, claim: null, outcome });
    this.#move(task, 'failed', task.owner, task.session, at);
  }

  #cancelled(at, event) {
    const task = this.tasks.get(String(event.task_id));
    if (!task) return;
    const isFinished = ['failed', 'completed', 'cancelled'].includes(task.status);
    const refusal = isFinished ? `it is ${task.status}` : isStale(task, event.after);
    if (!refusal) {
      Object.assign(task, { version: at.seq, claim: null, outcome: { by: event.by, reason: event.reason ?? null } });
      this.#move(task, 'cancelled', null, null, at);
    }
    this.#note(task, at, 'cancelled', event.by, event.reason, refusal);
  }

  #heartbeat(at, event) {
    const agent = this.#agent(event.agent_id);
    const { session, status, task_id: task, description, host, version, interval_s: interval = 30 } = event;
    agent.beat = { time: at.time, session, status, task, description, host, version, interval };
  }

  #agent(id) {
    let agent = this.agents.get(id);
    if (!agent) {
      agent = { id, beat: null, acted: null, promised: null, completed: 0, failed: 0 };
      this.agents.set(id, agent);
    }
    return agent;
  }

  #acted(id, at, promises = false) {
    const agent = this.#agent(id);
    agent.acted = at.time;
    if (promises) agent.promised = at.time;
  }

  #isOpen(id) {
    return this.tasks.get(id)?.status !== 'completed';
  }

  #statusByBlockers(blockedBy) {
    return blockedBy.some((id) => this.#isOpen(id)) ? 'blocked' : 'available';
  }

  #link(blocker, id) {
    const blocked = this.blocks.get(blocker);
    if (blocked) blocked.push(id);
    else this.blocks.set(blocker, [id]);
  }

  #redefine(task, definition) {
    for (const blocker of task.blockedBy) {
      this.blocks.set(blocker, this.blocks.get(blocker).filter((id) => id !== task.id));
    }
    Object.assign(task, definition);
    for (const blocker of task.blockedBy) this.#link(blocker, task.id);
  }

  #blockAgain(id, at) {
    for (const next of (this.blocks.get(id) ?? []).map((blocked) => this.tasks.get(blocked))) {
      if (next?.status === 'available') {
        next.version = at.seq;
        this.#move(next, 'blocked', null, null, at);
      }
    }
  }

  /** The one place where a task's status and owner change, and with them all that is counted by these. */
  #move(task, status, owner, session, at) {
    this.#tally(task, -1);
    this.counts[task.status] -= 1;
    if (task.status !== status) task.since = at.time;
    Object.assign(task, { status, owner, session });
    this.counts[status] += 1;
    this.#tally(task, 1);
    this.changed.add(task.id);
  }

  #tally(task, step) {
    const agent = task.owner && this.agents.get(task.owner);
    if (agent && (task.status === 'completed' || task.status === 'failed')) agent[task.status] += step;
  }

  #note(task, at, verb, who, note, refused) {
    task.history.push({ seq: at.seq, time: at.time, verb, who: who ?? null, note: note ?? null, refused: refused || null });
    this.changed.add(task.id);
  }
}

function definitionOf(event) {
  return {
    title: event.title,
    description: event.description ?? null,
    blockedBy: [...new Set((event.blocked_by ?? []).map(String))],
    priority: event.priority || 'normal',
    tags: event.tags ?? [],
    maxAttempts: event.max_attempts ?? 3,
  };
}

function sameDefinition(task, definition) {
  const same = (a, b) => a.length === b.length && a.every((value, place) => value === b[place]);
  return task.title === definition.title && task.description === definition.description
    && task.priority === definition.priority && task.maxAttempts === definition.maxAttempts
    && same(task.tags, definition.tags) && same(task.blockedBy, definition.blockedBy);
}

function isStale(task, after) {
  return after !== undefined && after !== task.version ? `stale: ${after} is not ${task.version}` : null;
}

/** The guard `claim`, or the owner's name where no claim is given: why this is not the owner. */
function isNotOwner(task, { claim, agent_id: agent, session }) {
  if (task.status !== 'in_progress' || task.claim === null) return `it is ${task.status}`;
  if (claim !== undefined) return claim === task.claim ? null : `stale claim ${claim}`;
  const sameSession = session === undefined || task.session === null || session === task.session;
  return task.owner === agent && sameSession ? null : `${task.owner} owns it`;
}
