/** Cache-Control of parts, segments and init segments, which never change. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
const YEAR_S = 31_536_000;

/**
 * The value of Cache-Control for an answer.
 *
 * What a token has opened is not for others: no shared cache stores it, and a browser's own not for longer than the token is valid.
 *
 * @param privateForS see `Exchange`
 * @param maxAgeS how long the answer is right, in seconds; null for ever
 * @see RFC 9111 §5.2.2, RFC 8246 (immutable)
 */
export function cacheControl(privateForS: number | null, maxAgeS: number | null): string {
  if (privateForS === null) return maxAgeS === null ? IMMUTABLE : `public, max-age=${maxAgeS}`;
  if (privateForS <= 0) return 'no-store';
  const seconds = Math.max(0, Math.min(maxAgeS ?? YEAR_S, privateForS));
  return `private, max-age=${seconds}${maxAgeS === null ? ', immutable' : ''}`;
}
