import type { Malformed } from './malformed.ts';

/** What an Opus ID header says. */
export type OpusHead = {
  readonly channels: number;
  /** Samples at 48 kHz that a decoder drops at the start. */
  readonly preSkip: number;
  /** Samples a second of what was encoded; decoders put out 48 kHz. */
  readonly inputSampleRateHz: number;
};

const MAGIC = 'OpusHead';
const MIN_BYTES = 19;

/**
 * Reads an Opus ID header (RFC 7845 §5.1), which is the sequence start of Opus in Enhanced RTMP v2.
 *
 * @param head untrusted; not retained
 */
export function readOpusHead(head: Buffer): OpusHead | Malformed {
  const bad = (why: string): Malformed => ({ malformed: `Opus ID header of ${head.length} bytes: ${why}` });
  if (head.length < MIN_BYTES) return bad(`want ${MIN_BYTES} or more`);
  if (head.toString('latin1', 0, 8) !== MAGIC) return bad(`it does not begin with ${MAGIC}`);
  const channels = head[9] ?? 0; // channel count, behind version
  if (channels === 0) return bad('0 channels');
  return { channels, preSkip: head.readUInt16LE(10), inputSampleRateHz: head.readUInt32LE(12) };
}

/**
 * Writes the Opus ID header of one stream with mapping family 0.
 *
 * @param channels 1 or 2
 * @returns 19 bytes; owned by the caller
 */
export function writeOpusHead(channels: 1 | 2): Buffer {
  const head = Buffer.alloc(MIN_BYTES);
  head.write(MAGIC, 'latin1');
  head[8] = 1; // version
  head[9] = channels; // channel count
  head.writeUInt16LE(312, 10); // pre-skip: of libopus at 48 kHz
  head.writeUInt32LE(48_000, 12); // input sample rate; output gain and mapping family are 0
  return head;
}

/** True when an Opus packet is coded in stereo: the s flag of its TOC byte (RFC 6716 §3.1). */
export function isOpusStereo(packet: Buffer): boolean {
  return ((packet[0] ?? 0) & 4) !== 0;
}
