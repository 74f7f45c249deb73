import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { Client } from 'minio';
import { errorIn, refusalsIn } from './s3-xml.ts';
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
  /** True, or left out: `http://host/bucket/key`. False: `http://bucket.host/key`, virtual-host style. */
  readonly pathStyle?: boolean;
  /** How long a connection may be idle during a request, milliseconds; 10 s when left out. */
  readonly stallMs?: number;
};

const STALL_MS = 10_000;

/**
 * Requests to one bucket of an S3 server, over connections that stay open. The `minio` library builds and signs
 * them, and is used nowhere else. Every method throws the server's error, see s3-error.ts; nothing is retried.
 *
 * Names are those in the bucket.
 */
export class S3Client {
  readonly #client: Client;
  readonly #bucket: string;
  readonly #region: string;
  readonly #destroyAgent: () => void;

  constructor(options: S3ClientOptions) {
    const { endpoint, accessKey, secretKey, bucket, region, pathStyle = true, stallMs = STALL_MS } = options;
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
      ...{ useSSL: isSecure, accessKey, secretKey, pathStyle },
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

  /**
   * Reads some bytes of an object. "A server MAY ignore the Range header field" (RFC 9110 §14.2), and caches before it do: the whole
   * object is cut then, which the library takes for the range.
   */
  async getRange(name: string, fromByte: number, lengthBytes: number): Promise<Buffer> {
    const headers = { range: `bytes=${fromByte}-${fromByte + lengthBytes - 1}` };
    const request = { method: 'GET', bucketName: this.#bucket, objectName: name, headers };
    const answer = await this.#client.makeRequestAsync(request, '', [200, 206]);
    const bytes = await collect(answer);
    if (answer.statusCode === 206) {
      const range = answer.headers['content-range'] ?? '';
      if (range !== '' && !range.startsWith(`bytes ${fromByte}-`))
        throw new Error(`the server sent ${range}`);
      return bytes;
    }
    if (fromByte >= bytes.length)
      throw Object.assign(new Error('the object ends before'), { code: 'InvalidRange' });
    return bytes.subarray(fromByte, fromByte + lengthBytes);
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

  /**
   * Sends DeleteObjects, for names that XML does not escape. Not with the library's own: it believes any answer.
   *
   * @param names 1000 at most
   * @returns an error for each object that the server refuses to delete
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
   */
  async deleteMany(names: readonly string[]): Promise<readonly Error[]> {
    const objects = names.map((name) => `<Object><Key>${name}</Key></Object>`).join('');
    const body = Buffer.from(`<Delete><Quiet>true</Quiet>${objects}</Delete>`);
    const headers = { 'Content-MD5': createHash('md5').update(body).digest('base64') };
    const request = { method: 'POST', bucketName: this.#bucket, query: 'delete', headers };
    return refusalsIn((await collect(await this.#client.makeRequestAsync(request, body))).toString());
  }

  /** Deletes one object. */
  async deleteOne(name: string): Promise<void> {
    await this.#client.removeObject(this.#bucket, name);
  }

  /** Sends ListObjectsV2, or ListObjects. @param query sorted by name, as the signature needs it @returns XML */
  async list(query: string): Promise<string> {
    const request = { method: 'GET', bucketName: this.#bucket, query };
    return (await collect(await this.#client.makeRequestAsync(request))).toString();
  }

  /** Begins an upload in parts. Never the library's own upload: that one continues any unfinished upload of the same name. */
  beginUpload(name: string): Promise<string> {
    return this.#client.initiateNewMultipartUpload(this.#bucket, name, {});
  }

  /**
   * Ends an upload in parts: the object is there. Not with the library's own, which needs members of the answer that some servers
   * leave out.
   *
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html
   */
  async completeUpload(
    name: string,
    upload: string,
    parts: { readonly part: number; readonly etag: string }[],
  ): Promise<void> {
    const list = parts.map(
      ({ part, etag }) => `<Part><PartNumber>${part}</PartNumber><ETag>"${etag}"</ETag></Part>`,
    );
    const body = `<CompleteMultipartUpload>${list.join('')}</CompleteMultipartUpload>`;
    const query = `uploadId=${encodeURIComponent(upload)}`;
    const request = { method: 'POST', bucketName: this.#bucket, objectName: name, query };
    const answer = (await collect(await this.#client.makeRequestAsync(request, body))).toString();
    // It may fail after the status was sent.
    const error = errorIn(answer);
    if (error !== null) throw error;
    if (!answer.includes('<CompleteMultipartUploadResult')) throw new Error('the answer completes no upload');
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
