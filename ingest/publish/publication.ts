import { writeFlvTag } from '../../media/flv/flv-writer.ts';
import { writePictureTag } from '../../media/flv/picture-tag.ts';
import { readOnMetaData, writeOnMetaData } from '../../media/flv/script-data.ts';
import type { SourceAudio, SourceVideo } from '../../transcode/job.ts';
import type { MediaFault, SourcePacket } from '../media/source-packet.ts';
import { hasFrames, MediaReader, readMediaMessage } from '../media/media-reader.ts';
import { epochOffsetMs, type Arrival } from './epoch-stamp.ts';
import { SourceStream, type SourceEnding, type SourceTag } from '../source/source-stream.ts';
import {
  EMPTY_PROBE,
  decideProbe,
  probeMetadata,
  probeMedia,
  probePicture,
  type ProbeDecision,
  type ProbeState,
} from './probe.ts';
import type { RtmpMessage } from '../rtmp/rtmp-protocol.ts';
import { PublishStatistics } from './publish-statistics.ts';
import { PublisherClock, type MediaKind } from './publisher-clock.ts';

/** What probing and the epoch stamp found: the media fields of a transcode job. */
export type Started = {
  readonly epochOffsetMs: number;
  readonly video: SourceVideo | null;
  readonly audio: SourceAudio | null;
};

/** How late media arrives from the publisher, by kind, milliseconds; null where none of the kind has come. */
export type LineLag = { readonly picture: number | null; readonly sound: number | null };

/** Result of a message: wait for more, start the broadcast, go on, or refuse the publisher. At `untilMs`, UTC, time is to be checked. */
export type PublicationStep =
  | { readonly kind: 'wait'; readonly untilMs: number | null }
  | { readonly kind: 'start'; readonly started: Started }
  | { readonly kind: 'running'; readonly untilMs: number | null }
  | { readonly kind: 'refuse'; readonly reason: string; readonly code: 'unsupported-media' | MediaFault };

/** What limits one publication. */
export type PublicationOptions = {
  /** End of the channel's previous broadcast in media time, UTC milliseconds. */
  readonly notBeforeMs: number;
  /** Codecs that the workers' ffmpeg cannot decode. */
  readonly undecodable: ReadonlySet<string>;
  /** The publisher's clock has jumped by so many milliseconds, which were taken out. */
  readonly onJump?: (kind: MediaKind, jumpedMs: number) => void;
};

const MAX_BACKLOG_BYTES = 16 << 20;
/** Pictures that begin after the start are looked at so long before they go on air. Milliseconds. */
const LATE_PICTURE_MS = 1000;
/** A publisher that describes neither sound nor picture within this time of the first media is refused: it only blocks the seat. Milliseconds. */
const DESCRIBE_WITHIN_MS = 20_000;

/**
 * One accepted RTMP publish, from its first message to its end: probes the media, takes the epoch stamp, then fills the source
 * stream that transcode workers read.
 *
 * Owns no socket and no timer; time is an argument.
 */
export class Publication {
  readonly id: string;
  readonly statistics: PublishStatistics;
  readonly #options: PublicationOptions;
  readonly #media = new MediaReader();
  #probe: ProbeState = EMPTY_PROBE;
  #arrivals: Arrival[] = [];
  /** Arrival of the first message of sound or picture, a header too, UTC milliseconds. */
  #firstMessageMs: number | null = null;
  /** What came before the start; after a start without pictures, the first of those that came later. */
  #backlog: SourcePacket[] = [];
  #backlogBytes = 0;
  /** The pictures as they are in the source; null while there are none. */
  #video: SourceVideo | null = null;
  /** Arrival of the first picture after a start without pictures, UTC milliseconds. */
  #latePictureMs: number | null = null;
  readonly #clock = new PublisherClock();
  /** Media time of the first packet minus its time in the publication, milliseconds. */
  #firstOffsetMs: number | null = null;
  #started: Started | null = null;
  #source: SourceStream | null = null;

  /** @param nowMs when the publish was accepted, UTC milliseconds */
  constructor(id: string, nowMs: number, options: PublicationOptions) {
    this.id = id;
    this.#options = options;
    this.statistics = new PublishStatistics(nowMs);
  }

  /** Null until the broadcast starts. */
  get source(): SourceStream | null {
    return this.#source;
  }

  /** Null until the broadcast starts. */
  get started(): Started | null {
    return this.#started;
  }

  /** The picture and the sound on air, as they are now; null before the start, and while there is none. */
  get media(): { readonly video: SourceVideo | null; readonly audio: SourceAudio | null } {
    return this.#started === null
      ? { video: null, audio: null }
      : { video: this.#video, audio: this.#media.audio };
  }

  /** The tracks of the publisher that are not on air: `sound track 1`. */
  get aside(): readonly string[] {
    return this.#media.aside;
  }

  /** Earliest media time for the next broadcast of this channel, UTC milliseconds; 0 before the start. */
  get mediaEndMs(): number {
    // One more millisecond, so that two broadcasts never share a timestamp.
    return this.#started === null ? 0 : this.#started.epochOffsetMs + this.#latestMs + 1;
  }

  /** Media time minus clock, milliseconds; negative when the publisher is behind. */
  aheadMs(nowMs: number): number {
    if (this.#firstOffsetMs === null) return 0;
    return this.#firstOffsetMs + this.#latestMs - nowMs;
  }

  /** The age of the newest frame of each kind. @param nowMs UTC milliseconds */
  lineLagMs(nowMs: number): LineLag {
    const ageOf = (kind: MediaKind): number | null => {
      const newestMs = this.#clock.newestMs(kind);
      return this.#started === null || newestMs === null
        ? null
        : nowMs - this.#started.epochOffsetMs - newestMs;
    };
    return { picture: ageOf('video'), sound: ageOf('audio') };
  }

  /**
   * Takes one message of the accepted publisher.
   *
   * @param nowMs UTC milliseconds
   * @param steadyMs milliseconds of a clock that nobody sets
   */
  take(message: RtmpMessage, nowMs: number, steadyMs = nowMs): PublicationStep {
    if (message.kind === 'data') return this.#takeData(message.payload, nowMs);
    const media = readMediaMessage(message);
    if (media === null || media.packets.length === 0) return this.#decide(nowMs);
    this.#firstMessageMs ??= nowMs;
    const isMedia = hasFrames(media);
    const timestampMs = isMedia
      ? this.#placeFrame(media.kind, message.timestampMs, nowMs, steadyMs)
      : this.#clock.placeBeside(media.kind, message.timestampMs);
    if (isMedia && this.#started === null) this.#arrivals.push({ arrivalMs: nowMs, timestampMs });
    const step = this.#media.take(media, timestampMs, nowMs);
    if ('refuse' in step) return { kind: 'refuse', code: step.fault, reason: step.refuse };
    const unread = this.#whyUnread();
    if (unread !== null) return unread;
    this.#probe = probeMedia(this.#probe, this.#media, isMedia, nowMs);
    for (const packet of step.packets) this.#follow(packet, nowMs);
    if (this.#source === null && this.#backlogBytes > MAX_BACKLOG_BYTES) {
      return {
        ...{ kind: 'refuse', code: 'unsupported-media' },
        reason: `more than ${MAX_BACKLOG_BYTES} bytes of media before a sequence header`,
      };
    }
    return this.#decide(nowMs);
  }

  /** Decides again after time has passed. */
  checkTime(nowMs: number): PublicationStep {
    return this.#decide(nowMs);
  }

  /** Ends the source: the publisher stopped, or the connection broke. */
  end(how: SourceEnding): void {
    this.#source?.end(how);
    this.#backlog = [];
  }

  /** Takes a tag for the source. */
  #follow(packet: SourcePacket, nowMs: number): void {
    const { kind, role, timestampMs, isSync, compositionOffsetMs, isSecondField = false, body } = packet;
    if (role === 'frame') {
      const sizeBytes = body.length;
      const frame = { kind, timestampMs, sizeBytes, isSync, compositionOffsetMs, isSecondField };
      this.statistics.add(frame, nowMs);
      if (kind === 'video' && this.#video === null && !isSecondField)
        this.#probe = probePicture(this.#probe, timestampMs);
    }
    const isLatePicture = this.#started !== null && kind === 'video' && this.#video === null;
    if (this.#source !== null && !isLatePicture) {
      this.#source.push(this.#tagOf(packet));
      return;
    }
    this.#backlog.push(packet);
    this.#backlogBytes += body.length;
    if (this.#source === null) return;
    this.#latePictureMs ??= nowMs;
  }

  /**
   * Puts pictures on air that began late: they are looked at as those at the start are. A slide may be the only one for long.
   *
   * @returns when to look again, UTC milliseconds; null when there is nothing to wait for
   */
  #airLatePictures(source: SourceStream, nowMs: number): number | null {
    if (this.#latePictureMs === null || this.#video !== null) return null;
    const untilMs = this.#latePictureMs + LATE_PICTURE_MS;
    if (nowMs < untilMs && this.#backlogBytes < MAX_BACKLOG_BYTES / 2) return untilMs;
    this.#describePictures();
    this.#sendBacklog(source);
    return null;
  }

  /** Why the media cannot be decoded here; null when it can. */
  #whyUnread(): PublicationStep | null {
    const { undecodable } = this.#options;
    const { video, audio } = this.#media;
    if (video !== null && undecodable.has(video.codec)) {
      const reason = `the server's ffmpeg does not decode ${video.codec}: set the encoder's video codec to H.264`;
      return { kind: 'refuse', code: 'unsupported-video', reason };
    }
    if (audio === null || !undecodable.has(audio.codec)) return null;
    const reason = `the server's ffmpeg does not decode ${audio.codec}: set the encoder's audio codec to AAC`;
    return { kind: 'refuse', code: 'unsupported-sound', reason };
  }

  #describePictures(): void {
    const decision = decideProbe(this.#probe, Number.POSITIVE_INFINITY);
    this.#video = decision.kind === 'ready' ? decision.video : this.#media.video;
  }

  #sendBacklog(source: SourceStream): void {
    for (const packet of this.#backlog) source.push(this.#tagOf(packet));
    this.#backlog = [];
    this.#backlogBytes = 0;
  }

  #tagOf({ kind, role, timestampMs, isSync, body }: SourcePacket): SourceTag {
    const bytes = writeFlvTag(kind, timestampMs, body);
    const now = this.#media.video;
    if (kind === 'audio' || role === 'frame' || now === null)
      return { kind, role, isSync, timestampMs, bytes };
    // A change in mid class: the rate goes on, unless the bitstream says another one.
    const frameRate = this.#video?.frameRate || now.frameRate;
    this.#video = { ...now, frameRate };
    const head = writePictureTag(timestampMs, this.#video);
    return { kind, role, isSync, timestampMs, bytes: Buffer.concat([head, bytes]) };
  }

  #placeFrame(kind: MediaKind, stampMs: number, nowMs: number, steadyMs: number): number {
    const { timeMs, jumpedMs } = this.#clock.place(kind, stampMs, steadyMs);
    // A broadcast that must begin after the channel's previous one inherits that one's lead on the clock.
    this.#firstOffsetMs ??= Math.max(nowMs, this.#options.notBeforeMs) - timeMs;
    if (jumpedMs !== 0) this.#options.onJump?.(kind, jumpedMs);
    return timeMs;
  }

  /** The newest time of both kinds, milliseconds; 0 before the first frame. */
  get #latestMs(): number {
    const [audioMs, videoMs] = [this.#clock.newestMs('audio'), this.#clock.newestMs('video')];
    return Math.max(audioMs ?? videoMs ?? 0, videoMs ?? audioMs ?? 0);
  }

  #takeData(payload: Buffer, nowMs: number): PublicationStep {
    const fields = readOnMetaData(payload);
    if (fields !== null) this.#probe = probeMetadata(this.#probe, fields);
    return this.#decide(nowMs);
  }

  #decide(nowMs: number): PublicationStep {
    for (const packet of this.#media.flush(nowMs)) this.#follow(packet, nowMs);
    if (this.#source !== null) {
      const dues = [this.#airLatePictures(this.#source, nowMs), this.#media.waitsUntilMs];
      const known = dues.filter((due) => due !== null);
      return { kind: 'running', untilMs: known.length === 0 ? null : Math.min(...known) };
    }
    const decision = decideProbe(this.#probe, nowMs);
    const [first, ...rest] = this.#arrivals;
    const waitedMs = nowMs - (this.#firstMessageMs ?? nowMs);
    if (decision.kind === 'wait' && waitedMs >= DESCRIBE_WITHIN_MS) {
      return {
        ...{ kind: 'refuse', code: 'unsupported-media' },
        reason: `no sequence header of sound or picture within ${DESCRIBE_WITHIN_MS} ms`,
      };
    }
    if (decision.kind === 'wait' || first === undefined) {
      return { kind: 'wait', untilMs: decision.kind === 'wait' ? decision.untilMs : null };
    }
    return this.#start(decision, [first, ...rest]);
  }

  #start(
    ready: ProbeDecision & { kind: 'ready' },
    arrivals: readonly [Arrival, ...Arrival[]],
  ): PublicationStep {
    const { video, audio } = ready;
    const started = { epochOffsetMs: epochOffsetMs(arrivals, this.#options.notBeforeMs), video, audio };
    const source = new SourceStream(video !== null, audio !== null, metadataBody(video, audio));
    this.#video = video;
    this.#sendBacklog(source);
    this.#arrivals = [];
    this.#source = source;
    this.#started = started;
    return { kind: 'start', started };
  }
}

/** Metadata of our own: checked values only, nothing copied from the publisher. */
function metadataBody(video: SourceVideo | null, audio: SourceAudio | null): Buffer {
  const fields: (readonly [string, number])[] = [];
  if (video !== null) {
    fields.push(['width', video.width], ['height', video.height]);
    if (video.frameRate > 0) fields.push(['framerate', video.frameRate]);
    if (video.codec === 'h264') fields.push(['videocodecid', 7]);
  }
  if (audio !== null) fields.push(['audiosamplerate', audio.sampleRateHz]);
  if (audio?.codec.startsWith('aac') === true) fields.push(['audiocodecid', 10]);
  return writeOnMetaData(fields);
}
