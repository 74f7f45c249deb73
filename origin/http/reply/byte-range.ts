/** The bytes that a Range header asks for, both ends inclusive. */
export type ByteRange = { readonly from: number; readonly to: number };

/**
 * Reads a Range header (RFC 9110 §14.1.2). Several ranges, other units and malformed values are ignored, as §14.2 allows.
 *
 * @param sizeBytes size of the whole
 * @returns null when the whole is to be sent; 'unsatisfiable' for 416
 */
export function parseRange(
  header: string | undefined,
  sizeBytes: number,
): ByteRange | 'unsatisfiable' | null {
  if (header === undefined) return null;
  const match = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header);
  if (match === null) return null;
  const [, first = '', last = ''] = match;
  if (first === '' && last === '') return null;
  if (first === '') {
    const count = Math.min(Number(last), sizeBytes);
    return count === 0 ? 'unsatisfiable' : { from: sizeBytes - count, to: sizeBytes - 1 };
  }
  const from = Number(first);
  const to = last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1);
  if (last !== '' && Number(last) < from) return null;
  return from >= sizeBytes ? 'unsatisfiable' : { from, to };
}

/**
 * Cuts a range out of bytes that come in pieces.
 *
 * @returns views of the pieces; nothing is copied
 */
export function sliceRange(pieces: readonly Buffer[], range: ByteRange): Buffer[] {
  const taken: Buffer[] = [];
  let start = 0;
  for (const piece of pieces) {
    const from = Math.max(range.from - start, 0);
    const to = Math.min(range.to + 1 - start, piece.length);
    if (from < to) taken.push(piece.subarray(from, to));
    start += piece.length;
  }
  return taken;
}
