import type { AspectRatio } from '../../media/codec/picture-format.ts';
import type { NalLengthSize } from '../../media/codec/nal-units.ts';

/**
 * The packager's data: what chunks become on their way to a playlist. Media time is integer ticks of the track's
 * timescale since the Unix epoch; it becomes a decimal only when a playlist is written.
 */

/** Parameter sets in the form that they have in a sample, and how to tell whether a sample has them already. */
export type ParameterSets = {
  /** NAL units, each behind its length. */
  readonly bytes: Buffer;
  /** Size of those lengths, in bytes. */
  readonly lengthSize: NalLengthSize;
  readonly kind: 'avc' | 'hevc';
};

/** What an init segment says of its one track (CMAF header, ISO/IEC 23000-19 §7.3.1). */
export type TrackInit = {
  readonly kind: 'video' | 'audio';
  /** Ticks a second; a multiple of 5, so that the grid falls on whole ticks. */
  readonly timescaleHz: number;
  readonly trackId: number;
  /** RFC 6381: `avc1.64001f`, `mp4a.40.2`. */
  readonly codec: string;
  /** Pixels; 0 for audio. */
  readonly widthPx: number;
  readonly heightPx: number;
  /** Shape of a pixel; left out when it is square. */
  readonly pixelAspect?: AspectRatio;
  /** Of the AAC core, whose frames have 1,024 samples: SBR doubles the rate after decoding. 0 for video. */
  readonly sampleRateHz: number;
  /** Of the AAC core; 0 for video. */
  readonly channels: number;
  /** H.264 and H.265: what a decoder needs before the first picture, in the form for samples. */
  readonly parameterSets?: ParameterSets;
  /** Sample defaults of trex (ISO/IEC 14496-12 §8.8.3), for fragments that leave them out. */
  readonly defaultDurationTicks: number;
  readonly defaultSizeBytes: number;
  readonly defaultFlags: number;
  /** The init segment as it is served; a copy, owned by this object. */
  readonly bytes: Buffer;
  /** First 12 hex digits of the SHA-256 of `bytes`: the name in the URL, so that it may be cached for ever. */
  readonly hash: string;
};

/** A part: some whole samples of one segment, muxed as one CMAF chunk (moof + mdat). */
export type Part = {
  /** Zero-based within its segment. */
  readonly index: number;
  readonly startTicks: number;
  readonly durationTicks: number;
  /** True when it starts with a sync sample (INDEPENDENT=YES). */
  readonly independent: boolean;
  readonly bytes: Buffer;
};

/** A part that was cut. */
export type CutPart = {
  readonly kind: 'part';
  /** Number of its segment. */
  readonly number: number;
  readonly part: Part;
  /** True when it closes its segment: no part of this number will follow. */
  readonly last: boolean;
};

/**
 * A segment whose last part went out before it was known to be the last: where cuts follow the source's keyframes, and
 * where time jumps. Never sent for a segment that a part with `last` has closed.
 */
export type CutClose = {
  readonly kind: 'close';
  readonly number: number;
};

/** What cutting one track gives, in order. Every segment is closed exactly once before the next one begins. */
export type CutEvent = CutPart | CutClose;

/** A segment of one rendition in the timeline. Only the newest one of a rendition grows. */
export type Segment = {
  /** Segment number on the grid: the media sequence number. */
  readonly number: number;
  readonly init: TrackInit;
  /** The parts that are there, in order; together they are the segment's bytes. Empty for a gap. */
  readonly parts: readonly Part[];
  /** Decode time of the first sample; the grid's start where it is a gap. Ticks of `init.timescaleHz`. */
  readonly startTicks: number;
  /** Sum of the parts' durations; the grid's duration where it is a gap. */
  readonly durationTicks: number;
  /** No part will be added any more. */
  readonly closed: boolean;
  /** There is no media for this time (EXT-X-GAP). */
  readonly gap: boolean;
  /** It does not continue the segment before it (EXT-X-DISCONTINUITY). */
  readonly discontinuity: boolean;
  /** In recordings: the rendition under which it is stored, where that is another one; its URL has that name. */
  readonly storedAs?: string;
};

/** One rendition of a channel: a window of segments with consecutive numbers. */
export type RenditionView = {
  readonly id: string;
  readonly kind: 'video' | 'audio';
  /** Consecutive numbers, oldest first; never empty once the channel is awake. */
  readonly segments: readonly Segment[];
  /** Discontinuities that have left the window (EXT-X-DISCONTINUITY-SEQUENCE). */
  readonly discontinuitySequence: number;
};

/** What a run means to viewers. */
export type RunState = 'before' | 'on-air' | 'interrupted' | 'over' | 'announcement' | 'recorded';

/** A stretch of time in which one feed (or its twins) is on air: from one discontinuity to the next. */
export type Run = {
  /** Stable over restarts: `{first segment number}-{feed kind}`. */
  readonly id: string;
  readonly state: RunState;
  /** The feed's broadcast; '' for slate. */
  readonly broadcast: string;
  readonly firstNumber: number;
  /** UTC milliseconds. */
  readonly startMs: number;
  /** null while it is on air. */
  readonly endMs: number | null;
};

/** A named moment of a channel that its streams carry, such as a roll call. */
export type Mark = {
  /** 1 to 64 of a-z, 0-9 and '-'; no other mark of the channel has it. */
  readonly id: string;
  /** Kind of roll call: `presence`, `choice`, … */
  readonly kind: string;
  /** Program date time, UTC milliseconds. */
  readonly atMs: number;
  /** null while it is not over. */
  readonly endMs: number | null;
  /** What viewers of the live stream are asked; without it they are told that the roll was called, and no more. */
  readonly ask?: MarkAsk | undefined;
};

/** What a mark asks of the viewers of the live stream. */
export type MarkAsk = {
  /** Value of a playlist attribute, for the page that asks: `A-Z`, `a-z`, `0-9`, `-` and `_`. Never changes. */
  readonly text: string;
  /** Until when answers are in time, as it was when it was first heard of; UTC milliseconds. */
  readonly windowEndMs: number;
  /** Other ends of that window, oldest first. */
  readonly changes: readonly {
    /** UTC milliseconds. */
    readonly endMs: number;
    /** It came after the mark's own end, which cannot be taken back. */
    readonly reopens: boolean;
  }[];
};

/** A channel at one moment: all that playlists and manifests are written from. */
export type ChannelView = {
  readonly id: string;
  readonly title: string;
  /** BCP 47. */
  readonly language: string;
  /** Part target duration (EXT-X-PART-INF): the same for all renditions and for ever, in milliseconds. */
  readonly partTargetMs: number;
  /** D of the design times this is the segment duration; 1 but for passthrough. */
  readonly gridUnits: number;
  /** EXT-X-TARGETDURATION, whole seconds; never changes. */
  readonly targetDurationS: number;
  /** The runs that touch the window, oldest first. */
  readonly runs: readonly Run[];
  /** The marks that lie in the window, oldest first. */
  readonly marks: readonly Mark[];
  /** Video renditions best first, then audio. */
  readonly renditions: readonly RenditionView[];
};

/** What the multivariant playlist and the MPD say of a rendition. */
export type RenditionInfo = {
  readonly id: string;
  readonly kind: 'video' | 'audio';
  readonly codec: string;
  readonly widthPx: number;
  readonly heightPx: number;
  /** 0 for audio. */
  readonly frameRate: number;
  readonly sampleRateHz: number;
  readonly channels: number;
  /** Closed captions in its pictures, by INSTREAM-ID: `CC1`, `SERVICE1`; left out where there are none. */
  readonly captions?: readonly string[];
  /** Peak and average bit rate over segments, bits a second (BANDWIDTH, AVERAGE-BANDWIDTH). */
  readonly peakBps: number;
  readonly averageBps: number;
};
