import type { SourceAudio, SourceVideo } from '../../transcode/job.ts';
import { isRateSettled, pictureRate } from './picture-rate.ts';

/** What onMetaData announces. Null where it does not say. */
export type Announced = {
  readonly hasVideo: boolean | null;
  readonly hasAudio: boolean | null;
  /** Pixels; 0 when unknown. */
  readonly width: number;
  readonly height: number;
  /** Frames a second; 0 when unknown. */
  readonly frameRate: number;
};

/** What is known of a publication while it is probed. */
export type ProbeState = {
  readonly announced: Announced | null;
  readonly video: SourceVideo | null;
  readonly audio: SourceAudio | null;
  /** Something of the picture has come, and nothing that can be decoded yet. */
  readonly isVideoComing: boolean;
  /** Arrival of the first picture that can be decoded, UTC milliseconds. */
  readonly firstPictureMs: number | null;
  /** Arrival of the first media packet, UTC milliseconds. */
  readonly firstMediaMs: number | null;
  /** Decode times of the first pictures by their timestamps, in order, milliseconds. */
  readonly pictureTimesMs: readonly number[];
};

/** Result of probing so far. */
export type ProbeDecision =
  | { readonly kind: 'wait'; readonly untilMs: number | null }
  | { readonly kind: 'ready'; readonly video: SourceVideo | null; readonly audio: SourceAudio | null };

/** Duration of probing, in milliseconds from the first media packet. */
export type ProbeTimes = {
  /** Minimum: the epoch stamp improves with each packet. */
  readonly minMs: number;
  /** Maximum while one kind of media is described and the other is not. */
  readonly maxMs: number;
  /** Maximum while a picture is on the way or announced, and there is sound: a class must not begin without the picture it has. */
  readonly pictureMs: number;
  /** Maximum from the first picture on while the frame rate is not what was declared, or nothing was. */
  readonly measureMs: number;
};

/** The times of a running ingest. */
export const PROBE_TIMES: ProbeTimes = { minMs: 250, maxMs: 500, pictureMs: 4000, measureMs: 1000 };
/** More pictures than any camera takes while the rate is measured. */
const MAX_PICTURES = 256;

/** The state before the first message. */
export const EMPTY_PROBE: ProbeState = {
  announced: null,
  video: null,
  audio: null,
  isVideoComing: false,
  firstPictureMs: null,
  firstMediaMs: null,
  pictureTimesMs: [],
};

/**
 * Adds the publisher's onMetaData to the state.
 *
 * @param fields untrusted
 */
export function probeMetadata(state: ProbeState, fields: Readonly<Record<string, unknown>>): ProbeState {
  const names = Object.keys(fields);
  const saysVideo = names.some((name) => /^(videocodecid|videodatarate|width)$/.test(name));
  const saysAudio = names.some((name) => /^(audiocodecid|audiodatarate|audiosamplerate)$/.test(name));
  // Metadata that names neither kind announces nothing.
  const announces = saysVideo || saysAudio;
  const announced = {
    hasVideo: announces ? saysVideo : null,
    hasAudio: announces ? saysAudio : null,
    width: numberWithin(fields['width'], 16, 8192),
    height: numberWithin(fields['height'], 16, 8192),
    frameRate: numberWithin(fields['framerate'], 1, 240),
  };
  return { ...state, announced };
}

/**
 * Adds an audio or video message to the state.
 *
 * @param known what is known of the media now
 * @param isMedia the message carries coded media, not only a configuration
 * @param nowMs UTC milliseconds
 */
export function probeMedia(
  state: ProbeState,
  known: Pick<ProbeState, 'video' | 'audio' | 'isVideoComing'>,
  isMedia: boolean,
  nowMs: number,
): ProbeState {
  const firstMediaMs = state.firstMediaMs ?? (isMedia ? nowMs : null);
  const { video, audio, isVideoComing } = known;
  const firstPictureMs = state.firstPictureMs ?? (video === null ? null : nowMs);
  return { ...state, video, audio, isVideoComing, firstPictureMs, firstMediaMs };
}

/** Adds a picture, whose frame rate is measured. @param timestampMs its decode time, milliseconds */
export function probePicture(state: ProbeState, timestampMs: number): ProbeState {
  if (state.pictureTimesMs.length >= MAX_PICTURES) return state;
  return { ...state, pictureTimesMs: [...state.pictureTimesMs, timestampMs] };
}

/** Decides whether enough is known to start the broadcast, at `nowMs` (UTC milliseconds). */
export function decideProbe(
  state: ProbeState,
  nowMs: number,
  times: ProbeTimes = PROBE_TIMES,
): ProbeDecision {
  const { announced, video, audio, isVideoComing, firstMediaMs } = state;
  if (firstMediaMs === null || (video === null && audio === null)) return { kind: 'wait', untilMs: null };
  const hasNoVideo = announced?.hasVideo === false && !isVideoComing;
  const complete = (video !== null || hasNoVideo) && (audio !== null || announced?.hasAudio === false);
  const isPictureDue = video === null && (isVideoComing || announced?.hasVideo === true);
  // The announced rate is the encoder's setting; the VUI often holds a default.
  const declared = announced?.frameRate || video?.frameRate || 0;
  const isMeasured = video === null || isRateSettled(state.pictureTimesMs, declared);
  const enoughMs = complete ? times.minMs : isPictureDue ? times.pictureMs : times.maxMs;
  const pictureMs = state.firstPictureMs ?? firstMediaMs;
  const lookedAtMs = pictureMs + (isMeasured ? times.minMs : times.measureMs);
  const untilMs = Math.max(firstMediaMs + enoughMs, video === null ? 0 : lookedAtMs);
  if (nowMs < untilMs) return { kind: 'wait', untilMs };
  const frameRate = pictureRate(state.pictureTimesMs, declared);
  return { kind: 'ready', video: video === null ? null : { ...video, frameRate }, audio };
}

function numberWithin(value: unknown, min: number, max: number): number {
  return typeof value === 'number' && value >= min && value <= max ? value : 0;
}
