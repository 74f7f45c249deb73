/**
 * Writes bits, most significant first, as NAL units store them: the opposite of `BitReader`. For parameter sets and slice
 * headers of some bytes; it is not made for whole pictures.
 */
export class BitWriter {
  readonly #bits: number[] = [];

  /** u(n): an unsigned number of 0 to 32 bits (ISO/IEC 14496-10 §7.2). Higher bits of `value` are left out. */
  u(bits: number, value: number): this {
    for (let i = bits - 1; i >= 0; i--) this.#bits.push(Math.floor(value / 2 ** i) % 2);
    return this;
  }

  /** u(1) of a boolean. */
  flag(value: boolean): this {
    return this.u(1, value ? 1 : 0);
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

  /** rbsp_trailing_bits (ISO/IEC 14496-10 §7.3.2.11): a one, and zeros up to a whole byte. */
  trailingBits(): this {
    this.u(1, 1);
    return this.u((8 - (this.#bits.length % 8)) % 8, 0);
  }

  /** All bits, filled up with zeros to whole bytes. A copy. */
  bytes(): Buffer {
    const out = Buffer.alloc(Math.ceil(this.#bits.length / 8));
    this.#bits.forEach((bit, i) => {
      out[i >> 3] = (out[i >> 3] ?? 0) | (bit << (7 - (i & 7)));
    });
    return out;
  }
}
