import { splitSeiMessages } from './sei-messages.ts';
import { hevcNalType, avcNalType, type NalLengthSize, splitNalUnits, unescapeNal } from './nal-units.ts';

/** nal_unit_type of SEI in H.264 (ISO/IEC 14496-10 Table 7-1), and of the prefix and suffix SEI in H.265 (ISO/IEC 23008-2 Table 7-1). */
const AVC_SEI = 6;
const HEVC_SEI = [39, 40];
/** payloadType of user_data_registered_itu_t_t35 (ISO/IEC 14496-10 §D.1.1). */
const REGISTERED_USER_DATA = 4;
/** itu_t_t35_country_code, itu_t_t35_provider_code, user_identifier GA94, user_data_type_code 3 (ATSC A/53 Part 4 §6.2.3). */
const A53_HEAD = Buffer.from('b5003147413934' + '03', 'hex');
/** Type and size of a SEI payload in as many bytes as a hostile one may have. */
const MAX_SEI_BYTES = 1 << 16;
/** service_number of a DTVCC service block that says the number in the next byte (CTA-708 §6.2.2). */
const EXTENDED_SERVICE = 7;

/** Which captions are on air in one field of line 21: where text belongs. */
type Field = { channel: 1 | 2 | 'other' | null };

/**
 * Finds the closed captions that pictures carry: CTA-608 and CTA-708 in the SEI of ATSC A/53 Part 4.
 *
 * Padding is no caption: a service counts from its first character on.
 */
export class CaptionScan {
  readonly #kind: 'avc' | 'hevc';
  readonly #lengthSize: NalLengthSize;
  readonly #fields: readonly [Field, Field] = [{ channel: null }, { channel: null }];
  readonly #services = new Set<string>();
  /** The DTVCC packet that is being received; its size is in its first byte. */
  #packet: number[] = [];

  /** @param lengthSize size of the length fields of NAL units in samples, bytes */
  constructor(kind: 'avc' | 'hevc', lengthSize: NalLengthSize) {
    this.#kind = kind;
    this.#lengthSize = lengthSize;
  }

  /** INSTREAM-ID of each service so far (RFC 8216bis §4.4.6.1): `CC1` to `CC4`, `SERVICE1` to `SERVICE63`; in order. */
  get services(): readonly string[] {
    return [...this.#services].toSorted(inOrder);
  }

  /**
   * Reads one picture.
   *
   * @param sample NAL units, each behind its length; untrusted, not retained
   */
  take(sample: Buffer): void {
    for (const unit of splitNalUnits(sample, this.#lengthSize)) {
      const first = unit[0] ?? 0;
      const isAvc = this.#kind === 'avc';
      const isSei = isAvc ? avcNalType(first) === AVC_SEI : HEVC_SEI.includes(hevcNalType(first));
      // nal_unit_header has one byte in H.264 and two in H.265.
      if (isSei && unit.length <= MAX_SEI_BYTES) this.#takeSei(unescapeNal(unit.subarray(isAvc ? 1 : 2)));
    }
  }

  #takeSei(messages: Buffer): void {
    for (const { type, payload } of splitSeiMessages(messages)) {
      if (type === REGISTERED_USER_DATA && payload.subarray(0, A53_HEAD.length).equals(A53_HEAD)) {
        this.#takeCcData(payload.subarray(A53_HEAD.length));
      }
    }
  }

  /** cc_data (CTA-708 §4.3). */
  #takeCcData(data: Buffer): void {
    const flags = data[0] ?? 0; // process_em_data_flag, process_cc_data_flag, additional_data_flag, cc_count
    if ((flags & 0x40) === 0) return;
    for (let i = 0, at = 2; i < (flags & 0x1f) && at + 3 <= data.length; i += 1, at += 3) {
      const head = data[at] ?? 0; // marker_bits, cc_valid, cc_type
      const [a = 0, b = 0] = data.subarray(at + 1, at + 3);
      const type = head & 3;
      if ((head & 4) === 0) {
        if (type === 3) this.#packet = [];
      } else if (type < 2) this.#takePair(type === 0 ? 0 : 1, a & 0x7f, b & 0x7f);
      else this.#takePacketBytes(type === 3, a, b);
    }
  }

  /** A pair of characters of line 21, without parity (CTA-608 §7, §8.4). */
  #takePair(index: 0 | 1, a: number, b: number): void {
    if (a === 0 && b === 0) return;
    const field = this.#fields[index];
    if (a >= 0x10 && a <= 0x1f) {
      // Text Restart and Resume Text Display begin text that is no caption.
      const isText = (a & 0x76) === 0x14 && (b === 0x2a || b === 0x2b);
      field.channel = isText ? 'other' : (a & 8) === 0 ? 1 : 2;
      return;
    }
    // Extended Data Services, in the second field.
    if (a < 0x10) {
      if (index === 1) field.channel = 'other';
      return;
    }
    // Text of a caption whose beginning was not seen is that of the first channel.
    const channel = field.channel ?? (index === 0 ? 1 : 'other');
    if (channel !== 'other') this.#services.add(`CC${index * 2 + channel}`);
  }

  #takePacketBytes(isStart: boolean, a: number, b: number): void {
    if (isStart) this.#packet = [];
    else if (this.#packet.length === 0) return;
    this.#packet.push(a, b);
    const code = (this.#packet[0] ?? 0) & 0x3f; // packet_size_code (CTA-708 §5)
    const size = code === 0 ? 128 : code * 2;
    if (this.#packet.length < size) return;
    this.#takeServiceBlocks(this.#packet.slice(1, size));
    this.#packet = [];
  }

  /** Service blocks (CTA-708 §6.2). */
  #takeServiceBlocks(bytes: readonly number[]): void {
    for (let at = 0; at < bytes.length; ) {
      const head = bytes[at++] ?? 0; // service_number, block_size
      const size = head & 0x1f;
      let service = head >> 5;
      if (service === 0) return;
      if (service === EXTENDED_SERVICE && size > 0) service = (bytes[at++] ?? 0) & 0x3f; // extended_service_number
      const block = bytes.slice(at, at + size);
      // G0 and G1 are characters (§7.1.4); all else are commands.
      if (service > 0 && block.some((byte) => (byte & 0x60) !== 0)) this.#services.add(`SERVICE${service}`);
      at += size;
    }
  }
}

/** CC1 to CC4, then the services by their number. */
function inOrder(a: string, b: string): number {
  return rank(a) - rank(b);
}

function rank(service: string): number {
  return Number(service.replace(/\D+/, '')) + (service.startsWith('CC') ? 0 : 4);
}
