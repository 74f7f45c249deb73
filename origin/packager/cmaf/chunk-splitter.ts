import { isBoxType, readBoxHeader } from '../../../media/bmff/box-reader.ts';
import { badCmaf } from '../../../media/media-error.ts';

/** One unit of a CMAF track: its header, or a chunk of media. */
export type CmafPiece = {
  /** `init`: from ftyp to moov's end. `chunk`: from moof to mdat's end. */
  readonly kind: 'init' | 'chunk';
  /** Borrowed from what was pushed where it lay there in one piece, copied otherwise; never written to again. */
  readonly bytes: Buffer;
  /** Where the first byte stood in the stream. */
  readonly offsetBytes: number;
};

/** How large a box may be, in bytes, its header among them. */
export type SplitterLimits = {
  /** A moov, a moof, or any other box that belongs to a unit. */
  readonly headerBytes: number;
  /** An mdat, or a box that is skipped. */
  readonly mediaBytes: number;
};

/** 1 MiB and 32 MiB: a frame of 8K video at its most wasteful fits. */
export const DEFAULT_SPLITTER_LIMITS: SplitterLimits = { headerBytes: 2 ** 20, mediaBytes: 2 ** 25 };

/** Boxes that begin or continue a unit, or end it; all others between units are skipped. */
const FIRST_OF = { ftyp: 'init', moof: 'chunk' } as const;
const LAST_OF = { init: 'moov', chunk: 'mdat' } as const;

/**
 * Splits the bytes of one CMAF track into its header and its chunks, however they are torn into pieces on the way
 * (ISO/IEC 23000-19 §7.3; boxes: ISO/IEC 14496-12 §4.2).
 *
 * styp, prft, emsg, sidx and any other box between units is skipped and not buffered. A new header may come at
 * any time. What is buffered is bounded by one unit; every byte is copied at most twice on average. After an error the
 * splitter is done: the stream has lost its place.
 */
export class ChunkSplitter {
  readonly #limits: SplitterLimits;
  /** Bytes of the unit that is not whole yet, at [0, #heldBytes); room to grow behind them. */
  #held: Buffer = Buffer.alloc(0);
  #heldBytes = 0;
  /** Offset in the stream of the first byte that is held. */
  #offsetBytes = 0;
  /** Bytes of a box to skip that are still to come. */
  #skipBytes = 0;
  /** Where the next box header begins, counted from the first held byte; beyond the held bytes while a box comes in. */
  #nextBox = 0;
  #unit: 'init' | 'chunk' | null = null;
  #unitWhole = false;
  #hasInit = false;

  constructor(limits: SplitterLimits = DEFAULT_SPLITTER_LIMITS) {
    this.#limits = limits;
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @param bytes any number of them; must not be written to afterwards, as pieces may borrow from them
   * @returns what has become whole, in order
   * @throws {MediaError} `bad-cmaf` (400): a box that is too large, of size 0, or out of place
   */
  push(bytes: Buffer): CmafPiece[] {
    const pieces: CmafPiece[] = [];
    let work = this.#heldBytes === 0 ? bytes : this.#append(bytes);
    for (;;) {
      if (this.#skipBytes > 0) {
        const skipped = Math.min(this.#skipBytes, work.length);
        this.#skipBytes -= skipped;
        work = this.#consume(work, skipped);
      }
      if (this.#nextBox > work.length) break;
      if (this.#unitWhole && this.#unit !== null) {
        pieces.push({
          kind: this.#unit,
          bytes: work.subarray(0, this.#nextBox),
          offsetBytes: this.#offsetBytes,
        });
        work = this.#consume(work, this.#nextBox);
        this.#nextBox = 0;
        this.#unit = null;
        this.#unitWhole = false;
      }
      if (!this.#readHeader(work)) break;
    }
    this.#hold(work);
    return pieces;
  }

  /**
   * Says that the stream is over.
   *
   * @throws {MediaError} `bad-cmaf` (400) when a box or a unit is torn off
   */
  finish(): void {
    if (this.#skipBytes > 0) {
      throw badCmaf('end', this.#offsetBytes, `the stream ends ${this.#skipBytes} bytes before a box's end`);
    }
    if (this.#heldBytes > 0 || this.#unit !== null) {
      const want = this.#unit === null ? 'a box header' : LAST_OF[this.#unit];
      throw badCmaf(
        'end',
        this.#offsetBytes + this.#heldBytes,
        `the stream ends within ${want}, ${this.#heldBytes} bytes are left`,
      );
    }
  }

  /** Reads the box header at #nextBox and decides what becomes of the box; false when more bytes are needed first. */
  #readHeader(work: Buffer): boolean {
    const at = this.#nextBox;
    const header = readBoxHeader({ bytes: work, originBytes: this.#offsetBytes }, at);
    if (header === null) return false;
    const { type, sizeBytes: size } = header;
    const offset = this.#offsetBytes + at;
    if (!isBoxType(type)) {
      throw badCmaf('box', offset, `type 0x${work.toString('hex', at + 4, at + 8)} is not four characters`);
    }
    const role = this.#place(type, offset);
    const limit = role === 'skip' || type === 'mdat' ? this.#limits.mediaBytes : this.#limits.headerBytes;
    if (size > limit) throw badCmaf(type, offset, `size ${size}, want at most ${limit}`);
    if (role === 'skip') {
      this.#skipBytes = size;
      return true;
    }
    this.#nextBox = at + size;
    if (role === 'last') {
      this.#unitWhole = true;
    } else if (this.#nextBox > this.#limits.headerBytes) {
      throw badCmaf(
        type,
        offset,
        `all before ${LAST_OF[this.#unit ?? 'chunk']} takes ${this.#nextBox} bytes, want at most ${this.#limits.headerBytes}`,
      );
    }
    return true;
  }

  /** The role of a box in its unit. */
  #place(type: string, offset: number): 'skip' | 'keep' | 'last' {
    if (this.#unit !== null) {
      if (type === LAST_OF[this.#unit]) {
        if (type === 'moov') this.#hasInit = true;
        return 'last';
      }
      if (type === 'ftyp' || type === 'moof' || type === 'moov' || type === 'mdat') {
        throw badCmaf(type, offset, `out of place, want ${LAST_OF[this.#unit]}`);
      }
      // Kept although unused: data offsets count from moof's first byte over all that follows it.
      return 'keep';
    }
    if (type === 'mdat' || type === 'moov') {
      throw badCmaf(type, offset, `out of place, want ${type === 'mdat' ? 'moof' : 'ftyp'} before it`);
    }
    if (type !== 'ftyp' && type !== 'moof') return 'skip';
    if (type === 'moof' && !this.#hasInit) throw badCmaf(type, offset, 'comes before any ftyp and moov');
    this.#unit = FIRST_OF[type];
    return 'keep';
  }

  #consume(work: Buffer, lengthBytes: number): Buffer {
    this.#offsetBytes += lengthBytes;
    return work.subarray(lengthBytes);
  }

  /** Adds bytes behind those that are held; room doubles, so that a byte is copied a bounded number of times. */
  #append(bytes: Buffer): Buffer {
    const length = this.#heldBytes + bytes.length;
    if (length > this.#held.length) {
      const grown = Buffer.allocUnsafeSlow(Math.max(length, this.#held.length * 2));
      this.#held.copy(grown, 0, 0, this.#heldBytes);
      this.#held = grown;
    }
    bytes.copy(this.#held, this.#heldBytes);
    this.#heldBytes = length;
    return this.#held.subarray(0, length);
  }

  /** Keeps what is left over after a push. */
  #hold(rest: Buffer): void {
    const isHeldAlready =
      rest.length === this.#heldBytes && rest.length > 0 && rest.buffer === this.#held.buffer;
    if (isHeldAlready) return;
    // Never the same buffer again: pieces have borrowed from it.
    this.#held = Buffer.alloc(0);
    this.#heldBytes = 0;
    // Copied, so that a few bytes do not hold a whole network buffer in memory, nor change with it.
    if (rest.length > 0) this.#append(rest);
  }
}
