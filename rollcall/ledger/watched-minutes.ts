import type { Attendee, Watcher } from './ledger.ts';

/** Minutes that one mask tells: a small integer has 31 bits. */
const SPAN = 30;

type Watched = {
  name: string;
  rosterId: string | null;
  readonly masks: Map<number, number>;
};

/** Who watched which minutes of one channel, each minute once however often it is told. */
export class WatchedMinutes {
  readonly #bySub = new Map<string, Watched>();

  /** Whether somebody is known to have watched a minute. */
  has(sub: string, minute: number): boolean {
    const mask = this.#bySub.get(sub)?.masks.get(Math.floor(minute / SPAN)) ?? 0;
    return (mask & (1 << (minute % SPAN))) !== 0;
  }

  /**
   * Notes a minute. Who she is now she was before: names and class lists are corrected.
   *
   * @param minute minutes since the epoch
   */
  note({ sub, name, rosterId }: Attendee, minute: number): void {
    let watched = this.#bySub.get(sub);
    if (watched === undefined) {
      watched = { name, rosterId, masks: new Map() };
      this.#bySub.set(sub, watched);
    }
    watched.name = name;
    watched.rosterId = rosterId;
    const span = Math.floor(minute / SPAN);
    const mask = watched.masks.get(span) ?? 0;
    watched.masks.set(span, mask | (1 << (minute % SPAN)));
  }

  /** Gives those who watched any of these minutes; both ends inclusive. */
  *between(fromMinute: number, toMinute: number): Iterable<Watcher> {
    for (const [sub, { name, rosterId, masks }] of this.#bySub) {
      const minutes: number[] = [];
      for (let span = Math.floor(fromMinute / SPAN); span <= Math.floor(toMinute / SPAN); span++) {
        const mask = masks.get(span) ?? 0;
        for (let bit = 0; mask !== 0 && bit < SPAN; bit++) {
          const minute = span * SPAN + bit;
          if ((mask & (1 << bit)) !== 0 && minute >= fromMinute && minute <= toMinute) minutes.push(minute);
        }
      }
      if (minutes.length > 0) yield { sub, name, rosterId, minutes };
    }
  }

  /** Forgets what lies before a minute, and who has nothing else. */
  forget(beforeMinute: number): void {
    for (const [sub, { masks }] of this.#bySub) {
      for (const span of masks.keys()) if ((span + 1) * SPAN <= beforeMinute) masks.delete(span);
      if (masks.size === 0) this.#bySub.delete(sub);
    }
  }
}
