import { backgroundTurns } from '../../../shared/background-turns.ts';
import type { ArchiveIndex } from '../../archive/archive-index.ts';
import type { ArchiveReader } from '../../archive/archive-reader.ts';
import { type BroadcastRecord, BroadcastError, replayRange } from '../../broadcasts/broadcast-record.ts';
import type { TimeRange } from '../../archive/time-range.ts';
import type { TrackInit } from '../../packager/media.ts';
import {
  commonInitHash,
  gridStartMsOf,
  type StoredSegment,
} from '../../packager/recording/stored-segment.ts';
import { unknownRendition } from '../../packager/unknown-rendition.ts';
import { LATE_MS, stretchesOf } from '../replay-stretches.ts';
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
  const inits = tracks.map(({ init }) => init);
  const header = await backgroundTurns.run('download', () => writeFileStart(inits, plan));
  return { header, plan };
}

/** The segments of a range by rendition, each in order; a stretch at a time, since a day has 200,000. */
async function segmentsIn(
  index: BroadcastFileDeps['index'],
  channel: string,
  range: TimeRange,
): Promise<ReadonlyMap<string, readonly StoredSegment[]>> {
  const byRendition = new Map<string, StoredSegment[]>();
  for (const { fromMs, toMs } of stretchesOf(range)) {
    const near = await index.between(channel, {
      fromMs: Math.max(range.fromMs, fromMs - LATE_MS),
      toMs: Math.min(range.toMs, toMs + LATE_MS),
    });
    await backgroundTurns.run('download', () => {
      for (const segment of near) {
        const startMs = gridStartMsOf(segment);
        if (startMs < fromMs || startMs >= toMs) continue;
        const own = byRendition.get(segment.rendition);
        if (own === undefined) byRendition.set(segment.rendition, [segment]);
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
    const init = await commonInit(deps.reader, channel, segments);
    if (init !== null) tracks.set(id, { init, segments });
  }
  const sound = [...tracks.values()].filter(({ init }) => init.kind === 'audio').slice(0, 1);
  const pictures = [...tracks].filter(([, { init }]) => init.kind === 'video');
  if (pictures.length + sound.length === 0) {
    throw new BroadcastError(`channel ${channel}: no media of this broadcast is stored`, {
      code: 'nothing-recorded',
      status: 404,
    });
  }
  if (rendition === 'audio' && sound.length > 0) return sound;
  const wanted =
    rendition === null
      ? pictures.toSorted(([, a], [, b]) => b.init.heightPx - a.init.heightPx)[0]
      : pictures.find(([id]) => id === rendition);
  if (wanted === undefined && rendition !== null) {
    throw unknownRendition(`broadcast ${broadcast.id}`, rendition);
  }
  return [...(wanted === undefined ? [] : [wanted[1]]), ...sound];
}

/** The init segment of most segments: samples of pictures carry their parameter sets, and are decoded with any. */
async function commonInit(
  reader: BroadcastFileDeps['reader'],
  channel: string,
  segments: readonly StoredSegment[],
): Promise<TrackInit | null> {
  const common = commonInitHash(segments);
  const rendition = segments[0]?.rendition ?? '';
  return common === undefined ? null : reader.init(channel, rendition, common);
}
