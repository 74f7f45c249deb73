import type { AmfValue } from '../../media/flv/amf-value.ts';
import type { Amf0Content } from '../../media/flv/amf0-writer.ts';
import { AUDIO_FOURCC_CODECS } from '../../media/flv/audio-packet.ts';
import { VIDEO_FOURCC } from '../../media/flv/packet-writer.ts';

/** What a client of Enhanced RTMP says of itself in `connect`. */
const SAID_BY_CLIENTS = ['fourCcList', 'videoFourCcInfoMap', 'audioFourCcInfoMap', 'capsEx'];
/** FourCcInfoMask. */
const CAN_DECODE = 1;
/** CapsExMask. A request to reconnect is never sent, and nanoseconds are passed over. */
const CAPS = { multitrack: 2, modEx: 4 } as const;

/**
 * What the answer to `connect` says of Enhanced RTMP: "The server SHOULD state its support via attributes such as
 * videoFourCcInfoMap, capsEx". An encoder that asks may leave out what is not named. Others get the answer that they know.
 *
 * @param asked command object of `connect`; untrusted
 * @param undecodable codecs that the workers' ffmpeg cannot decode
 * @returns fields for the answer's properties
 * @see Enhanced RTMP v2, "Enhancing NetConnection connect Command"
 */
export function enhancedSupport(
  asked: { readonly [name: string]: AmfValue },
  undecodable: ReadonlySet<string>,
): readonly (readonly [string, Amf0Content])[] {
  if (!SAID_BY_CLIENTS.some((name) => asked[name] !== undefined)) return [];
  const mapOf = (codecs: Iterable<readonly [fourCc: string, codec: string]>): Amf0Content =>
    [...codecs].flatMap(([fourCc, codec]) => (undecodable.has(codec) ? [] : [[fourCc, CAN_DECODE] as const]));
  const video = Object.entries(VIDEO_FOURCC).map(([codec, fourCc]) => [fourCc, codec] as const);
  return [
    ['videoFourCcInfoMap', mapOf(video)],
    ['audioFourCcInfoMap', mapOf(AUDIO_FOURCC_CODECS)],
    ['capsEx', CAPS.multitrack | CAPS.modEx],
  ];
}
