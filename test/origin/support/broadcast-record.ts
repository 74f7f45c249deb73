import type { BroadcastRecord } from '../../../origin/broadcasts/broadcast-record.ts';

/** A lesson of a minute in `hall-7`. */
export function broadcast(id: string, startMs: number, more: Partial<BroadcastRecord> = {}): BroadcastRecord {
  return {
    ...{ id, channel: 'hall-7', title: `Lesson ${id}`, language: 'zh', startMs, endMs: startMs + 60_000 },
    ...{ gaps: [], keep: false },
    ...more,
  };
}
