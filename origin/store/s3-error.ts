import type { ErrorCode } from '../../shared/error-codes.ts';
import { StoreError } from '../../shared/object-store.ts';

/** Longest text of a server's error that is retained, in characters. */
const MAX_REASON = 300;

/** The error for a failed operation; its code is one of docs/errors.md. */
type Outcome = { readonly code: ErrorCode; readonly status: number; readonly reason: string };

const DENIED: Outcome = {
  code: 'store-denied',
  status: 500,
  reason: 'the server refuses the access key or the region',
};
const FULL: Outcome = { code: 'store-full', status: 507, reason: 'the server has no space left' };
const NO_OBJECT: Outcome = { code: 'no-such-object', status: 404, reason: 'there is no such object' };
const NO_BUCKET: Outcome = { code: 'no-such-bucket', status: 500, reason: 'there is no such bucket' };
const CONFLICT: Outcome = { code: 'key-conflict', status: 500, reason: 'a key is the folder of another one' };
const UNAVAILABLE: Outcome = {
  code: 'store-unavailable',
  status: 503,
  reason: 'the server is not available now',
};

/** Error codes of S3, of MinIO and of versitygw. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  AccessDenied: DENIED,
  AuthorizationHeaderMalformed: DENIED,
  ExpiredToken: DENIED,
  InvalidAccessKeyId: DENIED,
  InvalidToken: DENIED,
  RequestTimeTooSkewed: DENIED,
  SignatureDoesNotMatch: DENIED,
  // The bucket is in another region than the configured one.
  IllegalLocationConstraintException: DENIED,
  InvalidRegion: DENIED,
  MovedPermanently: DENIED,
  PermanentRedirect: DENIED,
  TemporaryRedirect: DENIED,

  // 507 Insufficient Storage (RFC 4918 §11.5), from a server that gives no code.
  'HTTP 507': FULL,
  InsufficientStorage: FULL,
  QuotaExceeded: FULL,
  StorageFull: FULL,
  XMinioAdminBucketQuotaExceeded: FULL,
  XMinioStorageFull: FULL,

  NoSuchBucket: NO_BUCKET,
  NoSuchKey: NO_OBJECT,
  // The library's own code, for responses without a body, such as to HEAD.
  NotFound: NO_OBJECT,

  ExistingObjectIsDirectory: CONFLICT,
  ObjectParentIsFile: CONFLICT,
  XMinioObjectExistsAsDirectory: CONFLICT,
  XMinioParentIsObject: CONFLICT,
};

/** The error code of an S3 server, such as `NoSuchKey`; '' for none. */
export function s3Code(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/**
 * The error for one of many keys that should be deleted; null for none.
 *
 * @param entry as the S3 library gives it: an element Error, bare, or inside an object as its types have it
 */
export function refusalOf(entry: unknown): Error | null {
  if (typeof entry !== 'object' || entry === null) return null;
  if ('Error' in entry) return refusalOf(entry.Error);
  const [code, message] = ['Code' in entry ? entry.Code : '', 'Message' in entry ? entry.Message : ''].map(
    String,
  );
  return Object.assign(new Error(message), { code });
}

/**
 * Turns the error of an S3 request into a StoreError. Its cause has the server's message, shortened and without the access keys.
 *
 * @param place operation, key and endpoint
 * @param thrown whatever was caught
 * @param secrets words that are removed from messages
 */
export function fromS3(place: string, thrown: unknown, secrets: readonly string[]): StoreError {
  if (thrown instanceof StoreError) return thrown;
  const { code, status, reason } = OUTCOMES[s3Code(thrown)] ?? UNAVAILABLE;
  return new StoreError(`${place}: ${reason}`, { code, status, cause: new Error(said(thrown, secrets)) });
}

/** Code and message only: the error itself has fields of the request, which a log would print. */
function said(thrown: unknown, secrets: readonly string[]): string {
  const message = thrown instanceof Error ? thrown.message : '';
  const words = [s3Code(thrown), message].filter((word) => word !== '').join(': ') || 'no reason given';
  return secrets.reduce((text, secret) => text.replaceAll(secret, '(redacted)'), words).slice(0, MAX_REASON);
}
