import type { SourceAudio, SourceVideo } from '../../transcode/job.ts';
import { readAacConfig } from '../../media/codec/aac-config.ts';
import { readAvcConfig } from '../../media/codec/avc-config.ts';
import { isMalformed } from '../../media/codec/malformed.ts';
import type { AudioPacket } from '../../media/flv/audio-packet.ts';
import type { VideoPacket } from '../../media/flv/video-packet.ts';

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
  /** Arrival of the first media packet, UTC milliseconds. */
  readonly firstMediaMs: number | null;
};

/** Result of probing so far. */
export type ProbeDecision =
  | { readonly kind: 'wait'; readonly untilMs: number | null }
  | { readonly kind: 'ready'; readonly video: SourceVideo | null; readonly audio: SourceAudio | null };

/** The state after a packet, or the reason why the publisher is refused. */
export type ProbeStep = { readonly refuse: string } | { readonly state: ProbeState };

/** Duration of probing, in milliseconds from the first media packet. */
export type ProbeTimes = {
  /** Minimum: the epoch stamp improves with each packet. */
  readonly minMs: number;
  /** Maximum while one kind of media is described and the other is not. */
  readonly maxMs: number;
};

/** The times of a running ingest. */
export const PROBE_TIMES: ProbeTimes = { minMs: 250, maxMs: 500 };

/** The state before the first message. */
export const EMPTY_PROBE: ProbeState = { announced: null, video: null, audio: null, firstMediaMs: null };

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

/** One packet of a publisher, with the kind of its message. */
export type SourcePacket =
  | { readonly kind: 'audio'; readonly packet: AudioPacket }
  | { readonly kind: 'video'; readonly packet: VideoPacket };

/**
 * Adds one audio or video packet to the state.
 *
 * @param nowMs UTC milliseconds
 * @param readsEnhanced whether the transcoders' ffmpeg reads Enhanced RTMP's FLV (from 6.1 on)
 */
export function probePacket(
  state: ProbeState,
  source: SourcePacket,
  nowMs: number,
  readsEnhanced: boolean,
): ProbeStep {
  const isFirst = source.packet.kind === 'frame' && state.firstMediaMs === null;
  const step =
    source.kind === 'audio' ? probeAudio(source.packet) : probeVideo(state, source.packet, readsEnhanced);
  if ('refuse' in step) return step;
  return { state: { ...state, ...(isFirst ? { firstMediaMs: nowMs } : {}), ...step } };
}

function probeAudio({
  kind,
  codec,
  isEnhanced,
  data,
}: AudioPacket): { refuse: string } | { audio?: SourceAudio } {
  // ffmpeg reads Enhanced RTMP's sound from 7.1 on, and the protocol is not asked for more than AAC.
  if (isEnhanced) return { refuse: `sound is ${codec} by Enhanced RTMP: want plain AAC` };
  if (codec !== 'aac') return { refuse: `sound is ${codec}: want AAC` };
  if (kind !== 'config') return {};
  const config = readAacConfig(data);
  if (isMalformed(config)) return { refuse: `the AAC sequence header cannot be read: ${config.malformed}` };
  const { objectType, hasSbr, sampleRateHz, channels } = config;
  if (sampleRateHz < 7350 || sampleRateHz > 96_000) {
    return { refuse: `the AAC sequence header names ${sampleRateHz} Hz: want 7350 to 96000` };
  }
  // Only AAC-LC may be passed through, so the other kinds must not call themselves `aac`.
  const name = objectType === 2 && hasSbr ? 'aac-5' : objectType === 2 ? 'aac' : `aac-${objectType}`;
  return { audio: { codec: name, sampleRateHz, channels } };
}

function probeVideo(
  { announced }: ProbeState,
  { kind, codec, codecName, isEnhanced, data }: VideoPacket,
  readsEnhanced: boolean,
): { refuse: string } | { video?: SourceVideo } {
  if (codec === null) return { refuse: `video is ${codecName}: want H.264` };
  if (isEnhanced && !readsEnhanced) {
    return { refuse: `${codec} by Enhanced RTMP needs ffmpeg 6.1 or later on the server: send H.264` };
  }
  if (kind !== 'config') return {};
  if (codec === 'h264') {
    const config = readAvcConfig(data);
    if (isMalformed(config))
      return { refuse: `the H.264 sequence header cannot be read: ${config.malformed}` };
    const [{ widthPx, heightPx, frameRate }] = config.pictures;
    return { video: { codec, width: widthPx, height: heightPx, frameRate } };
  }
  if (announced === null || announced.width === 0 || announced.height === 0) {
    return { refuse: `${codec} without width and height in onMetaData` };
  }
  return { video: { codec, width: announced.width, height: announced.height, frameRate: 0 } };
}

/** Decides whether enough is known to start the broadcast, at `nowMs` (UTC milliseconds). */
export function decideProbe(
  state: ProbeState,
  nowMs: number,
  times: ProbeTimes = PROBE_TIMES,
): ProbeDecision {
  const { announced, video, audio, firstMediaMs } = state;
  if (firstMediaMs === null || (video === null && audio === null)) return { kind: 'wait', untilMs: null };
  const complete =
    (video !== null || announced?.hasVideo === false) && (audio !== null || announced?.hasAudio === false);
  const untilMs = firstMediaMs + (complete ? times.minMs : times.maxMs);
  if (nowMs < untilMs) return { kind: 'wait', untilMs };
  // The announced rate is the encoder's setting; the VUI often holds a default.
  const frameRate = announced?.frameRate || video?.frameRate || 0;
  return { kind: 'ready', video: video === null ? null : { ...video, frameRate }, audio };
}

function numberWithin(value: unknown, min: number, max: number): number {
  return typeof value === 'number' && value >= min && value <= max ? value : 0;
}
