/** Writes bits of a NAL unit, most significant first: the opposite of BitReader. */
export class BitWriter {
  readonly #bits: number[] = [];

  /** u(n): an unsigned number of 0 to 32 bits. */
  u(bits: number, value: number): this {
    for (let i = bits - 1; i >= 0; i--) this.#bits.push(Math.floor(value / 2 ** i) % 2);
    return this;
  }

  /** ue(v): an unsigned Exp-Golomb code (ISO/IEC 14496-10 §9.1). */
  ue(value: number): this {
    const zeros = Math.floor(Math.log2(value + 1));
    return this.u(zeros, 0).u(zeros + 1, value + 1);
  }

  /** se(v): a signed Exp-Golomb code (ISO/IEC 14496-10 §9.1.1). */
  se(value: number): this {
    return this.ue(value > 0 ? value * 2 - 1 : -value * 2);
  }

  /** All bits, filled up with zeros to whole bytes. */
  bytes(): Buffer {
    const padded = [...this.#bits, ...Array.from({ length: (8 - (this.#bits.length % 8)) % 8 }, () => 0)];
    return Buffer.from(
      Array.from({ length: padded.length / 8 }, (_, i) =>
        padded.slice(i * 8, i * 8 + 8).reduce((byte, bit) => byte * 2 + bit, 0),
      ),
    );
  }

  /** The bytes with emulation prevention, as they stand in a NAL unit (ISO/IEC 14496-10 §7.4.1.1). */
  escapedBytes(): Buffer {
    return escapeNal(this.bytes());
  }
}

/** Puts emulation prevention bytes in, as an encoder does (ISO/IEC 14496-10 §7.4.1.1). */
export function escapeNal(payload: Buffer): Buffer {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of payload) {
    if (zeros === 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    out.push(byte);
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return Buffer.from(out);
}
