/**
 * Reads bits, most significant first, as NAL units and codec configurations store them.
 *
 * Past the end it returns zeros and sets {@link BitReader.overran}; parsers check that once, when they have read all.
 */
export class BitReader {
  readonly #bytes: Buffer;
  #bit = 0;

  /** @param bytes borrowed; a NAL unit must have its emulation prevention bytes removed */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** True when more bits were read than there are. */
  get overran(): boolean {
    return this.#bit > this.#bytes.length * 8;
  }

  /** Bits that are left; negative after an overrun. */
  get leftBits(): number {
    return this.#bytes.length * 8 - this.#bit;
  }

  /** u(n): an unsigned number of 0 to 32 bits (ISO/IEC 14496-10 §7.2). */
  u(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++, this.#bit++) {
      value = value * 2 + (((this.#bytes[this.#bit >> 3] ?? 0) >> (7 - (this.#bit & 7))) & 1);
    }
    return value;
  }

  /** u(1) as a boolean. */
  flag(): boolean {
    return this.u(1) === 1;
  }

  /** Passes over any number of bits. */
  skip(bits: number): void {
    this.#bit += bits;
  }

  /** Moves to the next multiple of 8 bits from the start (byte_alignment). */
  alignToByte(): void {
    this.#bit = Math.ceil(this.#bit / 8) * 8;
  }

  /** The next whole bytes, borrowed, from a multiple of 8 bits on; fewer than asked for past the end. */
  bytes(lengthBytes: number): Buffer {
    const start = this.#bit / 8;
    this.#bit += lengthBytes * 8;
    return this.#bytes.subarray(start, start + lengthBytes);
  }

  /** ue(v): an unsigned Exp-Golomb code (ISO/IEC 14496-10 §9.1). */
  ue(): number {
    let zeros = 0;
    while (zeros < 32 && !this.overran && !this.flag()) zeros++;
    return 2 ** zeros - 1 + this.u(zeros);
  }

  /** se(v): a signed Exp-Golomb code (ISO/IEC 14496-10 §9.1.1). */
  se(): number {
    const code = this.ue();
    return code % 2 === 0 ? 0 - code / 2 : (code + 1) / 2;
  }
}
