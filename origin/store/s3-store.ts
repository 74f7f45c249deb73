import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Client } from 'minio';
import {
  badRange,
  checkKey,
  checkPrefix,
  checkRange,
  type ListedObject,
  type ObjectStore,
  StoreError,
  type StoredObject,
} from '../../shared/object-store.ts';
import { readListPage } from './list-page.ts';
import { fromS3, refusalOf, s3Code } from './s3-error.ts';
import { s3Transport } from './s3-transport.ts';

/** What an object store on an S3 server needs. */
export type S3StoreOptions = {
  /** `http://host:9000` or `https://…`, with nothing behind it. */
  readonly endpoint: string;
  /** Kept out of logs and errors, as is the secret one. */
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  /** Put before each key, with a '/' between them; '' for none. */
  readonly prefix: string;
  readonly region: string;
  /** How long a connection may stand still, milliseconds. */
  readonly stallMs?: number;
};

/** A larger body goes in parts of this size, in bytes; S3 wants 5 MiB at least. */
const PART_BYTES = 8 * 1024 * 1024;
/** Parts of one body that are under way at once. */
const PARTS_AT_ONCE = 4;
/** DeleteObjects takes no more keys at once. */
const DELETE_KEYS = 1000;
const STALL_MS = 10_000;

/**
 * Objects in a bucket of an S3 server: MinIO, versitygw, a cloud. Path style, connections kept open, nothing tried twice.
 *
 * The bucket is looked at before the first operation, and made when it is not there; until that has gone well it is tried
 * before each one.
 */
export class S3Store implements ObjectStore {
  readonly #client: Client;
  readonly #options: S3StoreOptions;
  readonly #prefix: string;
  readonly #letGo: () => void;
  #bucketChecked: Promise<void> | null = null;
  #closed = false;

  constructor(options: S3StoreOptions) {
    const { protocol, hostname, port } = new URL(options.endpoint);
    const isSecure = protocol === 'https:';
    const { agent, request } = s3Transport(isSecure, options.stallMs ?? STALL_MS);
    this.#options = options;
    this.#prefix = options.prefix === '' ? '' : `${options.prefix}/`;
    this.#letGo = () => agent.destroy();
    this.#client = new Client({
      // The library wants an IPv6 address without its brackets.
      endPoint: hostname.replace(/^\[|\]$/g, ''),
      ...(port === '' ? {} : { port: Number(port) }),
      useSSL: isSecure,
      accessKey: options.accessKey,
      secretKey: options.secretKey,
      // Named, it is not asked for with a request of its own.
      region: options.region,
      pathStyle: true,
      // Its own way of trying again loses what the server said.
      retryOptions: { disableRetry: true },
      transport: { request },
      transportAgent: agent,
    });
  }

  /**
   * Sees that the bucket is there and ours, and makes it when it is not there.
   *
   * @throws {StoreError} `store-denied` (500), `no-such-bucket` (500) when it is not there and may not be made,
   *   `store-unavailable` (503)
   */
  async check(): Promise<void> {
    this.#bucketChecked ??= this.#checkBucket().catch((error: unknown) => {
      this.#bucketChecked = null;
      throw error;
    });
    await this.#bucketChecked;
  }

  async put(key: string, body: Buffer): Promise<void> {
    checkKey(key);
    await this.#run('put', key, async () => {
      if (body.length <= PART_BYTES) await this.#send(key, '', body);
      else await this.#putInParts(key, body);
    });
  }

  async get(key: string): Promise<Buffer> {
    checkKey(key);
    return this.#run('get', key, async () =>
      collect(await this.#client.getObject(this.#options.bucket, this.#prefix + key)),
    );
  }

  async getRange(key: string, fromByte: number, toByte: number): Promise<Buffer> {
    checkKey(key);
    checkRange(key, fromByte, toByte);
    return this.#run('get', key, async () => {
      const wanted = toByte - fromByte + 1;
      try {
        const { bucket } = this.#options;
        const bytes = await collect(
          await this.#client.getPartialObject(bucket, this.#prefix + key, fromByte, wanted),
        );
        if (bytes.length <= wanted) return bytes;
      } catch (error) {
        if (s3Code(error) !== 'InvalidRange') throw error;
        throw badRange(key, fromByte, toByte, 'the object ends before them');
      }
      throw new Error(`more came than the ${wanted} bytes that were asked for`);
    });
  }

  async stat(key: string): Promise<StoredObject | null> {
    checkKey(key);
    return this.#run('stat', key, async () => {
      try {
        const { size } = await this.#client.statObject(this.#options.bucket, this.#prefix + key);
        return { key, sizeBytes: size };
      } catch (error) {
        if (['NotFound', 'NoSuchKey'].includes(s3Code(error))) return null;
        throw error;
      }
    });
  }

  async *list(prefix: string, options: { readonly after?: string } = {}): AsyncGenerator<ListedObject> {
    const { after = '' } = options;
    checkPrefix(prefix);
    checkPrefix(after);
    let query = queryOf({
      prefix: this.#prefix + prefix,
      'start-after': after === '' ? '' : this.#prefix + after,
    });
    for (;;) {
      const { objects, continuationToken } = await this.#run('list', prefix, async () => {
        const answer = await this.#client.makeRequestAsync({
          method: 'GET',
          bucketName: this.#options.bucket,
          query,
        });
        return readListPage((await collect(answer)).toString(), this.#prefix);
      });
      yield* objects;
      if (continuationToken === null) return;
      query = queryOf({ prefix: this.#prefix + prefix, 'continuation-token': continuationToken });
    }
  }

  async delete(keys: readonly string[]): Promise<void> {
    for (const key of keys) checkKey(key);
    for (let at = 0; at < keys.length; at += DELETE_KEYS) {
      const some = keys.slice(at, at + DELETE_KEYS).map((key) => this.#prefix + key);
      await this.#run('delete', keys[at] ?? '', async () => {
        const answers = await this.#client.removeObjects(this.#options.bucket, some);
        for (const answer of answers) {
          const refusal = refusalOf(answer);
          if (refusal !== null && s3Code(refusal) !== 'NoSuchKey') throw refusal;
        }
      });
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#letGo();
  }

  async #putInParts(key: string, body: Buffer): Promise<void> {
    const { bucket } = this.#options;
    const name = this.#prefix + key;
    // Not the library's own way, which goes on with any upload of this name that was not finished: of two at once, one
    // would get the other's parts.
    const upload = await this.#client.initiateNewMultipartUpload(bucket, name, {});
    try {
      const parts: { part: number; etag: string }[] = [];
      const count = Math.ceil(body.length / PART_BYTES);
      for (let first = 1; first <= count; first += PARTS_AT_ONCE) {
        const numbers = Array.from(
          { length: Math.min(PARTS_AT_ONCE, count - first + 1) },
          (_, at) => first + at,
        );
        const sent = await allOf(
          numbers.map(async (part) => {
            const query = `partNumber=${part}&uploadId=${encodeURIComponent(upload)}`;
            const bytes = body.subarray((part - 1) * PART_BYTES, part * PART_BYTES);
            return { part, etag: await this.#send(key, query, bytes) };
          }),
        );
        parts.push(...sent);
      }
      await this.#client.completeMultipartUpload(bucket, name, upload, parts);
    } catch (error) {
      // What cannot be taken back now, the server's own rule for unfinished uploads takes back later.
      await this.#client.abortMultipartUpload(bucket, name, upload).catch(() => {});
      throw error;
    }
  }

  /** Sends bytes in one request. @returns the ETag, without quotes */
  async #send(key: string, query: string, bytes: Buffer): Promise<string> {
    const { bucket } = this.#options;
    const request = { method: 'PUT', bucketName: bucket, objectName: this.#prefix + key, query };
    const { headers } = await this.#client.makeRequestAsyncOmit(request, bytes);
    return (headers.etag ?? '').replaceAll('"', '');
  }

  async #checkBucket(): Promise<void> {
    const { bucket, region } = this.#options;
    try {
      if (await this.#hasBucket()) return;
      try {
        await this.#client.makeBucket(bucket, region);
      } catch (error) {
        // Another process may have made it meanwhile.
        if (await this.#hasBucket()) return;
        const refusal = this.#error('open', '', error);
        if (refusal.code !== 'store-denied') throw refusal;
        throw new StoreError(
          `${this.#place('open', '')}: there is no such bucket, and our key may not make it`,
          {
            code: 'no-such-bucket',
            cause: refusal.cause,
          },
        );
      }
    } catch (error) {
      throw this.#error('open', '', error);
    }
  }

  /** Lists one name, and not `bucketExists`: a HEAD has no body, and so no reason why it was refused. */
  async #hasBucket(): Promise<boolean> {
    try {
      await this.#client.makeRequestAsyncOmit({
        method: 'GET',
        bucketName: this.#options.bucket,
        query: 'list-type=2&max-keys=1',
      });
      return true;
    } catch (error) {
      if (s3Code(error) === 'NoSuchBucket') return false;
      throw error;
    }
  }

  async #run<T>(operation: string, key: string, work: () => Promise<T>): Promise<T> {
    if (this.#closed) {
      throw this.#error(operation, key, new Error('the store is closed'));
    }
    await this.check();
    try {
      return await work();
    } catch (error) {
      throw this.#error(operation, key, error);
    }
  }

  #error(operation: string, key: string, thrown: unknown): StoreError {
    const { accessKey, secretKey } = this.#options;
    return fromS3(this.#place(operation, key), thrown, [secretKey, accessKey]);
  }

  #place(operation: string, key: string): string {
    const { endpoint, bucket } = this.#options;
    return `store ${endpoint}/${bucket}: ${operation} ${key}`.trimEnd();
  }
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await finished(stream);
  return Buffer.concat(chunks);
}

/** Waits for all, also when one has failed: what is still under way must not outlive its upload. */
async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}

/** The query of ListObjectsV2; its parameters are in order, as the signature wants them. */
function queryOf(wanted: Readonly<Record<string, string>>): string {
  const all = Object.entries({ ...wanted, 'list-type': '2', 'max-keys': '1000' }).filter(
    ([, value]) => value !== '',
  );
  return all
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .sort()
    .join('&');
}
