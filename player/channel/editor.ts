import { isRecord } from './checked.ts';

/**
 * Tells whether the holder of a token may change a channel's broadcasts. The server decides; this decides what is shown.
 *
 * @param token compact JWS, or null without one
 * @see RFC 7519 §4 (claims)
 */
export function mayEdit(token: string | null, channel: string): boolean {
  const claims = claimsOf(token ?? '');
  const isEditor = claims['role'] === 'teacher' || claims['role'] === 'operator';
  return isEditor && (claims['channel'] === '*' || claims['channel'] === channel);
}

function claimsOf(token: string): Record<string, unknown> {
  try {
    const body = (token.split('.')[1] ?? '').replaceAll('-', '+').replaceAll('_', '/');
    const bytes = Uint8Array.from(atob(body), (char) => char.codePointAt(0) ?? 0);
    const claims: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return isRecord(claims) ? claims : {};
  } catch {
    return {};
  }
}
