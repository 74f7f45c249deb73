/**
 * Reads bits of a NAL unit or of an AAC configuration, most significant first.
 *
 * Past the end it reads zeros and remembers so: ask `overran` once, at the end.
 */
export class BitReader {
  readonly #bytes: Buffer;
  #bit = 0;

  /** @param bytes borrowed; for a NAL unit without its emulation prevention bytes */
  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** True when more was read than there is. */
  get overran(): boolean {
    return this.#bit > this.#bytes.length * 8;
  }

  /** u(n): an unsigned number of up to 32 bits (ISO/IEC 14496-10 §7.2). */
  u(bits: number): number {
    let value = 0;
    for (let i = 0; i < bits; i++, this.#bit++) {
      value = value * 2 + (((this.#bytes[this.#bit >> 3] ?? 0) >> (7 - (this.#bit & 7))) & 1);
    }
    return value;
  }

  /** True when the next bit is set. */
  flag(): boolean {
    return this.u(1) === 1;
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
    return code % 2 === 0 ? -code / 2 : (code + 1) / 2;
  }
}

/** Removes emulation prevention bytes (ISO/IEC 14496-10 §7.4.1); the result is a copy. */
export function unescapeNal(nal: Buffer): Buffer {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of nal) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out.push(byte);
  }
  return Buffer.from(out);
}
