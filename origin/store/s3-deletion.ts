import { forEachBounded } from '../../shared/for-each-bounded.ts';
import type { S3Client } from './s3-client.ts';
import { isAnswer, s3Code } from './s3-error.ts';

/** Most keys in one DeleteObjects request. */
const MANY_KEYS = 1000;
/** Single deletions at once. */
const SINGLE_AT_ONCE = 16;
/** Answers that say that the server has no DeleteObjects, for good. */
const NOT_KNOWN: ReadonlySet<string> = new Set(['MethodNotAllowed', 'NotImplemented']);
/** Answers that have nothing to do with how many objects one request names. */
const OF_ANY_REQUEST: ReadonlySet<string> = new Set([
  'ExpiredToken',
  'InvalidAccessKeyId',
  'NoSuchBucket',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
]);

/** Deletes objects: many with one request, and each with its own where the server knows no other way (Google, some appliances). */
export class S3Deletion {
  readonly #client: Pick<S3Client, 'deleteMany' | 'deleteOne'>;
  readonly #onSingle: () => void;
  #isSingle = false;

  /** @param onSingle called when the server refuses to delete many at once, and deletes each of them */
  constructor(client: Pick<S3Client, 'deleteMany' | 'deleteOne'>, onSingle: () => void = () => {}) {
    this.#client = client;
    this.#onSingle = onSingle;
  }

  /**
   * Deletes objects; a missing one is no error. One that the server refuses does not hold up the others.
   *
   * @param names any number
   * @throws the server's error: the first refusal, after all others were deleted; or what kept it from answering
   */
  async run(names: readonly string[]): Promise<void> {
    const refusals: unknown[] = [];
    for (let at = 0; at < names.length; at += MANY_KEYS) {
      const some = names.slice(at, at + MANY_KEYS);
      refusals.push(...(this.#isSingle ? await this.#each(some) : await this.#many(some)));
    }
    if (refusals.length > 0) throw refusals[0];
  }

  async #many(names: readonly string[]): Promise<readonly unknown[]> {
    try {
      return (await this.#client.deleteMany(names)).filter((refusal) => s3Code(refusal) !== 'NoSuchKey');
    } catch (error) {
      if (!isAnswer(error) || OF_ANY_REQUEST.has(s3Code(error))) throw error;
      const refusals = await this.#each(names);
      // A server that refuses single deletions, too, says more by its answer to many.
      if (refusals.length === names.length) throw error;
      this.#onSingle();
      if (NOT_KNOWN.has(s3Code(error))) this.#isSingle = true;
      return refusals;
    }
  }

  async #each(names: readonly string[]): Promise<readonly unknown[]> {
    const refusals: unknown[] = [];
    await forEachBounded(names, SINGLE_AT_ONCE, async (name) => {
      try {
        await this.#client.deleteOne(name);
      } catch (error) {
        if (!isAnswer(error)) throw error;
        if (!['NoSuchKey', 'NotFound'].includes(s3Code(error))) refusals.push(error);
      }
    });
    return refusals;
  }
}
