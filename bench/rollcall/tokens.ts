import { createHmac } from 'node:crypto';
import type { TokenRole } from '../../shared/token.ts';

const HEAD = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

/** What {@link quickToken} says of whom. */
export type QuickClaims = {
  readonly sub: string;
  readonly name: string;
  readonly channel: string;
  readonly role: TokenRole;
  /** Seconds since the epoch. */
  readonly exp: number;
};

/** Makes a token at once, and some twenty times as fast as a general library: 100,000 are wanted before a measurement. */
export function quickToken(secret: string, claims: QuickClaims): string {
  const body = `${HEAD}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}
