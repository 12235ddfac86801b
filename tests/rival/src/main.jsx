// The page: the store, the feed into it, and the board on top.

import { useEffect, useState, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { Columns } from './columns.jsx';
import { follow } from './feed.js';
import { Store } from './store.js';

const store = new Store();

function App() {
  const { isSynced, seq, counts, columns } = useSyncExternalStore(store.subscribe, store.getSnapshot);
  const now = useNow();
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <div className="app" data-synced={isSynced || undefined} data-seq={seq}>
      <div className="summary">
        <strong>{counts.completed.toLocaleString('en')} of {(total - counts.cancelled).toLocaleString('en')} done</strong>
        <span>{isSynced ? 'live' : `reading the history: ${seq.toLocaleString('en')}`}</span>
      </div>
      <Columns board={store.board} columns={columns} counts={counts} now={now} />
    </div>
  );
}

function useNow() {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const ticks = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(ticks);
  }, []);
  return now;
}

createRoot(document.getElementById('app')).render(<App />);
const settings = await (await fetch('config.json')).json();
await follow(store, settings);
