import type { Attendee, Watcher } from './ledger.ts';

/** Minutes in one mask: a small integer has 31 bits. */
const SPAN = 30;

type Student = {
  name: string;
  rosterId: string | null;
  /** By minute ÷ 30; bit `minute % 30` is set for a watched minute. */
  readonly masks: Map<number, number>;
};

/** Which students of one channel watched which minutes; a minute that is reported several times counts once. */
export class WatchedMinutes {
  readonly #bySub = new Map<string, Student>();

  /** Whether a student is known to have watched a minute. */
  has(sub: string, minute: number): boolean {
    const mask = this.#bySub.get(sub)?.masks.get(Math.floor(minute / SPAN)) ?? 0;
    return (mask & (1 << (minute % SPAN))) !== 0;
  }

  /**
   * Adds a minute. The newest name and class list entry of a student replace earlier ones, because both are corrected.
   *
   * @param minute minutes since the epoch
   */
  note({ sub, name, rosterId }: Attendee, minute: number): void {
    let student = this.#bySub.get(sub);
    if (student === undefined) {
      student = { name, rosterId, masks: new Map() };
      this.#bySub.set(sub, student);
    }
    student.name = name;
    student.rosterId = rosterId;
    const span = Math.floor(minute / SPAN);
    const mask = student.masks.get(span) ?? 0;
    student.masks.set(span, mask | (1 << (minute % SPAN)));
  }

  /** Yields the students who watched any minute of a range, both ends inclusive. */
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

  /** Yields some students with all their minutes. @param isWanted tells which */
  *of(isWanted: (attendee: Attendee) => boolean): Iterable<Watcher> {
    for (const [sub, { name, rosterId, masks }] of this.#bySub) {
      if (!isWanted({ sub, name, rosterId })) continue;
      const minutes = [...masks].flatMap(([span, mask]) =>
        Array.from({ length: SPAN }, (_, bit) => bit).flatMap((bit) =>
          (mask & (1 << bit)) === 0 ? [] : [span * SPAN + bit],
        ),
      );
      yield { sub, name, rosterId, minutes: minutes.toSorted((a, b) => a - b) };
    }
  }

  /** Removes students. @param isToGo tells which */
  erase(isToGo: (attendee: Attendee) => boolean): void {
    for (const [sub, { name, rosterId }] of this.#bySub) {
      if (isToGo({ sub, name, rosterId })) this.#bySub.delete(sub);
    }
  }

  /** Removes minutes before a minute, and students who have no others. */
  forget(beforeMinute: number): void {
    for (const [sub, { masks }] of this.#bySub) {
      for (const span of masks.keys()) if ((span + 1) * SPAN <= beforeMinute) masks.delete(span);
      if (masks.size === 0) this.#bySub.delete(sub);
    }
  }
}
