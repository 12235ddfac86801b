// The columns: windowed, each row rendered again only when its task changed.

import { memo, useRef } from 'react';
import { useVirtualizer } from '@tanstack/react-virtual';
import { STATUSES } from './fold.js';

const STEP = 84;
const TITLES = {
  blocked: 'Blocked', available: 'Available', in_progress: 'In progress', failed: 'Failed', completed: 'Completed',
  cancelled: 'Cancelled',
};

export function Columns({ board, columns, counts, now }) {
  return (
    <div className="board">
      {STATUSES.map((status) => (
        <Column key={status} status={status} ids={columns[status]} count={counts[status]} board={board} now={now} />
      ))}
    </div>
  );
}

function Column({ status, ids, count, board, now }) {
  const viewport = useRef(null);
  const rows = useVirtualizer({
    count: ids.length,
    getScrollElement: () => viewport.current,
    estimateSize: () => STEP,
    getItemKey: (place) => ids[place],
    overscan: 12,
  });
  return (
    <section className="column" data-column={status} data-count={count} aria-label={TITLES[status]}>
      <h2>{TITLES[status]} {count.toLocaleString('en')}</h2>
      <div className="rows" ref={viewport} role="list">
        <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
          {rows.getVirtualItems().map((row) => {
            const task = board.tasks.get(ids[row.index]);
            return task && (
              <div key={row.key} style={{ position: 'absolute', width: '100%', transform: `translateY(${row.start}px)` }}>
                <Card task={task} events={task.history.length} version={task.version} board={board} now={now} />
              </div>
            );
          })}
        </div>
      </div>
    </section>
  );
}

// A task is one object for ever, so what says that it changed is its version and how much happened to it.
const Card = memo(function Card({ task, board, now }) {
  const agent = task.owner && board.agents.get(task.owner);
  const percent = task.status === 'in_progress' ? task.progress?.percent : null;
  return (
    <article className="card" role="listitem" data-task-id={task.id} data-status={task.status} data-owner={task.owner ?? ''}>
      <div className="line">
        <span className="cut" title={task.title}>{task.title}</span>
        <span>{task.priority === 'normal' ? '' : task.priority}</span>
      </div>
      <div className="line small">
        <span className="cut">{task.id}</span>
        {task.tags.slice(0, 4).map((tag) => <span key={tag}>{tag}</span>)}
      </div>
      <div className="line small">
        <span>{task.owner}</span>
        {task.status === 'in_progress' && <span>{liveness(agent, now)}</span>}
        <span className="cut spread">{note(task, board)}</span>
        <span>{task.attempts > 1 ? `×${task.attempts}` : ''}</span>
        <span>{percent == null ? '' : `${Math.floor(percent)} %`}</span>
        <span>{age(now - task.since)}</span>
      </div>
      {percent != null && <div className="meter"><span style={{ width: `${percent}%` }} /></div>}
    </article>
  );
});

function note(task, board) {
  switch (task.status) {
    case 'blocked': {
      const open = task.blockedBy.filter((id) => board.tasks.get(id)?.status !== 'completed');
      const named = open.slice(0, 2).map((id) => `${id} (${board.tasks.get(id)?.status ?? 'unknown'})`);
      return `waits for ${open.length}: ${named.join(', ')}`;
    }
    case 'in_progress': return task.progress?.note ?? '';
    case 'failed': return task.outcome.error;
    case 'cancelled': return `by ${task.outcome.by}: ${task.outcome.reason ?? ''}`;
    default: return '';
  }
}

function liveness(agent, now) {
  const since = agent?.beat?.time ?? agent?.promised;
  if (since == null) return 'silent';
  const intervals = (now - since) / 1000 / (agent.beat?.interval ?? 30);
  return intervals <= 1.5 ? 'live' : intervals <= 3 ? 'late' : 'lost';
}

function age(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  return `${Math.floor(seconds / 3600)} h`;
}
