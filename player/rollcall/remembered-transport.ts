import { memorize, recalled } from '../ui/browser-memory.ts';
import { TRANSPORTS } from './transport-choice.ts';
import type { TransportKind } from './transport.ts';

const KEY = 'lectern.rollcall.way';
/** A computer that is carried from school to home has another line there, milliseconds. */
const OLD_MS = 12 * 3_600_000;

/** The transport that worked at the last visit; null where that is long ago, or nothing is stored. */
export function recalledTransport(nowMs = Date.now()): TransportKind | null {
  const [kind, atMs] = (recalled(KEY) ?? '').split(' ');
  const ageMs = nowMs - Number(atMs ?? Number.NaN);
  const isFresh = ageMs >= 0 && ageMs < OLD_MS;
  return isFresh ? (TRANSPORTS.find((known) => known === kind) ?? null) : null;
}

/** Remembers the transport that works. */
export function memorizeTransport(kind: TransportKind, nowMs = Date.now()): void {
  memorize(KEY, `${kind} ${nowMs}`);
}
