import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Client } from 'minio';
import { s3Transport } from './s3-transport.ts';

/** How to reach an S3 server. */
export type S3ClientOptions = {
  /** `http://host:9000` or `https://…`, without a path. */
  readonly endpoint: string;
  /** Secret, as is the secret key: never in logs or errors. */
  readonly accessKey: string;
  readonly secretKey: string;
  readonly bucket: string;
  readonly region: string;
  /** How long a connection may be idle during a request, milliseconds; 10 s when left out. */
  readonly stallMs?: number;
};

const STALL_MS = 10_000;

/**
 * Requests to one bucket of an S3 server, path style, over connections that stay open. The `minio` library builds and signs
 * them, and is used nowhere else. Every method throws the server's error, see s3-error.ts; nothing is retried.
 *
 * Names are those in the bucket.
 */
export class S3Client {
  readonly #client: Client;
  readonly #bucket: string;
  readonly #region: string;
  readonly #destroyAgent: () => void;

  constructor({ endpoint, accessKey, secretKey, bucket, region, stallMs = STALL_MS }: S3ClientOptions) {
    const { protocol, hostname, port } = new URL(endpoint);
    const isSecure = protocol === 'https:';
    const { agent, request } = s3Transport(isSecure, stallMs);
    this.#bucket = bucket;
    this.#region = region;
    this.#destroyAgent = () => agent.destroy();
    this.#client = new Client({
      // The library takes an IPv6 address without its brackets.
      endPoint: hostname.replace(/^\[|\]$/g, ''),
      ...(port === '' ? {} : { port: Number(port) }),
      ...{ useSSL: isSecure, accessKey, secretKey, pathStyle: true },
      // With a region set, the library does not request it from the server.
      region,
      // The library's retries hide the server's error.
      retryOptions: { disableRetry: true },
      transport: { request },
      transportAgent: agent,
    });
  }

  /** Reads an object. */
  async get(name: string): Promise<Buffer> {
    return collect(await this.#client.getObject(this.#bucket, name));
  }

  /** Reads some bytes of an object. */
  async getRange(name: string, fromByte: number, lengthBytes: number): Promise<Buffer> {
    return collect(await this.#client.getPartialObject(this.#bucket, name, fromByte, lengthBytes));
  }

  /** Size of an object, in bytes. */
  async sizeOf(name: string): Promise<number> {
    return (await this.#client.statObject(this.#bucket, name)).size;
  }

  /** Sends bytes in one request. @param query `partNumber=…` or '' @returns the ETag, without quotes */
  async put(name: string, query: string, bytes: Buffer): Promise<string> {
    const request = { method: 'PUT', bucketName: this.#bucket, objectName: name, query };
    const { headers } = await this.#client.makeRequestAsyncOmit(request, bytes);
    return (headers.etag ?? '').replaceAll('"', '');
  }

  /** Deletes objects. @returns the server's answer for each, see `refusalOf` */
  async delete(names: readonly string[]): Promise<readonly unknown[]> {
    return this.#client.removeObjects(this.#bucket, [...names]);
  }

  /** Sends ListObjectsV2. @param query sorted by name, as the signature needs it @returns XML */
  async list(query: string): Promise<string> {
    const request = { method: 'GET', bucketName: this.#bucket, query };
    return (await collect(await this.#client.makeRequestAsync(request))).toString();
  }

  /** Begins an upload in parts. Never the library's own upload: that one continues any unfinished upload of the same name. */
  beginUpload(name: string): Promise<string> {
    return this.#client.initiateNewMultipartUpload(this.#bucket, name, {});
  }

  /** Ends an upload in parts: the object is there. */
  async completeUpload(
    name: string,
    upload: string,
    parts: { readonly part: number; readonly etag: string }[],
  ): Promise<void> {
    await this.#client.completeMultipartUpload(this.#bucket, name, upload, parts);
  }

  /** Gives up an upload in parts. */
  async abortUpload(name: string, upload: string): Promise<void> {
    await this.#client.abortMultipartUpload(this.#bucket, name, upload);
  }

  /** Makes the bucket. */
  async makeBucket(): Promise<void> {
    await this.#client.makeBucket(this.#bucket, this.#region);
  }

  /** Closes all connections. */
  close(): void {
    this.#destroyAgent();
  }
}

async function collect(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await finished(stream);
  return Buffer.concat(chunks);
}
