import { isRecord } from '../channel/checked.ts';

/** What a token says about its holder. Nothing of it is checked here: the server decides, this decides what is shown. */
export type Claims = {
  /** '' where the token names nobody. */
  readonly name: string;
  /** `student`, `teacher`, …; '' where it is not readable. */
  readonly role: string;
  /** Channel id, `*` for all; '' where it is not readable. */
  readonly channel: string;
  /** When it expires, UTC milliseconds; null where it does not say. */
  readonly expiresMs: number | null;
};

/**
 * Reads the claims of a token.
 *
 * @param token compact JWS, or null without one
 * @see RFC 7519 §4
 */
export function claimsOf(token: string | null): Claims {
  const { name, role, channel, exp } = payloadOf(token ?? '');
  const text = (value: unknown): string => (typeof value === 'string' ? value : '');
  return {
    name: text(name),
    role: text(role),
    channel: text(channel),
    expiresMs: typeof exp === 'number' ? exp * 1000 : null,
  };
}

/**
 * Tells whether the holder of a token may change a channel's broadcasts.
 *
 * @param token compact JWS, or null without one
 */
export function mayEdit(token: string | null, channel: string): boolean {
  const claims = claimsOf(token);
  const isEditor = claims.role === 'teacher' || claims.role === 'operator';
  return isEditor && (claims.channel === '*' || claims.channel === channel);
}

function payloadOf(token: string): Record<string, unknown> {
  try {
    const body = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(body), (char) => char.codePointAt(0) ?? 0);
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(claims) ? claims : {};
  } catch {
    return {};
  }
}
