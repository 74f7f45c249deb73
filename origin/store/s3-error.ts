import type { ErrorCode } from '../../shared/error-codes.ts';
import { StoreError } from '../../shared/object-store.ts';

/** Longest text of a server's error that is retained, in characters. */
const MAX_REASON = 300;

/** The error for a failed operation; its code is one of docs/errors.md. */
type Outcome = { readonly code: ErrorCode; readonly status: number; readonly reason: string };

/** What does not pass by itself. @param reason ends with what to change, where that is known */
const denied = (reason: string): Outcome => ({ code: 'store-denied', status: 500, reason });
/** What passes by itself. */
const unavailable = (reason: string): Outcome => ({ code: 'store-unavailable', status: 503, reason });

const UNAVAILABLE = unavailable('the server is not available now');
const REFUSED = denied('the server refuses the request');
const NO_RIGHT = denied('the access key may not do this');
const BAD_KEY = denied('the server refuses the access key: see store.s3.accessKey and store.s3.secretKey');
const REGION = denied(
  'the bucket is in another region, or at another address: see store.s3.region and endpoint',
);
const PATH_STYLE = denied('the server takes no bucket in the path: set store.s3.pathStyle to false');
const CLOCK = unavailable("this machine's clock is wrong: set it, best by NTP");
const FULL: Outcome = { code: 'store-full', status: 507, reason: 'the server has no space left' };
const NO_OBJECT: Outcome = { code: 'no-such-object', status: 404, reason: 'there is no such object' };
const NO_BUCKET: Outcome = { code: 'no-such-bucket', status: 500, reason: 'there is no such bucket' };
const CONFLICT: Outcome = { code: 'key-conflict', status: 500, reason: 'a key is the folder of another one' };

/** Error codes of S3, of MinIO and of versitygw. @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const OUTCOMES: Readonly<Record<string, Outcome>> = {
  AccessDenied: NO_RIGHT,
  ExpiredToken: denied('the access key has expired'),
  InvalidAccessKeyId: BAD_KEY,
  InvalidToken: BAD_KEY,
  SignatureDoesNotMatch: BAD_KEY,
  RequestTimeTooSkewed: CLOCK,
  // MinIO's words for the same.
  XMinioRequestTimeTooSkewed: CLOCK,

  AuthorizationHeaderMalformed: REGION,
  IllegalLocationConstraintException: REGION,
  InvalidRegion: REGION,
  MovedPermanently: REGION,
  PermanentRedirect: REGION,

  // Alibaba, Tencent, Volcengine.
  SecondLevelDomainForbidden: PATH_STYLE,
  PathStyleDomainForbidden: PATH_STYLE,
  InvalidPathAccess: PATH_STYLE,

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

/** Codes that come with a status of a client's error, and pass by themselves. */
const PASSING: ReadonlySet<string> = new Set([
  'BadDigest',
  'IncompleteBody',
  'InternalError',
  'NoSuchUpload',
  'OperationAborted',
  'RequestLimitExceeded',
  'RequestTimeout',
  'ServiceUnavailable',
  'SlowDown',
  // A bucket was made a moment ago, and its name is not known everywhere.
  'TemporaryRedirect',
  'Throttling',
  'TooManyRequests',
]);

/** The error code of an S3 server, such as `NoSuchKey`; '' for none. */
export function s3Code(error: unknown): string {
  if (typeof error !== 'object' || error === null || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}

/** Whether an error is the server's answer to a request that it has understood, not a fault on the way or of the server. */
export function isAnswer(error: unknown): boolean {
  return error instanceof Error && error.name === 'S3Error' && !PASSING.has(s3Code(error));
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
  const { code, status, reason } = outcomeOf(thrown);
  return new StoreError(`${place}: ${reason}`, { code, status, cause: new Error(said(thrown, secrets)) });
}

function outcomeOf(thrown: unknown): Outcome {
  const code = s3Code(thrown);
  // An answer without a code is that of something before the store.
  return OUTCOMES[code] ?? (code !== '' && isAnswer(thrown) ? REFUSED : UNAVAILABLE);
}

/** Code and message only: the error itself has fields of the request, which a log would print. */
function said(thrown: unknown, secrets: readonly string[]): string {
  const message = thrown instanceof Error ? thrown.message : '';
  const words = [s3Code(thrown), message, wantedBy(thrown)].filter((word) => word !== '').join(': ');
  const text = words === '' ? 'no reason given' : words;
  return secrets.reduce((safe, secret) => safe.replaceAll(secret, '(redacted)'), text).slice(0, MAX_REASON);
}

/** The region and address that the server names in its error; '' for none. */
function wantedBy(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return '';
  const region = textOf(thrown, 'region') || textOf(thrown, 'amzBucketRegion');
  const endpoint = textOf(thrown, 'endpoint');
  return [region && `its region is ${region}`, endpoint && `its address is ${endpoint}`]
    .filter((word) => word !== '')
    .join(', ');
}

function textOf(thrown: object, name: string): string {
  const value: unknown = Reflect.get(thrown, name);
  return typeof value === 'string' ? value : '';
}
