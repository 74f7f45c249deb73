import { StoreError } from '../../shared/object-store.ts';
import type { S3Client } from './s3-client.ts';
import { s3Code } from './s3-error.ts';
import type { S3Listing } from './s3-listing.ts';

/** Whether the bucket exists: checked once, and again after a failure. A missing bucket is created. */
export class S3Bucket {
  readonly #client: S3Client;
  readonly #listing: S3Listing;
  readonly #errorOf: (thrown: unknown) => StoreError;
  readonly #place: string;
  #checked: Promise<void> | null = null;

  /**
   * @param place names the bucket in errors
   * @param errorOf turns the server's error into a StoreError
   */
  constructor(client: S3Client, listing: S3Listing, place: string, errorOf: (thrown: unknown) => StoreError) {
    this.#client = client;
    this.#listing = listing;
    this.#place = place;
    this.#errorOf = errorOf;
  }

  /**
   * Checks that the bucket exists, and creates it when it does not.
   *
   * @throws {StoreError} `store-denied` (500), `no-such-bucket` (500) when it may not be created, `store-unavailable` (503)
   */
  async check(): Promise<void> {
    this.#checked ??= this.#ensure().catch((error: unknown) => {
      this.#checked = null;
      throw this.#errorOf(error);
    });
    await this.#checked;
  }

  async #ensure(): Promise<void> {
    if (await this.#exists()) return;
    try {
      await this.#client.makeBucket();
    } catch (error) {
      // Another process may have created it meanwhile.
      if (await this.#exists()) return;
      const refusal = this.#errorOf(error);
      if (refusal.code !== 'store-denied') throw refusal;
      throw new StoreError(
        `${this.#place}: the bucket does not exist, and the access key may not create it`,
        {
          code: 'no-such-bucket',
          cause: refusal.cause,
        },
      );
    }
  }

  /** Lists one name. A HEAD request has no body, so it does not say why it was refused. */
  async #exists(): Promise<boolean> {
    try {
      await this.#listing.probe();
      return true;
    } catch (error) {
      if (s3Code(error) === 'NoSuchBucket') return false;
      throw error;
    }
  }
}
