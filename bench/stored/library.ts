import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import type { BroadcastRecord } from '../../origin/broadcasts/broadcast-record.ts';
import { BroadcastLibrary } from '../../origin/broadcasts/broadcast-library.ts';
import { FilesStore } from '../../origin/store/files-store.ts';
import { silentLogger } from '../../shared/logger.ts';
import { makeTempDir } from '../../test/support/temp-dir.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { type Row, rowAtMost } from '../bench.ts';

const CHANNELS = 400;
const SUBJECTS = ['Mathematics', 'Physics', '语文', 'English', 'Chemistry', 'Biology', 'History', 'Art'];
const LOAD_WITHIN_MS = 600_000;
/** Repetitions of each query; the slowest is reported. */
const TURNS = 5;

/**
 * A library on the files store: its start from single objects and from the snapshot, its slowest query, and how long
 * these block the event loop.
 *
 * @param count number of broadcasts
 */
export async function measureLibrary(count: number, say: (line: string) => void): Promise<Row[]> {
  const directory = makeTempDir();
  try {
    // Written without the store, which would sync each object to the disk.
    for (let i = 0; i < count; i += 1) {
      const { channel, id } = lesson(i);
      const path = join(directory.path, 'broadcasts', channel, `${id}.json`);
      if (i < CHANNELS) mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${JSON.stringify(lesson(i))}\n`);
    }
    const store = await FilesStore.open(directory.path);
    const start = async (): Promise<{ library: BroadcastLibrary; seconds: number }> => {
      const library = new BroadcastLibrary(store, silentLogger);
      const startedMs = performance.now();
      const reading = library.refresh();
      await waitFor('the library is read', () => library.isLoaded, LOAD_WITHIN_MS);
      const seconds = (performance.now() - startedMs) / 1000;
      // The snapshot is written after that.
      await reading;
      return { library, seconds };
    };
    const { seconds: first } = await start();
    const { seconds: next, library } = await start();
    say(`library of ${count}: first start ${first.toFixed(1)} s, next ones ${next.toFixed(1)} s`);
    const { startMs } = lesson(count / 2);
    const queries = [
      () => library.find({ q: 'no such words' }, null, 50),
      () => library.find({ grade: 3, teacher: lesson(98).teacher }, null, 50),
      () => library.find({ from: startMs, to: startMs + 3_600_000 }, null, 50),
      () => library.find({}, { startMs: lesson(0).startMs + 1, channel: 'a', id: 'a' }, 50),
    ];
    let slowestMs = 0;
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    for (let turn = 0; turn < TURNS; turn += 1) {
      for (const query of queries) {
        const startedMs = performance.now();
        await query();
        library.facets();
        slowestMs = Math.max(slowestMs, performance.now() - startedMs);
      }
    }
    delay.disable();
    await store.close();
    return [
      rowAtMost(`library of ${count} broadcasts, first start`, 's', first, null),
      rowAtMost(`library of ${count} broadcasts, next starts`, 's', next, null),
      rowAtMost(`library of ${count} broadcasts, slowest query`, 'ms', slowestMs, null),
      rowAtMost('longest that all else waited meanwhile', 'ms', delay.max / 1e6, null),
    ];
  } finally {
    directory.remove();
  }
}

function lesson(i: number): BroadcastRecord {
  const channel = `hall-${i % CHANNELS}`;
  const startMs = 1_600_000_000_000 + Math.floor(i / CHANNELS) * 10_800_000;
  return {
    ...{ id: `b${i}`, channel, title: `Lesson ${i % 60}: adding and subtracting fractions`, language: 'zh' },
    ...{ grade: 1 + (i % 12), subject: SUBJECTS[i % SUBJECTS.length], teacher: `Teacher ${i % CHANNELS}` },
    ...{ startMs, endMs: startMs + 2_700_000, gaps: [], keep: false },
  };
}
