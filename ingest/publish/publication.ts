import { FORWARD_JUMP_MS, PLAUSIBLE_MS } from '../../shared/source-clock.ts';
import type { SourceAudio, SourceVideo } from '../../transcode/job.ts';
import { epochOffsetMs, type Arrival } from './epoch-stamp.ts';
import { Feed, type FeedEnd, type FeedTag } from '../source/source-stream.ts';
import { FLV_TAG, flvTag, onMetaDataBody } from '../flv.ts';
import { readAudioPacket, readVideoPacket } from '../flv-packet.ts';
import {
  EMPTY_GATE,
  decideGate,
  gateMetadata,
  gatePacket,
  type GateDecision,
  type GateState,
} from './probe.ts';
import { readOnMetaData, type RtmpMessage } from '../rtmp/rtmp-protocol.ts';
import { PublishStatistics } from './publish-statistics.ts';
import { unwrapTimestampMs } from './unwrap-timestamp.ts';

/** A broadcast that is on air: what a job is made of. */
export type Started = {
  readonly epochOffsetMs: number;
  readonly video: SourceVideo | null;
  readonly audio: SourceAudio | null;
};

/** What came of a message: nothing yet, a broadcast that starts, or a publish that must end. */
export type BroadcastStep =
  | { readonly kind: 'wait'; readonly untilMs: number | null }
  | { readonly kind: 'start'; readonly started: Started }
  | { readonly kind: 'running' }
  | { readonly kind: 'refuse'; readonly reason: string };

/** Bounds of one broadcast. */
export type BroadcastOptions = {
  /** End of the channel's previous broadcast in media time, UTC milliseconds. */
  readonly notBeforeMs: number;
  readonly readsEnhanced: boolean;
};

const MAX_BACKLOG_BYTES = 16 << 20;
/** A publisher that has described neither sound nor picture by then, in milliseconds, only keeps others from the seat. */
const DESCRIBE_WITHIN_MS = 20_000;
/** A timestamp that leaps so far within a broadcast would leave its media outside of real time for good. */
const MAX_LEAP_MS = 30_000;

/**
 * One accepted publish, from its first message on: looks at what it is, takes the stamp, then feeds the transcoders.
 *
 * Owns no socket and no timer; time comes as an argument.
 */
export class Broadcast {
  readonly id: string;
  readonly statistics: PublishStatistics;
  readonly #options: BroadcastOptions;
  readonly #acceptedMs: number;
  #gate: GateState = EMPTY_GATE;
  #arrivals: Arrival[] = [];
  #backlog: FeedTag[] = [];
  #backlogBytes = 0;
  #lastTimestampMs: number | null = null;
  /** Where the first media packet is placed, minus its timestamp. */
  #firstOffsetMs: number | null = null;
  #latestMs = 0;
  /** Sum of the leaps forward that transcoders take out. */
  #takenOutMs = 0;
  #started: Started | null = null;
  #feed: Feed | null = null;

  /** @param nowMs when the publish was accepted, UTC milliseconds */
  constructor(id: string, nowMs: number, options: BroadcastOptions) {
    this.id = id;
    this.#options = options;
    this.#acceptedMs = nowMs;
    this.statistics = new PublishStatistics(nowMs);
  }

  /** Null until the broadcast started. */
  get feed(): Feed | null {
    return this.#feed;
  }

  /** Null until the broadcast started. */
  get started(): Started | null {
    return this.#started;
  }

  /** Media time that the next broadcast of this channel must not fall behind, UTC milliseconds; 0 before the start. */
  get mediaEndMs(): number {
    // One more millisecond, so that two broadcasts never share a timestamp.
    return this.#started === null ? 0 : this.#started.epochOffsetMs + this.#latestMs - this.#takenOutMs + 1;
  }

  /** How far its media is ahead of the clock, milliseconds; negative when the publisher is behind. */
  aheadMs(nowMs: number): number {
    if (this.#firstOffsetMs === null) return 0;
    return this.#firstOffsetMs + this.#latestMs - this.#takenOutMs - nowMs;
  }

  /** Takes one message of the accepted publisher, at `nowMs` (UTC milliseconds). */
  take(message: RtmpMessage, nowMs: number): BroadcastStep {
    if (message.kind === 'data') return this.#takeData(message.payload, nowMs);
    const { kind, payload } = message;
    const packet = kind === 'video' ? readVideoPacket(payload) : readAudioPacket(payload);
    if (packet === null) return this.#decide(nowMs);
    const step = gatePacket(this.#gate, kind, packet, payload, nowMs, this.#options.readsEnhanced);
    if ('refuse' in step) return { kind: 'refuse', reason: step.refuse };
    this.#gate = step.state;
    const lastMs = this.#lastTimestampMs;
    const timestampMs = unwrapTimestampMs(lastMs, message.timestampMs);
    if (packet.role === 'frame') {
      if (lastMs !== null && Math.abs(timestampMs - lastMs) > MAX_LEAP_MS) {
        return { kind: 'refuse', reason: `timestamps leap from ${lastMs} to ${timestampMs} ms` };
      }
      this.#lastTimestampMs = timestampMs;
      // A broadcast that has to begin after its channel's last one is as far ahead as that one was.
      this.#firstOffsetMs ??= Math.max(nowMs, this.#options.notBeforeMs) - timestampMs;
      this.#advance(lastMs, timestampMs, nowMs);
      const { isSync, compositionOffsetMs } = packet;
      this.statistics.add(
        { kind, timestampMs, sizeBytes: payload.length, isSync, compositionOffsetMs },
        nowMs,
      );
    }
    const bytes = flvTag(FLV_TAG[kind], timestampMs, payload);
    const tag = { kind, role: packet.role, isSync: packet.isSync, timestampMs, bytes };
    if (this.#feed !== null) {
      // A kind that turned up after the gate closed has no track in the job.
      if (this.#started !== null && this.#started[kind] !== null) this.#feed.push(tag);
      return { kind: 'running' };
    }
    if (packet.role === 'frame') this.#arrivals.push({ arrivalMs: nowMs, timestampMs });
    this.#backlog.push(tag);
    this.#backlogBytes += bytes.length;
    if (this.#backlogBytes > MAX_BACKLOG_BYTES) {
      return {
        kind: 'refuse',
        reason: `more than ${MAX_BACKLOG_BYTES} bytes before sound or picture was described`,
      };
    }
    return this.#decide(nowMs);
  }

  /** Decides again, because time passed. */
  look(nowMs: number): BroadcastStep {
    return this.#decide(nowMs);
  }

  /** The publish is over or its line dropped. */
  end(how: FeedEnd): void {
    this.#feed?.end(how);
    this.#backlog = [];
  }

  #advance(lastMs: number | null, timestampMs: number, nowMs: number): void {
    const leapMs = lastMs === null ? 0 : timestampMs - this.#latestMs;
    this.#latestMs = lastMs === null ? timestampMs : Math.max(this.#latestMs, timestampMs);
    // A shorter one is taken out by the transcoders, unless the publisher's line was down for as long.
    if (leapMs > FORWARD_JUMP_MS && this.aheadMs(nowMs) > PLAUSIBLE_MS) this.#takenOutMs += leapMs;
  }

  #takeData(payload: Buffer, nowMs: number): BroadcastStep {
    const fields = this.#started === null ? readOnMetaData(payload) : null;
    if (fields !== null) this.#gate = gateMetadata(this.#gate, fields);
    return this.#decide(nowMs);
  }

  #decide(nowMs: number): BroadcastStep {
    if (this.#started !== null) return { kind: 'running' };
    const decision = decideGate(this.#gate, nowMs);
    const [first, ...rest] = this.#arrivals;
    if (decision.kind === 'wait' && nowMs - this.#acceptedMs >= DESCRIBE_WITHIN_MS) {
      return { kind: 'refuse', reason: `no sound and no picture described within ${DESCRIBE_WITHIN_MS} ms` };
    }
    if (decision.kind === 'wait' || first === undefined) {
      return { kind: 'wait', untilMs: decision.kind === 'wait' ? decision.untilMs : null };
    }
    return this.#start(decision, [first, ...rest]);
  }

  #start(ready: GateDecision & { kind: 'ready' }, arrivals: readonly [Arrival, ...Arrival[]]): BroadcastStep {
    const { video, audio } = ready;
    const started = { epochOffsetMs: epochOffsetMs(arrivals, this.#options.notBeforeMs), video, audio };
    const feed = new Feed(video !== null, audio !== null, metadataBody(video, audio));
    for (const tag of this.#backlog) if (started[tag.kind] !== null) feed.push(tag);
    this.#backlog = [];
    this.#arrivals = [];
    this.#feed = feed;
    this.#started = started;
    return { kind: 'start', started };
  }
}

/** Our own metadata: what we checked, and nothing that a publisher made up. */
function metadataBody(video: SourceVideo | null, audio: SourceAudio | null): Buffer {
  const fields: (readonly [string, number])[] = [];
  if (video !== null) {
    fields.push(['width', video.width], ['height', video.height]);
    if (video.frameRate > 0) fields.push(['framerate', video.frameRate]);
    if (video.codec === 'h264') fields.push(['videocodecid', 7]);
  }
  if (audio !== null) fields.push(['audiosamplerate', audio.sampleRateHz], ['audiocodecid', 10]);
  return onMetaDataBody(fields);
}
