import type { Broadcast } from '../../../origin/broadcasts/broadcast.ts';

/** A lesson of a minute in `hall-7`. */
export function broadcast(id: string, startMs: number, more: Partial<Broadcast> = {}): Broadcast {
  return {
    ...{ id, channel: 'hall-7', title: `Lesson ${id}`, language: 'zh', startMs, endMs: startMs + 60_000 },
    ...{ gaps: [], keep: false },
    ...more,
  };
}
