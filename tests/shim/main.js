// Three sides of one measurement in one page: the shim, the official client, and a bare WebSocket as the floor.
// `speed(side, kind, url, …)` gives how long a kind of work took, in ms.

import * as floor from './floor.js';
import * as rival from './rival.js';

const shim = await import('./speed.js');
await shim.default();
const sides = { shim, rival, floor };

window.speed = (side, kind, ...given) => sides[side][kind](...given);
