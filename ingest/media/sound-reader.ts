import { type AacConfig, readAacConfig } from '../../media/codec/aac-config.ts';
import { silentFrame } from '../../media/codec/aac-silence.ts';
import { type AdtsFrame, adtsConfig, readAdtsFrames } from '../../media/codec/adts.ts';
import { isMalformed } from '../../media/codec/malformed.ts';
import { isOpusStereo, readOpusHead, writeOpusHead } from '../../media/codec/opus-head.ts';
import type { AudioPacket } from '../../media/flv/audio-packet.ts';
import {
  isFourCcSound,
  writeAacPacket,
  writeFourCcSound,
  writePlainSound,
} from '../../media/flv/packet-writer.ts';
import type { SourceAudio } from '../../transcode/job.ts';
import { type SourcePacket, type SourceStep, NOTHING } from './source-packet.ts';
import { describePlainSound, PLAIN_MP3 } from './plain-sound.ts';

const SETTING = "set the encoder's audio codec to AAC";
/** A header that cannot be read is forgiven this long: some cameras send an empty one first. Milliseconds. */
const BROKEN_HEADER_MS = 2000;
/** Sound may come without a header this long. Milliseconds. */
const NO_HEADER_MS = 10_000;

/** Reads the sound of one track: its configuration, raw frames in one form, and silence in the place of empty ones. */
export class SoundReader {
  #codec: string | null = null;
  #audio: SourceAudio | null = null;
  /** The configuration that was given out last. */
  #given: Buffer | null = null;
  #aac: AacConfig | null = null;
  /** Frames have said themselves what they are. */
  #hasAdts = false;
  #broken: { readonly why: string; readonly sinceMs: number } | null = null;
  #firstFrameMs: number | null = null;
  #hasFrames = false;

  /** The sound as it is now; null before the first frame that can be decoded: a header alone says nothing. */
  get audio(): SourceAudio | null {
    return this.#hasFrames ? this.#audio : null;
  }

  /**
   * Takes the track's next packet.
   *
   * @param timestampMs time of the publication, milliseconds
   * @param nowMs UTC milliseconds
   */
  take(packet: AudioPacket, timestampMs: number, nowMs: number): SourceStep {
    const { kind, codec, data } = packet;
    if (kind === 'other') return NOTHING;
    if (codec === 'pcm') return unsupported('uncompressed (PCM)');
    const isPlain = codec === 'aac' ? false : describePlainSound(packet) !== null;
    if (codec !== 'aac' && !isPlain && !isFourCcSound(codec)) return unsupported(codec);
    if (codec !== this.#codec) this.#begin(codec);
    const packets =
      kind === 'config'
        ? this.#configure(codec, data, timestampMs, nowMs)
        : codec === 'aac'
          ? this.#aacFrames(data, timestampMs)
          : this.#frame(packet, timestampMs);
    if (kind === 'frame') this.#firstFrameMs ??= nowMs;
    this.#hasFrames ||= packets.some(({ role }) => role === 'frame');
    return this.#fault(nowMs) ?? { packets };
  }

  #begin(codec: string): void {
    this.#codec = codec;
    this.#given = null;
    this.#aac = null;
    this.#hasAdts = false;
    this.#broken = null;
    this.#firstFrameMs = null;
  }

  #configure(codec: string, data: Buffer, timestampMs: number, nowMs: number): readonly SourcePacket[] {
    // What ADTS contradicts once it would contradict as often as the header is repeated.
    if (data.length === 0 || (this.#hasAdts && this.#aac !== null)) return [];
    const why = codec === 'aac' ? this.#readAac(data) : this.#readOther(codec, data);
    if (why !== null) {
      this.#broken ??= { why, sinceMs: nowMs };
      return [];
    }
    this.#broken = null;
    return this.#give(codec, data, timestampMs);
  }

  /** @returns what is wrong with an AudioSpecificConfig; null when it is in force now */
  #readAac(data: Buffer): string | null {
    const config = readAacConfig(data);
    if (isMalformed(config)) return config.malformed;
    const { objectType, hasSbr, sampleRateHz, channels, frameSamples } = config;
    if (sampleRateHz < 7350 || sampleRateHz > 96_000)
      return `it names ${sampleRateHz} Hz, want 7350 to 96000`;
    this.#aac = config;
    // Only AAC-LC with frames of 1,024 samples may be passed through, so the other kinds must not call themselves `aac`.
    const lowComplexity = hasSbr ? 'aac-5' : frameSamples === 1024 ? 'aac' : `aac-${frameSamples}`;
    const name = objectType === 2 ? lowComplexity : `aac-${objectType}`;
    this.#audio = { codec: name, sampleRateHz, channels };
    return null;
  }

  /** @returns what is wrong with a header; null when it is in force now */
  #readOther(codec: string, data: Buffer): string | null {
    if (codec !== 'opus') {
      this.#audio = { codec, sampleRateHz: 48_000, channels: 0 };
      return null;
    }
    const head = readOpusHead(data);
    if (isMalformed(head)) return head.malformed;
    this.#audio = { codec, sampleRateHz: 48_000, channels: head.channels };
    return null;
  }

  #give(codec: string, config: Buffer, timestampMs: number): readonly SourcePacket[] {
    if (this.#given?.equals(config) === true) return [];
    this.#given = Buffer.from(config);
    const body = isFourCcSound(codec)
      ? writeFourCcSound('config', codec, config)
      : writeAacPacket('config', config);
    return [tag('config', timestampMs, body)];
  }

  #aacFrames(data: Buffer, timestampMs: number): readonly SourcePacket[] {
    const frames = readAdtsFrames(data);
    if (frames !== null) {
      this.#hasAdts = true;
      return frames.flatMap((frame, i) => {
        const timeMs = timestampMs + Math.round((i * 1_024_000) / frame.sampleRateHz);
        return [...this.#followAdts(frame, timeMs), ...this.#aacFrame(frame.data, timeMs)];
      });
    }
    return this.#aacFrame(data, timestampMs);
  }

  /** ADTS says in front of each frame what it is: that goes before a header that says something else, or is missing. */
  #followAdts(frame: AdtsFrame, timestampMs: number): readonly SourcePacket[] {
    const { sampleRateHz, channelConfiguration } = frame;
    const isKnown =
      this.#aac?.coreSampleRateHz === sampleRateHz &&
      (channelConfiguration === 0 || this.#aac.channelConfiguration === channelConfiguration);
    const config = adtsConfig(frame);
    if (isKnown || this.#readAac(config) !== null) return [];
    return this.#give('aac', config, timestampMs);
  }

  #aacFrame(data: Buffer, timestampMs: number): readonly SourcePacket[] {
    if (this.#aac === null) return [];
    if (data.length > 0) return [tag('frame', timestampMs, writeAacPacket('frame', data))];
    const channels = this.#aac.coreChannels;
    if (channels !== 1 && channels !== 2) return [];
    return [tag('frame', timestampMs, writeAacPacket('frame', silentFrame(channels)))];
  }

  #frame(packet: AudioPacket, timestampMs: number): readonly SourcePacket[] {
    const { codec, data, header, isEnhanced } = packet;
    if (data.length === 0) return [];
    const config: SourcePacket[] = [];
    if (codec === 'opus' && this.#given === null) {
      const head = writeOpusHead(isOpusStereo(data) ? 2 : 1);
      this.#readOther(codec, head);
      config.push(...this.#give(codec, head, timestampMs));
    }
    if (isFourCcSound(codec)) {
      if (codec === 'flac' && this.#given === null) return [];
      this.#audio ??= { codec, sampleRateHz: 48_000, channels: 0 };
      if (this.#audio.codec !== codec) this.#audio = { codec, sampleRateHz: 48_000, channels: 0 };
      return [...config, tag('frame', timestampMs, writeFourCcSound('frame', codec, data))];
    }
    this.#audio = describePlainSound(packet) ?? this.#audio;
    return [tag('frame', timestampMs, writePlainSound(isEnhanced ? PLAIN_MP3 : header, data))];
  }

  /** Why the publisher is refused; null while nothing is wrong, or may still come right. */
  #fault(nowMs: number): (SourceStep & { readonly refuse: string }) | null {
    const name = this.#codec === 'aac' ? 'AAC' : (this.#codec ?? '');
    const isConfigured = this.#codec === 'aac' ? this.#aac !== null : this.#given !== null;
    if (isConfigured) return null;
    if (this.#broken !== null && nowMs - this.#broken.sinceMs >= BROKEN_HEADER_MS) {
      const refuse = `the ${name} sequence header cannot be read: ${this.#broken.why}`;
      return { refuse, fault: 'no-header' };
    }
    const needsHeader = this.#codec === 'aac' || this.#codec === 'flac';
    if (!needsHeader || this.#firstFrameMs === null || nowMs - this.#firstFrameMs < NO_HEADER_MS) return null;
    const refuse = `${name} sound comes without a sequence header: stop and start the encoder's stream, or ${SETTING}`;
    return { refuse, fault: 'no-header' };
  }
}

function unsupported(what: string): SourceStep {
  return { refuse: `sound is ${what}: ${SETTING}`, fault: 'unsupported-sound' };
}

function tag(role: 'config' | 'frame', timestampMs: number, body: Buffer): SourcePacket {
  return { kind: 'audio', role, isSync: true, compositionOffsetMs: 0, timestampMs, body };
}
