import type { S3Client } from './s3-client.ts';

/** A larger body is sent in parts of this size, in bytes; S3 requires 5 MiB at least. */
export const PART_BYTES = 8 * 1024 * 1024;
/** Parts of one body in flight at once. */
const PARTS_AT_ONCE = 4;

/**
 * Puts a large object in parts. It exists when this resolves; a failed upload leaves no object.
 *
 * @throws the server's error
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpuoverview.html
 */
export async function putInParts(client: S3Client, name: string, body: Buffer): Promise<void> {
  const upload = await client.beginUpload(name);
  try {
    const parts: { part: number; etag: string }[] = [];
    const count = Math.ceil(body.length / PART_BYTES);
    for (let first = 1; first <= count; first += PARTS_AT_ONCE) {
      const length = Math.min(PARTS_AT_ONCE, count - first + 1);
      const numbers = Array.from({ length }, (_, at) => first + at);
      const sent = await allOf(
        numbers.map(async (part) => {
          const query = `partNumber=${part}&uploadId=${encodeURIComponent(upload)}`;
          const bytes = body.subarray((part - 1) * PART_BYTES, part * PART_BYTES);
          return { part, etag: await client.put(name, query, bytes) };
        }),
      );
      parts.push(...sent);
    }
    await client.completeUpload(name, upload, parts);
  } catch (error) {
    // Parts that cannot be removed now are removed by the server's own rule for unfinished uploads.
    await client.abortUpload(name, upload).catch(() => {});
    throw error;
  }
}

/** Waits for all, also when one has failed: no part may arrive after its upload was aborted. */
async function allOf<T>(work: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
