import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a job says of the source that a transcode worker is to read. */
export type ProvenSource = {
  readonly channel: string;
  readonly broadcast: string;
  readonly sourceUrl: string;
  /** See {@link sourceProof}. */
  readonly sourceProof: string;
};

/**
 * Proves that whoever made a job knows the secret: a worker sends its token to no address that another put into the queue.
 *
 * @returns an HMAC over the source (RFC 2104), base64url
 */
export function sourceProof(
  secret: string,
  { channel, broadcast, sourceUrl }: Omit<ProvenSource, 'sourceProof'>,
): string {
  const text = JSON.stringify(['lectern source', channel, broadcast, sourceUrl]);
  return createHmac('sha256', secret).update(text).digest('base64url');
}

/** Whether a job's source was written by a role with the same secret. */
export function isProvenSource(secret: string, source: ProvenSource): boolean {
  const want = Buffer.from(sourceProof(secret, source));
  const got = Buffer.from(source.sourceProof);
  return got.length === want.length && timingSafeEqual(got, want);
}
