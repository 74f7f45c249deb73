import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  inUploadOrder,
  parseSpoolPath,
  spoolFault,
  type Spooled,
  spoolPath,
} from '../../../origin/archive/spool-names.ts';

const segment = (number: number, startTicks: number, sizeBytes = 1000): Spooled => ({
  ...{ kind: 'segment', channel: 'hall-7' },
  segment: {
    ...{ rendition: '720p', number, startTicks, durationTicks: 144_000, timescaleHz: 90_000 },
    ...{ frames: 40, initHash: '0123456789ab', sizeBytes },
  },
});
const init: Spooled = { kind: 'init', channel: 'hall-7', rendition: '720p', hash: '0123456789ab' };

describe('names in the spool', () => {
  it('are read as they were written', () => {
    const name = fc.stringMatching(/^[a-z0-9-]{1,64}$/);
    const hash = fc.stringMatching(/^[0-9a-f]{12}$/);
    const ticks = fc.nat({ max: 999_999 });
    fc.assert(
      fc.property(
        name,
        name,
        hash,
        fc.array(ticks, { minLength: 6, maxLength: 6 }),
        (channel, rendition, initHash, t) => {
          const [number = 0, startTicks = 0, durationTicks = 0, timescaleHz = 0, frames = 0, sizeBytes = 0] =
            t;
          const described = {
            rendition,
            number,
            startTicks,
            durationTicks,
            timescaleHz,
            frames,
            initHash,
            sizeBytes,
          };
          const all: Spooled[] = [
            { kind: 'segment', channel, segment: described },
            { kind: 'init', channel, rendition, hash: initHash },
          ];
          for (const spooled of all) assert.deepEqual(parseSpoolPath(spoolPath(spooled)), spooled);
        },
      ),
    );
  });

  const others = [
    'hall-7/720p/0123456789ab/1-2-3-4-5-6.m4s.draft',
    'hall-7/720p/0123456789ab/1-2-3-4-5.m4s',
    'hall-7/720p/0123456789AB/init.mp4',
    'hall-7/720p/init.mp4',
    'hall-7/720p/0123456789ab/more/init.mp4',
    'Hall/720p/0123456789ab/init.mp4',
    'hall-7/../0123456789ab/init.mp4',
  ];
  for (const path of others) {
    it(`${path} is none`, () => assert.equal(parseSpoolPath(path.split('/')), null));
  }

  it('sort init segments first, then segments by their start', () => {
    const all = [segment(3, 300), segment(1, 100), init, segment(2, 200)];
    const sorted = all.toSorted(inUploadOrder);
    assert.deepEqual(
      sorted.map((spooled) => (spooled.kind === 'init' ? 0 : spooled.segment.number)),
      [0, 1, 2, 3],
    );
  });

  it('tell a missing, empty or truncated file from a whole one', () => {
    const whole = Buffer.alloc(1000);
    assert.equal(spoolFault(segment(1, 1), whole), null);
    assert.equal(spoolFault(init, whole), null);
    assert.match(spoolFault(segment(1, 1), null) ?? '', /does not exist/);
    assert.match(spoolFault(segment(1, 1), whole.subarray(1)) ?? '', /999 bytes of 1000/);
    assert.match(spoolFault(init, Buffer.alloc(0)) ?? '', /empty/);
  });
});
