import { readFileSync } from 'node:fs';
import { FlvReader } from '../../media/flv/flv-reader.ts';
import type { FlvTag } from '../../media/flv/flv-tag.ts';
import { AAC_FRAMES, FRAME_MS, PICTURES } from './stamped-clip.ts';

/** Bytes of an AAC packet in front of its frame: SoundFormat and AACPacketType (Adobe FLV 10.1 §E.4.2.1). */
const AAC_HEAD_BYTES = 2;
const AAC_FRAME_MS = 1024 / 48;

/** What a clip holds. */
export type ClipMedia = {
  /** Metadata and decoder configurations, which are sent once. */
  readonly heads: readonly FlvTag[];
  /** Pictures and sound in the order in which they are sent; times from 0 to the clip's length. */
  readonly media: readonly FlvTag[];
  /** AAC frames without their FLV heads, in order. */
  readonly sound: readonly Buffer[];
};

/** Reads a clip that `stampClip` wrote. Times are counted anew, so that its end joins its begin without a seam. */
export function readClip(file: string): ClipMedia {
  const tags = new FlvReader().push(readFileSync(file));
  // AVCPacketType and AACPacketType: 0 is a configuration, 1 is media (§E.4.3.1, §E.4.2.1).
  const of = (kind: FlvTag['kind'], type: number): FlvTag[] =>
    tags.filter((tag) => tag.kind === kind && tag.data[1] === type);
  const pictures = of('video', 1).slice(0, PICTURES);
  const frames = of('audio', 1).slice(0, AAC_FRAMES);
  if (pictures.length < PICTURES || frames.length < AAC_FRAMES)
    throw new Error(`${file}: ${pictures.length} pictures and ${frames.length} frames of sound; delete it`);
  const timed = [
    ...pictures.map((tag, at) => ({ ...tag, timestampMs: at * FRAME_MS })),
    ...frames.map((tag, at) => ({ ...tag, timestampMs: Math.round(at * AAC_FRAME_MS) })),
  ];
  return {
    heads: [
      ...tags.filter(({ kind }) => kind === 'script').slice(0, 1),
      ...of('video', 0),
      ...of('audio', 0),
    ],
    media: timed.toSorted((a, b) => a.timestampMs - b.timestampMs),
    sound: frames.map(({ data }) => data.subarray(AAC_HEAD_BYTES)),
  };
}
