/** JSON's own bytes. */
const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];

/** Bytes that are looked at in one step: about a millisecond. */
const STEP_BYTES = 1024 * 1024;

/** An attendance as bytes: what stands before the rows of its students, the rows, and what stands behind them. */
export type AttendanceRows = {
  readonly head: Buffer;
  /** One JSON value each; slices of the attendance. */
  readonly rows: readonly Buffer[];
  readonly tail: Buffer;
};

/**
 * Finds the rows of an attendance without parsing it: that of a city has 50 MiB, which would hold up live requests.
 *
 * @param json an object with an array `students`, as the roll call sends it
 * @returns steps, and at last the rows; null where there is no such array at the top
 */
export function* findRows(json: Buffer): Generator<void, AttendanceRows | null, undefined> {
  const rows: Buffer[] = [];
  let depth = 0;
  let [isString, keyFrom, key, headEnd, rowFrom] = [false, 0, '', -1, -1];
  for (let at = 0; at < json.length; at += 1) {
    if (at % STEP_BYTES === STEP_BYTES - 1) yield;
    const byte = json[at];
    if (isString) {
      if (byte === BACKSLASH) at += 1;
      else if (byte === QUOTE) {
        isString = false;
        if (depth === 1) key = json.toString('utf8', keyFrom, at);
      }
    } else if (byte === QUOTE) {
      isString = true;
      keyFrom = at + 1;
    } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) {
      depth += 1;
      if (depth === 2 && headEnd < 0 && byte === OPEN_BRACKET && key === 'students')
        headEnd = rowFrom = at + 1;
    } else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 1 && headEnd >= 0) {
        if (json.subarray(rowFrom, at).toString('utf8').trim() !== '') rows.push(json.subarray(rowFrom, at));
        return { head: json.subarray(0, headEnd), rows, tail: json.subarray(at) };
      }
    } else if (byte === COMMA && depth === 2 && headEnd >= 0) {
      rows.push(json.subarray(rowFrom, at));
      rowFrom = at + 1;
    }
  }
  return null;
}

/** Writes an attendance with some of its rows. */
export function joinRows({ head, tail }: AttendanceRows, rows: readonly Buffer[]): Buffer {
  const comma = Buffer.from(',');
  return Buffer.concat([head, ...rows.flatMap((row, at) => (at === 0 ? [row] : [comma, row])), tail]);
}
