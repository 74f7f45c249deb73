import { createHmac } from 'node:crypto';
import type { TokenClaims } from '../../shared/token.ts';

const HEAD = Buffer.from('{"alg":"HS256","typ":"JWT"}').toString('base64url');

/** Makes a token at once, and some twenty times as fast as a general library: 100,000 are wanted before a measurement. */
export function quickToken(secret: string, claims: TokenClaims): string {
  const body = `${HEAD}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}`;
  return `${body}.${createHmac('sha256', secret).update(body).digest('base64url')}`;
}
