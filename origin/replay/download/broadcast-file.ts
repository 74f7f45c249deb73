import { backgroundTurns } from '../../../shared/background-turns.ts';
import type { ArchiveIndex } from '../../archive/archive-index.ts';
import type { ArchiveReader } from '../../archive/archive-reader.ts';
import { type BroadcastRecord, BroadcastError, replayRange } from '../../broadcasts/broadcast-record.ts';
import type { TimeRange } from '../../archive/time-range.ts';
import type { TrackInit } from '../../packager/media.ts';
import { commonInitHash, type StoredSegment } from '../../packager/recording/stored-segment.ts';
import { renditionOfStored } from '../../packager/recording/late-rendition.ts';
import { unknownRendition } from '../../packager/unknown-rendition.ts';
import { around, belongsTo, stretchesOf } from '../replay-stretches.ts';
import { writeFileStart } from './mp4-bytes.ts';
import { type FilePlan, type FileTrack, planFile } from './mp4-plan.ts';

/** Sources of a broadcast's media. */
export type BroadcastFileDeps = {
  readonly index: Pick<ArchiveIndex, 'between'>;
  readonly reader: Pick<ArchiveReader, 'bytesOf' | 'init'>;
};

/** A broadcast as one MP4 file: its header, and the position of each segment behind it. */
export type BroadcastFile = { readonly header: Buffer; readonly plan: FilePlan };

/**
 * Plans the file of a broadcast.
 *
 * @param rendition id of the picture; null for the best; `audio` for sound only
 * @throws {BroadcastError} `broadcast-on-air` (409), `nothing-recorded` (404)
 * @throws {AppError} `unknown-rendition` (404)
 * @throws {StoreError} `store-unavailable` (503)
 */
export async function planBroadcastFile(
  deps: BroadcastFileDeps,
  broadcast: BroadcastRecord,
  rendition: string | null,
): Promise<BroadcastFile> {
  const range = replayRange(broadcast);
  if (range === null) {
    throw new BroadcastError(`broadcast ${broadcast.id} is on air`, {
      code: 'broadcast-on-air',
      status: 409,
    });
  }
  const stored = await segmentsIn(deps.index, broadcast.channel, range);
  const tracks = await chooseTracks(deps, broadcast, stored, rendition);
  const plan = await backgroundTurns.runSteps('download', planFile(tracks));
  const header = await backgroundTurns.run('download', () => writeFileStart(tracks, plan));
  return { header, plan };
}

/** The segments of a range by rendition, each in order; a stretch at a time, since a day has 200,000. */
async function segmentsIn(
  index: BroadcastFileDeps['index'],
  channel: string,
  range: TimeRange,
): Promise<ReadonlyMap<string, readonly StoredSegment[]>> {
  const byRendition = new Map<string, StoredSegment[]>();
  for (const stretch of stretchesOf(range)) {
    const near = await index.between(channel, around(stretch));
    await backgroundTurns.run('download', () => {
      for (const segment of near) {
        // The same segments as in the replay: where a trim is off the grid, the file begins with the segment around it.
        if (!belongsTo(segment, stretch, range)) continue;
        const rendition = renditionOfStored(segment);
        const own = byRendition.get(rendition);
        if (own === undefined) byRendition.set(rendition, [segment]);
        else own.push(segment);
      }
    });
  }
  return byRendition;
}

async function chooseTracks(
  deps: BroadcastFileDeps,
  broadcast: BroadcastRecord,
  stored: ReadonlyMap<string, readonly StoredSegment[]>,
  rendition: string | null,
): Promise<FileTrack[]> {
  const { channel } = broadcast;
  const tracks = new Map<string, FileTrack>();
  for (const [id, segments] of stored) {
    const inits = await initsOf(deps.reader, channel, segments);
    if (inits !== null) tracks.set(id, { inits, segments });
  }
  const sound = [...tracks.values()].filter(({ inits: [init] }) => init.kind === 'audio').slice(0, 1);
  const pictures = [...tracks].filter(
    ([
      ,
      {
        inits: [init],
      },
    ]) => init.kind === 'video',
  );
  if (pictures.length + sound.length === 0) {
    throw new BroadcastError(`channel ${channel}: no media of this broadcast is stored`, {
      code: 'nothing-recorded',
      status: 404,
    });
  }
  if (rendition === 'audio' && sound.length > 0) return sound;
  const wanted =
    rendition === null
      ? pictures.toSorted(([, a], [, b]) => usualHeightPx(b) - usualHeightPx(a))[0]
      : pictures.find(([id]) => id === rendition);
  if (wanted === undefined && rendition !== null) {
    throw unknownRendition(`broadcast ${broadcast.id}`, rendition);
  }
  return [...(wanted === undefined ? [] : [wanted[1]]), ...sound];
}

/** The height of most of its pictures, pixels. */
function usualHeightPx({ inits, segments }: FileTrack): number {
  const common = commonInitHash(segments);
  return (inits.find(({ hash }) => hash === common) ?? inits[0]).heightPx;
}

/**
 * The init segments of a rendition in the order of their first use. One that is lost is left out: samples of pictures carry their
 * parameter sets, and are decoded with any.
 *
 * @returns null when none can be read
 */
async function initsOf(
  reader: BroadcastFileDeps['reader'],
  channel: string,
  segments: readonly StoredSegment[],
): Promise<FileTrack['inits'] | null> {
  const inits: TrackInit[] = [];
  const named = new Set(segments.map(({ rendition, initHash }) => `${rendition}/${initHash}`));
  for (const name of named) {
    const [rendition = '', hash = ''] = name.split('/');
    const init = await reader.init(channel, rendition, hash);
    const isOfKind = inits[0] === undefined || init?.kind === inits[0].kind;
    if (init !== null && isOfKind && !inits.some((other) => other.hash === hash)) inits.push(init);
  }
  const [first, ...others] = inits;
  return first === undefined ? null : [first, ...others];
}
