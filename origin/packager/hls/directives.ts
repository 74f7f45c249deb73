import type { ErrorCode } from '../../../shared/error-codes.ts';
import { AppError } from '../../../shared/errors.ts';

/** The delivery directives of a request for a media playlist (RFC 8216bis §6.2.5). */
export type Directives = {
  /** `_HLS_msn`: wait for this media sequence number; null when there is nothing to wait for. */
  readonly number: number | null;
  /** `_HLS_part`: wait for this part of it, zero-based; null for the whole segment. */
  readonly part: number | null;
  /** `_HLS_skip`: the client accepts a delta update. */
  readonly skip: boolean;
};

/** A delivery directive that is refused; status 400. */
export class DirectiveError extends AppError {
  constructor(code: ErrorCode, message: string) {
    super(message, { code, status: 400 });
  }
}

/** A million years of segments fit below it. */
const MAX_DIGITS_MSN = 15;
/** More parts than any segment has. */
const MAX_DIGITS_PART = 4;
const MAX_QUERY_LENGTH = 2048;

/**
 * Reads the delivery directives of a query. Other parameters are ignored, and so are `_HLS_` names that the draft
 * does not define. `_HLS_skip=v2` is answered as `YES`: CAN-SKIP-DATERANGES is not offered, and no date range is skipped.
 *
 * @param query with or without its question mark
 * @throws {DirectiveError} `part-without-msn`, `bad-directive` (not a number, unknown `_HLS_skip`, a directive given twice),
 *   `directive-too-large` (absurd number or query); all 400
 * @see RFC 8216bis §6.2.5
 */
export function parseDirectives(query: string): Directives {
  if (query.length > MAX_QUERY_LENGTH) {
    throw new DirectiveError(
      'directive-too-large',
      `query of ${query.length} characters: want ${MAX_QUERY_LENGTH} at most`,
    );
  }
  // The hot path: most requests have none, or come from players that percent-encode nothing.
  if (query === '' || query === '?') return NO_DIRECTIVES;
  const parameters = new URLSearchParams(query);
  const number = readNumber(parameters, '_HLS_msn', MAX_DIGITS_MSN);
  const part = readNumber(parameters, '_HLS_part', MAX_DIGITS_PART);
  const skip = readOnce(parameters, '_HLS_skip');
  if (skip !== null && skip !== 'YES' && skip !== 'v2') {
    throw new DirectiveError('bad-directive', `_HLS_skip=${shorten(skip)}: want YES or v2`);
  }
  // "the Server MUST return Bad Request" (§6.2.5.2).
  if (part !== null && number === null) {
    throw new DirectiveError('part-without-msn', `_HLS_part=${part}: want _HLS_msn with it`);
  }
  return { number, part, skip: skip !== null };
}

const NO_DIRECTIVES: Directives = { number: null, part: null, skip: false };

/**
 * Writes directives in a fixed order, as the key of caches and blocked requests: requests that get the same response have
 * the same key.
 *
 * @returns the sorted `_HLS_*` alone, `_HLS_msn=7&_HLS_part=2&_HLS_skip=YES`; '' for none
 */
export function canonicalQuery({ number, part, skip }: Directives): string {
  const parts: string[] = [];
  if (number !== null) parts.push(`_HLS_msn=${number}`);
  if (part !== null) parts.push(`_HLS_part=${part}`);
  if (skip) parts.push('_HLS_skip=YES');
  return parts.join('&');
}

function readNumber(parameters: URLSearchParams, name: string, maxDigits: number): number | null {
  const text = readOnce(parameters, name);
  if (text === null) return null;
  if (!/^\d+$/.test(text))
    throw new DirectiveError('bad-directive', `${name}=${shorten(text)}: want a decimal integer`);
  if (text.length > maxDigits) {
    throw new DirectiveError(
      'directive-too-large',
      `${name}=${shorten(text)}: want ${maxDigits} digits at most`,
    );
  }
  return Number(text);
}

function readOnce(parameters: URLSearchParams, name: string): string | null {
  const values = parameters.getAll(name);
  if (values.length > 1) throw new DirectiveError('bad-directive', `${name} is given ${values.length} times`);
  return values[0] ?? null;
}

function shorten(text: string): string {
  return JSON.stringify(text.slice(0, 40));
}
