/** Reads fields one after another. After the first that does not fit it gives zeros and empty bytes, and `failed` is set. */
export class ByteCursor {
  readonly bytes: Buffer;
  at = 0;
  failed = false;

  /** @param bytes borrowed */
  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  /** How many bytes have not been read. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  /** Big-endian, of 1 to 4 bytes. */
  unsigned(sizeBytes: 1 | 2 | 3 | 4): number {
    const taken = this.take(sizeBytes);
    return taken.length === sizeBytes ? taken.readUIntBE(0, sizeBytes) : 0;
  }

  /** An IEEE 754 double, big-endian. */
  double(): number {
    const taken = this.take(8);
    return taken.length === 8 ? taken.readDoubleBE() : 0;
  }

  /** Borrowed bytes. */
  take(sizeBytes: number): Buffer {
    const end = this.at + sizeBytes;
    if (this.failed || end > this.bytes.length) {
      this.failed = true;
      return this.bytes.subarray(0, 0);
    }
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }
}
