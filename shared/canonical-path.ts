/** Capitals, escapes, doubled slashes and a slash at the end: no path of ours has them. */
const SUSPECT = /[A-Z%]|\/\/|.\/$/;
/** Nothing else is redirected to: a browser would read `/\host` as another site. */
const SAFE = /^\/[A-Za-z0-9._~/-]*$/;
/** What stands behind the channel in the API may be a name of the school's own: `S-01` and `s-01` are two students. */
const IN_CHANNEL = /^(\/api\/[^/]+\/[^/]+\/)(.*)$/i;
/** A token, and the names of built files, which carry a hash, have capitals of their own. */
const PREFIX = /^\/+t\/+([A-Za-z0-9._-]+)(\/.*)$/i;
const UNTOUCHED = /^\/+(assets|t)\//i;

/**
 * The address that somebody meant who typed it as it stood on the blackboard, or whose phone made its first letter large:
 * `/Watch//Hall-7/` is `/watch/hall-7`.
 *
 * @param url path and query of a request
 * @returns path and query; null where they are right, or nobody can tell what was meant. The query is never changed
 */
export function canonicalUrl(url: string): string | null {
  const queryAt = url.indexOf('?');
  const path = queryAt < 0 ? url : url.slice(0, queryAt);
  const [, token, behind = path] = PREFIX.exec(path) ?? [];
  if (!SUSPECT.test(behind) && !path.startsWith('//')) return null;
  if (UNTOUCHED.test(behind)) return null;
  const bare = lowerCase(decodeUnreserved(behind).replaceAll(/\/{2,}/g, '/'));
  const right = bare.length > 1 && bare.endsWith('/') ? bare.slice(0, -1) : bare;
  if (!SAFE.test(right)) return null;
  const whole = token === undefined ? right : `/t/${token}${right}`;
  return whole === path ? null : whole + (queryAt < 0 ? '' : url.slice(queryAt));
}

/** The names in addresses are lower case, but for those behind a channel of the API. */
function lowerCase(path: string): string {
  const [, front = path, ids = ''] = IN_CHANNEL.exec(path) ?? [];
  return front.toLowerCase() + ids;
}

/** Decodes what needs no escape (RFC 3986 §2.3): "URIs that differ in the replacement … are equivalent". */
function decodeUnreserved(path: string): string {
  return path.replaceAll(/%([0-9a-f]{2})/gi, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return /[A-Za-z0-9._~-]/.test(character) ? character : escape;
  });
}
