import assert from 'node:assert/strict';
import { childrenOf, onlyChild, readBoxes } from '../../../media/bmff/box-reader.ts';
import { FieldReader } from '../../../media/bmff/field-reader.ts';
import { writePart } from '../../../origin/packager/cmaf/part-writer.ts';
import type { TrackInit } from '../../../origin/packager/media.ts';
import { describeSegment } from '../../../origin/packager/recording/stored-segment.ts';
import { planBroadcastFile } from '../../../origin/replay/download/broadcast-file.ts';
import { pieceBytes } from '../../../origin/replay/download/mp4-bytes.ts';
import { audioInit, videoInit } from '../support/cmaf-init.ts';

const FIRST = 1_000_000;

/** Stored segments of a rendition: one for each init segment that is given, in order. */
function stored(rendition: string, inits: readonly TrackInit[], skipped: readonly number[] = []) {
  return inits.flatMap((init, i) => {
    if (skipped.includes(i)) return [];
    const number = FIRST + i;
    const isVideo = init.kind === 'video';
    const [frames, ticks] = isVideo ? [40, 3600] : [75, 1024];
    const samples = Array.from({ length: frames }, (_, frame) => ({
      decodeTicks: (number * frames + frame) * ticks,
      durationTicks: ticks,
      compositionOffsetTicks: 0,
      isSync: !isVideo || frame === 0,
      data: Buffer.from(`${rendition} ${number} ${frame}`),
    }));
    const bytes = writePart({ init, sequenceNumber: i, samples });
    return [{ init, bytes, segment: describeSegment(rendition, number, bytes, init) }];
  });
}

type Stored = ReturnType<typeof stored>;

/** The whole file of a broadcast. */
async function fileOf(all: Stored, rendition: string | null = null): Promise<Buffer> {
  const deps = {
    index: { between: async () => all.map(({ segment }) => segment) },
    reader: {
      init: async (_channel: string, _rendition: string, hash: string) =>
        all.find(({ init }) => init.hash === hash)?.init ?? null,
      bytesOf: async () => null,
    },
  };
  const broadcast = {
    ...{ id: 'b1', channel: 'hall-7', title: 'Lesson', language: 'en', gaps: [], keep: false },
    ...{ startMs: FIRST * 1600, endMs: (FIRST + 100) * 1600 },
  };
  const { header, plan } = await planBroadcastFile(deps, broadcast, rendition);
  const pieces = plan.pieces.map((piece) => {
    const bytes = all.find(({ segment }) => segment === piece.segment)?.bytes ?? Buffer.alloc(0);
    const placed = pieceBytes(bytes, piece);
    assert.equal(placed.length, piece.sizeBytes);
    return placed;
  });
  const file = Buffer.concat([header, ...pieces]);
  assert.equal(file.length, header.length + plan.sizeBytes);
  return file;
}

/** What the boxes of a file say: sample entries and size on screen of each track, and the entry of each chunk. */
function described(file: Buffer) {
  const source = { bytes: file, originBytes: 0 };
  const entries: string[][] = [];
  const screens: string[] = [];
  const chunks = new Map<number, number[]>();
  const walk = (from: number, end: number): void => {
    for (const box of readBoxes(source, from, end)) {
      const fields = new FieldReader(source, box);
      if (['moov', 'trak', 'mdia', 'minf', 'stbl'].includes(box.type)) walk(box.payload, box.end);
      if (box.type === 'tkhd') {
        fields.skip(box.end - box.payload - 8);
        screens.push(`${fields.u32() / 65_536}x${fields.u32() / 65_536}`);
      }
      if (box.type === 'stsd') {
        fields.skip(8);
        entries.push(
          readBoxes(source, fields.at, box.end).map(({ type, payload }) =>
            type === 'mp4a'
              ? `${type} ${file.readUInt16BE(payload + 16)}`
              : `${type} ${file.readUInt16BE(payload + 24)}x${file.readUInt16BE(payload + 26)}`,
          ),
        );
      }
      if (box.type !== 'moof') continue;
      const traf = onlyChild(source, childrenOf(source, box), 'traf', box);
      const tfhd = new FieldReader(source, onlyChild(source, childrenOf(source, traf), 'tfhd', traf));
      tfhd.skip(1);
      const flags = tfhd.u24();
      const trackId = tfhd.u32();
      const of = chunks.get(trackId) ?? [];
      chunks.set(trackId, [...of, (flags & 2) === 0 ? 1 : tfhd.u32()]);
    }
  };
  walk(0, file.length);
  return { entries, screens, chunks };
}

describe('the file of a class that changed', () => {
  const sound = (count: number): TrackInit[] => Array.from({ length: count }, () => audioInit());
  const [wide, small, tall] = [videoInit(720), videoInit(180), videoInit(1080)];

  const table: {
    name: string;
    all: Stored;
    entries: string[][];
    chunks: number[][];
    screen: string;
  }[] = [
    {
      name: 'one shape: one entry',
      all: [...stored('720p', [wide, wide]), ...stored('audio', sound(2))],
      entries: [['avc1 1280x720'], ['mp4a 2']],
      chunks: [
        [1, 1],
        [1, 1],
      ],
      screen: '1280x720',
    },
    {
      name: 'another shape: two entries, and a track that holds both',
      all: [...stored('720p', [wide, small]), ...stored('audio', sound(2))],
      entries: [['avc1 1280x720', 'avc1 320x180'], ['mp4a 2']],
      chunks: [
        [1, 2],
        [1, 1],
      ],
      screen: '1280x720',
    },
    {
      name: 'a change and back: two entries and not three',
      all: [...stored('720p', [small, wide, small, wide]), ...stored('audio', sound(4))],
      entries: [['avc1 320x180', 'avc1 1280x720'], ['mp4a 2']],
      chunks: [
        [1, 2, 1, 2],
        [1, 1, 1, 1],
      ],
      screen: '1280x720',
    },
    {
      name: 'three shapes and sound that was mono',
      all: [
        ...stored('720p', [wide, small, tall]),
        ...stored('audio', [audioInit(1), audioInit(2), audioInit(1)]),
      ],
      entries: [
        ['avc1 1280x720', 'avc1 320x180', 'avc1 1920x1080'],
        ['mp4a 1', 'mp4a 2'],
      ],
      chunks: [
        [1, 2, 3],
        [1, 2, 1],
      ],
      screen: '1920x1080',
    },
    {
      name: 'sound alone',
      all: stored('audio', [audioInit(1), audioInit(2)]),
      entries: [['mp4a 1', 'mp4a 2']],
      chunks: [[1, 2]],
      screen: '0x0',
    },
    {
      name: 'picture alone, with a hole at the change',
      all: stored('720p', [wide, wide, small, small], [1]),
      entries: [['avc1 1280x720', 'avc1 320x180']],
      chunks: [[1, 2, 2]],
      screen: '1280x720',
    },
  ];
  for (const { name, all, entries, chunks, screen } of table) {
    it(name, async () => {
      const said = described(await fileOf(all));
      assert.deepEqual(said.entries, entries);
      assert.deepEqual([...said.chunks.values()], chunks);
      assert.equal(said.screens[0], screen);
    });
  }

  it('a change in one rung only is described in that rung only', async () => {
    const all = [
      ...stored('720p', [wide, wide]),
      ...stored('180p', [small, tall]),
      ...stored('audio', sound(2)),
    ];
    assert.deepEqual(described(await fileOf(all)).entries[0], ['avc1 1280x720']);
    assert.deepEqual(described(await fileOf(all, '180p')).entries[0], ['avc1 320x180', 'avc1 1920x1080']);
  });
});
