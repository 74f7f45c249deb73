import { ArchiveIndex } from '../../../origin/archive/archive-index.ts';
import { ArchiveReader } from '../../../origin/archive/archive-reader.ts';
import { Spool } from '../../../origin/archive/spool.ts';
import { Storyboards } from '../../../origin/storyboard/storyboards.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';
import { MemoryStore } from '../support/memory-store.ts';

describe('the storyboard of a class that ended while the store was away', () => {
  let directory: TempDir;
  let store: MemoryStore;
  let storyboards: Storyboards;
  beforeEach(async () => {
    directory = makeTempDir();
    store = new MemoryStore();
    store.isDown = true;
    const nowMs = (): number => 300_000;
    const index = new ArchiveIndex(store, nowMs);
    const spool = await Spool.open(directory.path);
    const reader = new ArchiveReader({ store, spool, index, cacheBytes: 1e6, nowMs });
    storyboards = new Storyboards({
      ...{ store, index, reader, logger: silentLogger, program: 'ffmpeg', retryMs: 1 },
      onMade: () => {},
    });
    storyboards.request({
      ...{ id: 'a', channel: 'hall-7', title: 'Fractions', language: 'zh', keep: false },
      ...{ startMs: 100_000, endMs: 200_000, gaps: [] },
    });
    await storyboards.settled();
  });
  afterEach(async () => {
    await storyboards.stop();
    directory.remove();
  });

  it('is asked for again when the store is back', async () => {
    store.isDown = false;
    await waitFor('it looks for segments', () => store.log.some((line) => line.startsWith('get index/')));
  });
});
