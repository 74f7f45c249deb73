import { createHmac, timingSafeEqual } from 'node:crypto';
import { SignJWT } from 'jose';
import { AppError } from './errors.ts';

/**
 * Roles of token holders. `viewer` may play and read the library, and nothing else; `encoder` may push to /ingest, `worker` may
 * read sources from ingest.
 */
export const TOKEN_ROLES = ['viewer', 'student', 'teacher', 'operator', 'encoder', 'worker'] as const;
/** One of {@link TOKEN_ROLES}. */
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** The claims of a token (JWT, RFC 7519, HS256). */
export type TokenClaims = {
  /** Id of the student or teacher. */
  readonly sub: string;
  readonly name: string;
  /** Channel id, or '*' for all of them. */
  readonly channel: string;
  readonly role: TokenRole;
  /** Seconds since the epoch. */
  readonly exp: number;
};

/** A token that is missing, forged, expired or for something else. */
export class TokenError extends AppError {}

/**
 * Makes a signed token.
 *
 * @param secret the shared secret, at least 16 bytes
 * @returns compact JWS (RFC 7515 §7.1)
 */
export async function mintToken(secret: string, claims: TokenClaims): Promise<string> {
  return new SignJWT({ name: claims.name, channel: claims.channel, role: claims.role })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(claims.sub)
    .setExpirationTime(claims.exp)
    .sign(new TextEncoder().encode(secret));
}

/**
 * Checks a token's signature, form and expiry.
 *
 * Implemented with node:crypto because it runs in the handshake of every student: a general library takes thirty times as long.
 *
 * @param nowMs UTC in milliseconds
 * @throws {TokenError} `bad-token` (401) or `expired-token` (401)
 */
export function verifyToken(secret: string, token: string, nowMs: number): TokenClaims {
  const [head, body, signature, ...rest] = token.length <= 4096 ? token.split('.') : [];
  if (head === undefined || body === undefined || signature === undefined || rest.length > 0) {
    throw bad('want three parts, at most 4096 characters');
  }
  const want = createHmac('sha256', secret).update(`${head}.${body}`).digest();
  const got = Buffer.from(signature, 'base64url');
  if (got.length !== want.length || !timingSafeEqual(got, want)) throw bad('the signature does not match');
  // "alg" is checked although only one algorithm is ever computed: a token that names another one was not made by Lectern.
  if (parseJson(head, 'header')['alg'] !== 'HS256') throw bad('header alg: want HS256');
  const claims = parseJson(body, 'payload');
  const { name, channel, role, exp } = claims;
  const sub = readSub(claims['sub']);
  if (typeof name !== 'string') throw bad(`claim name: want text, got ${shown(name)}`);
  if (typeof channel !== 'string') throw bad(`claim channel: want text, got ${shown(channel)}`);
  const knownRole = TOKEN_ROLES.find((known) => known === role);
  if (knownRole === undefined)
    throw bad(`claim role: want one of ${TOKEN_ROLES.join(', ')}, got ${shown(role)}`);
  if (typeof exp !== 'number' || !Number.isFinite(exp)) {
    throw bad(`claim exp: want seconds since the epoch as a number, got ${shown(exp)}`);
  }
  if (exp * 1000 <= nowMs)
    throw new TokenError(`token expired at ${exp}`, { code: 'expired-token', status: 401 });
  return { sub, name, channel, role: knownRole, exp };
}

/**
 * Finds the token of a request and checks that it allows something.
 *
 * @param authorization the Authorization header; `Bearer …`
 * @param channel the channel that is asked for; null for all of them
 * @param roles those that are allowed
 * @throws {TokenError} 401 without a valid token, `forbidden` (403) for another channel or role
 */
export function authorize(
  secret: string,
  authorization: string | undefined,
  channel: string | null,
  roles: readonly TokenRole[],
  nowMs: number,
): TokenClaims {
  const claims = verifyToken(secret, bearerToken(authorization), nowMs);
  if (!isForChannel(claims, channel) || !roles.includes(claims.role)) {
    throw new TokenError(
      `a token for ${claims.role} of ${JSON.stringify(claims.channel)} does not allow this`,
      {
        code: 'forbidden',
        status: 403,
      },
    );
  }
  return claims;
}

/**
 * Reads the token of an Authorization header.
 *
 * @param authorization `Bearer …`
 * @throws {TokenError} `no-token` (401)
 * @see RFC 6750 §2.1
 */
export function bearerToken(authorization: string | undefined): string {
  if (authorization !== undefined && /^Bearer /i.test(authorization)) {
    return authorization.slice('Bearer '.length).trim();
  }
  throw new TokenError('want an Authorization header: Bearer token', { code: 'no-token', status: 401 });
}

/**
 * Tells whether a token is for a channel.
 *
 * @param channel null for all of them
 */
export function isForChannel(claims: Pick<TokenClaims, 'channel'>, channel: string | null): boolean {
  return claims.channel === '*' || claims.channel === channel;
}

/** Longest `sub`, UTF-16 code units (OpenID Connect Core §2). */
export const SUB_LENGTH = 255;

/**
 * Reads the claim `sub`. A whole number is taken as its digits, since many school systems number their students. One beyond
 * 2^53 - 1 is refused: its last digits are lost as soon as JSON is parsed.
 */
function readSub(sub: unknown): string {
  if (typeof sub === 'number') {
    if (Number.isSafeInteger(sub) && sub >= 0) return String(sub);
    throw bad(`claim sub: ${sub} is not exact as a number; put it in quotes`);
  }
  if (typeof sub !== 'string') throw bad(`claim sub: want text, got ${shown(sub)}`);
  const fault = subFault(sub);
  if (fault !== null) throw bad(`claim sub: ${fault}`);
  return sub;
}

/** Why no token with a `sub` is taken, in English; null where it is. */
export function subFault(sub: string): string | null {
  if (sub.trim() === '') return 'is empty';
  if (sub.length > SUB_LENGTH) return `${sub.length} characters, want at most ${SUB_LENGTH}`;
  return NOT_IN_SUB.test(sub) ? 'has a control character' : null;
}

/** C0 and C1 controls, line separators, directional overrides and isolates. */
const NOT_IN_SUB = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;

/** A claim in an error: short, and never more than its beginning. */
function shown(value: unknown): string {
  return value === undefined ? 'nothing' : (JSON.stringify(value) ?? 'nothing').slice(0, 40);
}

function bad(why: string): TokenError {
  return new TokenError(`token: ${why}`, { code: 'bad-token', status: 401 });
}

function parseJson(part: string, place: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Falls through to the error for anything that is not an object.
  }
  throw bad(`the ${place} is not a JSON object`);
}
