/** One SEI message: its payloadType, and its payload, borrowed. */
export type SeiMessage = { readonly type: number; readonly payload: Buffer };

/**
 * Splits an SEI NAL unit into its messages (ISO/IEC 14496-10 §7.3.2.3.1; the same in ISO/IEC 23008-2 §7.3.5).
 *
 * @param bytes what stands behind the NAL unit's header, without emulation prevention bytes; untrusted
 * @returns the messages one after another; stops in front of one that does not fit
 */
export function* splitSeiMessages(bytes: Buffer): Generator<SeiMessage> {
  let at = 0;
  const readNumber = (): number => {
    let value = 0;
    for (; bytes[at] === 0xff; at += 1) value += 255;
    value += bytes[at] ?? 0;
    at += 1;
    return value;
  };
  // more_rbsp_data: what is left is at least a message's two bytes; rbsp_trailing_bits are one.
  while (at + 2 <= bytes.length) {
    const type = readNumber(); // payloadType
    const sizeBytes = readNumber(); // payloadSize
    if (at + sizeBytes > bytes.length) return;
    yield { type, payload: bytes.subarray(at, at + sizeBytes) };
    at += sizeBytes;
  }
}
