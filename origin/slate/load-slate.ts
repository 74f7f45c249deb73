import { readFileSync } from 'node:fs';
import type { Sample } from '../../media/bmff/sample.ts';
import { readFragment } from '../../media/bmff/fragment-reader.ts';
import { AppError } from '../../shared/errors.ts';
import { SEGMENT_DURATION_MS } from '../../shared/grid.ts';
import { ChunkSplitter } from '../packager/cmaf/chunk-splitter.ts';
import { parseInit } from '../packager/cmaf/init-segment.ts';
import { withParameterSets } from '../packager/cmaf/parameter-sets.ts';
import type { TrackInit } from '../packager/media.ts';
import type { SlateTrack } from '../packager/feed/slate-reel.ts';

/** A slate file is invalid. */
export class SlateError extends AppError {}

/**
 * Reads one track of the slate.
 *
 * @param bytes a CMAF track of exactly one D, decode times from anywhere on; its first sample is a sync sample
 * @param name track name
 * @throws {SlateError} `bad-slate` when its duration is not D
 * @throws {MediaError} `bad-cmaf`
 */
export function readSlateTrack(bytes: Buffer, name: string): SlateTrack {
  let init: TrackInit | null = null;
  const samples: Sample[] = [];
  const splitter = new ChunkSplitter();
  for (const piece of splitter.push(bytes)) {
    if (piece.kind === 'init') init = parseInit(piece.bytes);
    else if (init !== null) samples.push(...readFragment(piece.bytes, init));
  }
  splitter.finish();
  const first = samples[0];
  if (init === null || first === undefined) {
    throw new SlateError(`slate ${name}: no init segment or no samples`, { code: 'bad-slate' });
  }
  const durationMs =
    (samples.reduce((sum, { durationTicks }) => sum + durationTicks, 0) * 1000) / init.timescaleHz;
  if (durationMs !== SEGMENT_DURATION_MS || !first.isSync) {
    throw new SlateError(
      `slate ${name}: lasts ${durationMs} ms, want ${SEGMENT_DURATION_MS}, from a sync sample on`,
      {
        code: 'bad-slate',
      },
    );
  }
  const base = first.decodeTicks;
  return { name, init, samples: atZero(samples, init, base) };
}

function atZero(samples: readonly Sample[], init: TrackInit, baseTicks: number): Sample[] {
  return samples.map((sample) => {
    const moved = { ...sample, decodeTicks: sample.decodeTicks - baseTicks };
    return withParameterSets(moved, init);
  });
}

/**
 * Reads the slate that is part of Lectern: a still picture and silence.
 *
 * @param folder of `picture.mp4` and `silence.mp4`
 */
export function loadSlate(folder: URL): SlateTrack[] {
  return [
    readSlateTrack(readFileSync(new URL('picture.mp4', folder)), 'slate-picture'),
    readSlateTrack(readFileSync(new URL('silence.mp4', folder)), 'slate-silence'),
  ];
}
