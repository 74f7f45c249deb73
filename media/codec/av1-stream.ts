import { readAv1Record, writeAv1Record } from './av1-config.ts';
import { AV1_OBU, splitObus } from './av1-obu.ts';
import { type Av1SequenceHeader, readAv1SequenceHeader } from './av1-sequence-header.ts';
import type { PictureConfig, PictureStart, PictureStream, ReadSample } from './coded-picture.ts';
import { isMalformed, type Malformed } from './malformed.ts';

/** OBUs that have no place in a sample of MP4 (AV1 ISOBMFF binding §2.4). */
const LEFT_OUT: ReadonlySet<number> = new Set([AV1_OBU.temporalDelimiter, AV1_OBU.tileList, AV1_OBU.padding]);

/** Reads a publisher's AV1: which frames decoding can start at, and its sequence header, in front or in band. */
export class Av1Stream implements PictureStream {
  /** The sequence header OBU, whole. */
  #key: Buffer | null = null;
  #header: Av1SequenceHeader | null = null;
  /** The record, as long as it has the sequence header in use. */
  #record: Buffer | null = null;

  /** @param record AV1CodecConfigurationRecord; untrusted, retained */
  configure(record: Buffer): Malformed | null {
    const read = readAv1Record(record);
    if (isMalformed(read)) return read;
    for (const { type, payload, bytes } of splitObus(read.obus)) {
      if (type !== AV1_OBU.sequenceHeader) continue;
      const header = readAv1SequenceHeader(payload);
      if (isMalformed(header)) return header;
      this.#set(bytes, header);
      this.#record = record;
      return null;
    }
    // It comes in band, as the binding allows.
    return null;
  }

  /** @param sample a temporal unit; untrusted, borrowed by the result where it is as it should be */
  read(sample: Buffer): ReadSample {
    const obus = splitObus(sample);
    let start: PictureStart | null = null;
    for (const { type, payload, bytes } of obus) {
      if (type === AV1_OBU.sequenceHeader) {
        const header = readAv1SequenceHeader(payload);
        if (!isMalformed(header) && this.#key?.equals(bytes) !== true) this.#set(bytes, header);
      } else if ((type === AV1_OBU.frame || type === AV1_OBU.frameHeader) && start === null) {
        start = this.#header?.isReduced === true || isShownKeyFrame(payload) ? 'key' : 'none';
      }
    }
    const wanted = obus.filter(({ type }) => !LEFT_OUT.has(type));
    const isKept = wanted.length === obus.length;
    return { start, data: isKept ? sample : Buffer.concat(wanted.map(({ bytes }) => bytes)) };
  }

  /** The configuration of the newest frame; null before a sequence header. */
  config(): PictureConfig | null {
    if (this.#key === null || this.#header === null) return null;
    const { widthPx, heightPx, frameRate } = this.#header;
    const record = this.#record ?? writeAv1Record(this.#header, this.#key);
    return { record, key: this.#key, widthPx, heightPx, pixelAspect: null, frameRate };
  }

  #set(bytes: Buffer, header: Av1SequenceHeader): void {
    this.#key = Buffer.from(bytes);
    this.#header = header;
    this.#record = null;
  }
}

/** uncompressed_header (AV1 §5.9.2): show_existing_frame 0, frame_type KEY_FRAME, show_frame 1. */
function isShownKeyFrame(payload: Buffer): boolean {
  const first = payload[0] ?? 0xff;
  return first >> 4 === 0b0001;
}
