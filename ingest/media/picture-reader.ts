import { AvcStream } from '../../media/codec/avc-stream.ts';
import { Av1Stream } from '../../media/codec/av1-stream.ts';
import type { PictureConfig, PictureStream } from '../../media/codec/coded-picture.ts';
import { HevcStream } from '../../media/codec/hevc-stream.ts';
import type { VideoCodec } from '../../media/codec/video-codec.ts';
import { whyNotPlayed } from '../../media/codec/why-not-played.ts';
import { writeVideoPacket } from '../../media/flv/packet-writer.ts';
import type { VideoPacket } from '../../media/flv/video-packet.ts';
import type { SourceVideo } from '../../transcode/job.ts';
import { type ReadPicture, SliceGatherer } from './slice-gatherer.ts';
import { type SourcePacket, type SourceStep, NOTHING } from './source-packet.ts';
import { SyncRule } from './sync-rule.ts';

/** Names of the codecs in messages. */
const NAMES: Readonly<Record<VideoCodec, string>> = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1' };
const SETTING = "set the encoder's video codec to H.264";
/** A header that cannot be read is forgiven this long: some cameras send an empty one first. Milliseconds. */
const BROKEN_HEADER_MS = 2000;
/** Pictures may come without a header, or without a keyframe, this long. Milliseconds. */
const NO_HEADER_MS = 10_000;
const NO_KEYFRAME_MS = 15_000;
/** Parameter sets and messages that come apart from their picture, and pictures that come before their header. Bytes. */
const MAX_APART_BYTES = 65_536;
const MAX_HELD_BYTES = 8 << 20;
/** No picture is shown so long before or after it is decoded: a larger offset is the encoder's error, and would be believed for hours. Milliseconds. */
const MAX_OFFSET_MS = 5000;

/** Reads the pictures of one track: the configuration in use, keyframes by their bits, and samples in one form. */
export class PictureReader {
  #codec: VideoCodec | null = null;
  #stream: PictureStream = new AvcStream();
  #sync = new SyncRule();
  #slices = new SliceGatherer();
  /** The configuration that was given out last. */
  #given: PictureConfig | null = null;
  #video: SourceVideo | null = null;
  /** The last sequence header, and whether the configuration that was given out came after it. */
  #header: Buffer | null = null;
  #isHeaderNew = false;
  /** What belongs to the next picture. */
  #apart: Buffer = Buffer.alloc(0);
  /** Pictures since the last keyframe, while nothing configures them. */
  #held: SourcePacket[] = [];
  #heldBytes = 0;
  #broken: { readonly why: string; readonly sinceMs: number } | null = null;
  #firstFrameMs: number | null = null;

  /** The pictures as they are now; null before the first that can be decoded. */
  get video(): SourceVideo | null {
    return this.#video;
  }

  /** Whether pictures are on the way: a header or a frame has come, and nothing that can be decoded yet. */
  get isComing(): boolean {
    if (this.#given !== null) return false;
    return this.#header !== null || this.#broken !== null || this.#firstFrameMs !== null;
  }

  /**
   * Takes the track's next packet.
   *
   * @param timestampMs decode time of the publication, milliseconds
   * @param nowMs UTC milliseconds
   */
  take(packet: VideoPacket, timestampMs: number, nowMs: number): SourceStep {
    const { kind, codec, codecName } = packet;
    if (kind === 'other') return NOTHING;
    if (codec === null) return { refuse: `video is ${codecName}: ${SETTING}`, fault: 'unsupported-video' };
    if (codec !== this.#codec) this.#begin(codec);
    if (packet.data.length === 0) return NOTHING;
    const packets =
      kind === 'config' ? this.#configure(packet, nowMs) : this.#picture(packet, timestampMs, nowMs);
    return this.#fault(nowMs) ?? { packets };
  }

  /** When a picture that waits for its next slice has waited long enough, UTC milliseconds; null while none waits. */
  get waitsUntilMs(): number | null {
    return this.#slices.waitsUntilMs;
  }

  /** Time has passed. @returns what has waited long enough */
  flush(nowMs: number): readonly SourcePacket[] {
    return this.#slices.flush(nowMs).flatMap((picture) => this.#pass(picture));
  }

  #begin(codec: VideoCodec): void {
    this.#codec = codec;
    this.#stream = codec === 'h264' ? new AvcStream() : codec === 'hevc' ? new HevcStream() : new Av1Stream();
    this.#sync = new SyncRule();
    this.#slices = new SliceGatherer();
    this.#given = null;
    this.#header = null;
    this.#apart = Buffer.alloc(0);
    this.#held = [];
    this.#broken = null;
    this.#firstFrameMs = null;
  }

  #configure(packet: VideoPacket, nowMs: number): readonly SourcePacket[] {
    const header = Buffer.from(packet.data);
    const fault = this.#stream.configure(header);
    if (fault !== null) {
      this.#broken ??= { why: fault.malformed, sinceMs: nowMs };
      return [];
    }
    this.#broken = null;
    this.#isHeaderNew ||= this.#header?.equals(header) !== true;
    this.#header = header;
    const config = this.#stream.config();
    const [first] = this.#held;
    if (config === null || this.#given !== null || first === undefined) return [];
    const held = this.#held;
    return [this.#give(config, first.timestampMs), ...held];
  }

  #picture(packet: VideoPacket, timestampMs: number, nowMs: number): readonly SourcePacket[] {
    this.#firstFrameMs ??= nowMs;
    const read = this.#stream.read(packet.data);
    if (read.start === null) {
      const apart = Buffer.concat([this.#apart, read.data]);
      this.#apart = apart.length > MAX_APART_BYTES ? Buffer.alloc(0) : apart;
      return [];
    }
    const isSecondField = read.isSecondField === true;
    const isSync = !isSecondField && this.#sync.isSync(read.start, packet.isSync, timestampMs);
    const data = this.#apart.length === 0 ? read.data : Buffer.concat([this.#apart, read.data]);
    this.#apart = Buffer.alloc(0);
    const compositionOffsetMs =
      Math.abs(packet.compositionOffsetMs) > MAX_OFFSET_MS ? 0 : packet.compositionOffsetMs;
    const config = isSync ? this.#stream.config() : null;
    const picture = { isSync, compositionOffsetMs, timestampMs, isSecondField, data, config };
    const whole = this.#slices.add(picture, read.isContinued === true, nowMs);
    return whole.flatMap((one) => this.#pass(one));
  }

  #pass({ data, config, isSecondField, ...picture }: ReadPicture): readonly SourcePacket[] {
    const codec = this.#codec ?? 'h264';
    const packet: SourcePacket = {
      ...{ kind: 'video', role: 'frame', ...picture },
      ...(isSecondField ? { isSecondField } : {}),
      body: writeVideoPacket({ kind: 'frame', codec, ...picture, data }),
    };
    if (config !== null && this.#isOther(config)) return [this.#give(config, picture.timestampMs), packet];
    if (this.#given !== null) return [packet];
    this.#hold(packet);
    return [];
  }

  #isOther(config: PictureConfig): boolean {
    if (this.#given === null || !config.key.equals(this.#given.key)) return true;
    return this.#isHeaderNew && !config.record.equals(this.#given.record);
  }

  #give(config: PictureConfig, timestampMs: number): SourcePacket {
    this.#given = { ...config, record: Buffer.from(config.record), key: Buffer.from(config.key) };
    this.#isHeaderNew = false;
    this.#broken = null;
    this.#held = [];
    const { widthPx: width, heightPx: height, frameRate, pixelAspect } = config;
    const isSquare = pixelAspect === null || pixelAspect.horizontal === pixelAspect.vertical;
    const shape = isSquare ? {} : { pixelAspect };
    const codec = this.#codec ?? 'h264';
    const notPlayed = whyNotPlayed(codec, config.record);
    this.#video = { codec, width, height, frameRate, ...shape, ...(notPlayed === null ? {} : { notPlayed }) };
    return {
      ...{ kind: 'video', role: 'config', isSync: false, compositionOffsetMs: 0, timestampMs },
      body: writeVideoPacket({
        ...{ kind: 'config', codec, isSync: true, compositionOffsetMs: 0 },
        data: config.record,
      }),
    };
  }

  /** A header that comes behind its first pictures makes them good. */
  #hold(picture: SourcePacket): void {
    if (picture.isSync || this.#heldBytes > MAX_HELD_BYTES) {
      this.#held = [];
      this.#heldBytes = 0;
    }
    if (!picture.isSync && this.#held.length === 0) return;
    this.#held.push(picture);
    this.#heldBytes += picture.body.length;
  }

  /** Why the publisher is refused; null while nothing is wrong, or may still come right. */
  #fault(nowMs: number): (SourceStep & { readonly refuse: string }) | null {
    if (this.#given !== null || this.#codec === null) return null;
    const name = NAMES[this.#codec];
    if (this.#broken !== null && nowMs - this.#broken.sinceMs >= BROKEN_HEADER_MS) {
      const refuse = `the ${name} sequence header cannot be read: ${this.#broken.why}`;
      return { refuse, fault: 'no-header' };
    }
    const waitedMs = this.#firstFrameMs === null ? 0 : nowMs - this.#firstFrameMs;
    if (this.#stream.config() === null) {
      if (waitedMs < NO_HEADER_MS) return null;
      const refuse = `${name} pictures come without a sequence header (parameter sets): stop and start the encoder's stream, or ${SETTING}`;
      return { refuse, fault: 'no-header' };
    }
    if (waitedMs < NO_KEYFRAME_MS) return null;
    const refuse = `no keyframe within ${NO_KEYFRAME_MS / 1000} s: set the encoder's keyframe interval to 2 s`;
    return { refuse, fault: 'no-keyframe' };
  }
}
