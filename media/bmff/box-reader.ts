import { badCmaf } from '../media-error.ts';

/** Where a box lies in the bytes it was read from. All offsets are indexes into these bytes. */
export type Box = {
  /** Four characters, Latin-1. */
  readonly type: string;
  /** First byte of the header. */
  readonly start: number;
  /** First byte after the header. */
  readonly payload: number;
  /** First byte after the box. */
  readonly end: number;
};

/** Bytes with the offset that messages count from. */
export type BoxSource = {
  readonly bytes: Buffer;
  /** Added to every offset in a message; 0 where the bytes are the whole stream. */
  readonly originBytes: number;
};

/** Size, type and header length of a box, whether or not its content is there. */
export type BoxHeader = {
  readonly type: string;
  /** Header and content together. */
  readonly sizeBytes: number;
  /** 8, or 16 with a 64-bit size. */
  readonly headerBytes: number;
};

/**
 * Reads the header of a box (ISO/IEC 14496-12 §4.2).
 *
 * @param at first byte of the header
 * @param end where the enclosing box, or the bytes, end
 * @returns null when the header runs past `end`
 * @throws {MediaError} `bad-cmaf` for a size below the header's own. Size 0 ("to the end of the file") is one of these: a
 *   live stream has no end
 */
export function readBoxHeader(
  { bytes, originBytes }: BoxSource,
  at: number,
  end: number = bytes.length,
): BoxHeader | null {
  if (end - at < 8) return null;
  const type = bytes.toString('latin1', at + 4, at + 8); // type
  let sizeBytes = bytes.readUInt32BE(at); // size
  let headerBytes = 8;
  if (sizeBytes === 1) {
    if (end - at < 16) return null;
    sizeBytes = bytes.readUInt32BE(at + 8) * 2 ** 32 + bytes.readUInt32BE(at + 12); // largesize
    headerBytes = 16;
  }
  if (sizeBytes < headerBytes) {
    throw badCmaf(printable(type), originBytes + at, `size ${sizeBytes}, want ${headerBytes} or more`);
  }
  return { type, sizeBytes, headerBytes };
}

/** A box type for a message: in hexadecimal where it is not four printable characters. */
function printable(type: string): string {
  return isBoxType(type) ? type : `box 0x${Buffer.from(type, 'latin1').toString('hex')}`;
}

/** True for a type that a real box may have: four printable characters, or Apple's ©. */
export function isBoxType(type: string): boolean {
  return /^[\x20-\x7e\xa9]{4}$/.test(type);
}

/**
 * Reads the header of one box that lies wholly between two offsets (ISO/IEC 14496-12 §4.2).
 *
 * @param at first byte of the header
 * @param end where the enclosing box, or the bytes, end
 * @throws {MediaError} `bad-cmaf` for a header that ends too early, a size below its own header's, or one that runs
 *   past `end`
 */
export function readBox(source: BoxSource, at: number, end: number): Box {
  const header = readBoxHeader(source, at, end);
  const offset = source.originBytes + at;
  if (header === null) throw badCmaf('box header', offset, `${end - at} bytes left, want 8 or 16`);
  const { type, sizeBytes, headerBytes } = header;
  if (sizeBytes > end - at) {
    throw badCmaf(printable(type), offset, `size ${sizeBytes}, want ${headerBytes} to ${end - at}`);
  }
  return { type, start: at, payload: at + headerBytes, end: at + sizeBytes };
}

/**
 * Reads the boxes that stand side by side between two offsets, such as the children of a container.
 *
 * @throws {MediaError} `bad-cmaf` when one does not fit, or when there are more than 1,000
 */
export function readBoxes(source: BoxSource, from: number, end: number): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at < end; ) {
    const box = readBox(source, at, end);
    boxes.push(box);
    if (boxes.length > 1000)
      throw badCmaf(box.type, source.originBytes + at, 'more than 1000 boxes side by side');
    at = box.end;
  }
  return boxes;
}

/**
 * Reads the boxes that a container box consists of.
 *
 * @throws {MediaError} `bad-cmaf` when one does not fit, or when there are more than 1,000
 */
export function childrenOf(source: BoxSource, parent: Box): Box[] {
  return readBoxes(source, parent.payload, parent.end);
}

/**
 * Finds the only child of a type.
 *
 * @param parent for the message
 * @throws {MediaError} `bad-cmaf` when there is none, or more than one
 */
export function onlyChild(source: BoxSource, children: readonly Box[], type: string, parent: Box): Box {
  const found = children.filter((child) => child.type === type);
  const [first] = found;
  if (first === undefined || found.length > 1) {
    throw badCmaf(parent.type, source.originBytes + parent.start, `${found.length} ${type} boxes, want one`);
  }
  return first;
}
