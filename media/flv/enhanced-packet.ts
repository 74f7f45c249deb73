/** One track's part of a tag of Enhanced RTMP v2. */
export type EnhancedPacket = {
  /** AudioPacketType or VideoPacketType behind all modifiers. */
  readonly packetType: number;
  /** Four characters, as they were sent. */
  readonly fourCc: string;
  /** 0 for a tag that is not multitrack. */
  readonly trackId: number;
  /** What follows the FourCC, the track's id and its size; borrowed. */
  readonly data: Buffer;
};

/** AudioPacketType.Multitrack. */
export const AUDIO_MULTITRACK = 5;
/** VideoPacketType.Multitrack. */
export const VIDEO_MULTITRACK = 6;
/** AudioPacketType.ModEx and VideoPacketType.ModEx. */
const MOD_EX = 7;
/** AvMultitrackType. */
const ONE_TRACK = 0;
const MANY_TRACKS = 1;
const MANY_TRACKS_MANY_CODECS = 2;
/** A tag with more tracks is cut off here: encoders send up to six. */
const MAX_TRACKS = 32;

/**
 * Reads a tag of Enhanced RTMP behind its first byte: modifiers, which are passed over, the multitrack header, and the tracks.
 *
 * @param body of the tag; untrusted, borrowed by the result
 * @param firstType the packet type in the first byte
 * @param multitrackType the packet type that stands for multitrack: the two kinds have different ones
 * @returns the tracks one after another; those before the first that does not fit, so none when the tag is too short
 * @see Enhanced RTMP v2, "ExAudioTagHeader" and "ExVideoTagHeader"
 */
export function readEnhancedPackets(
  body: Buffer,
  firstType: number,
  multitrackType: number,
): readonly EnhancedPacket[] {
  const behind = skipModifiers(body, firstType);
  if (behind === null) return [];
  const { packetType, at } = behind;
  if (packetType !== multitrackType) {
    if (at + 4 > body.length) return [];
    return [{ packetType, fourCc: fourCcAt(body, at), trackId: 0, data: body.subarray(at + 4) }];
  }
  const types = body[at];
  return types === undefined ? [] : readTracks(body, at + 1, types >> 4, types & 0xf);
}

/** @returns the packet type behind all ModEx, and where the header goes on; null when the tag ends before */
function skipModifiers(body: Buffer, firstType: number): { packetType: number; at: number } | null {
  let packetType = firstType;
  let at = 1;
  while (packetType === MOD_EX) {
    let sizeBytes = (body[at] ?? 0) + 1; // modExDataSize
    at += 1;
    if (sizeBytes === 256) {
      sizeBytes = (body[at] ?? 0) * 256 + (body[at + 1] ?? 0) + 1; // modExDataSize of 16 bits
      at += 2;
    }
    at += sizeBytes; // modExData
    const types = body[at]; // ModExType, packet type
    if (types === undefined) return null;
    packetType = types & 0xf;
    at += 1;
  }
  return { packetType, at };
}

function readTracks(
  body: Buffer,
  start: number,
  multitrackType: number,
  packetType: number,
): EnhancedPacket[] {
  const tracks: EnhancedPacket[] = [];
  if (multitrackType > MANY_TRACKS_MANY_CODECS) return tracks;
  const hasOwnCodecs = multitrackType === MANY_TRACKS_MANY_CODECS;
  const hasSizes = multitrackType === MANY_TRACKS || hasOwnCodecs;
  let at = start;
  let fourCc = '';
  if (!hasOwnCodecs) {
    fourCc = fourCcAt(body, at);
    at += 4;
  }
  while (at < body.length && tracks.length < MAX_TRACKS) {
    if (hasOwnCodecs) {
      fourCc = fourCcAt(body, at);
      at += 4;
    }
    const headBytes = 1 + (hasSizes ? 3 : 0); // trackId, sizeOfTrack
    if (at + headBytes > body.length) break;
    const trackId = body[at] ?? 0;
    const sizeBytes = hasSizes ? body.readUIntBE(at + 1, 3) : body.length - at - 1;
    at += headBytes;
    if (at + sizeBytes > body.length) break;
    tracks.push({ packetType, fourCc, trackId, data: body.subarray(at, at + sizeBytes) });
    at += sizeBytes;
    if (multitrackType === ONE_TRACK) break;
  }
  return tracks;
}

function fourCcAt(body: Buffer, at: number): string {
  return body.toString('latin1', at, at + 4);
}
