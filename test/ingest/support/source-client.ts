import { request, type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { FlvReader } from '../../../media/flv/flv-reader.ts';
import type { FlvTag } from '../../../media/flv/flv-tag.ts';

/** Reads a source as a transcode worker does, and keeps what it got. */
export class SourceClient {
  readonly #response: IncomingMessage;
  readonly #waiting = new Set<() => void>();
  #chunks: Buffer[] = [];
  #receivedBytes = 0;
  #outcome: 'reading' | 'over' | 'broken' = 'reading';

  private constructor(response: IncomingMessage) {
    this.#response = response;
    response.on('data', (bytes: Buffer) => {
      this.#chunks.push(bytes);
      this.#receivedBytes += bytes.length;
      this.#wake();
    });
    response.on('error', () => {});
    response.on('close', () => {
      this.#outcome = response.complete ? 'over' : 'broken';
      this.#wake();
    });
  }

  /** Opens a source; resolves when the response begins. */
  static async open(
    url: string,
    authorization: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<SourceClient> {
    const outgoing = request(url, { headers: { ...headers, authorization }, agent: false });
    outgoing.end();
    const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
    return new SourceClient(response);
  }

  get statusCode(): number {
    return this.#response.statusCode ?? 0;
  }

  /** How much has come so far. */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /** Everything so far. */
  get bytes(): Buffer {
    const bytes = Buffer.concat(this.#chunks);
    this.#chunks = [bytes];
    return bytes;
  }

  /** The whole tags so far. */
  tags(): readonly FlvTag[] {
    return new FlvReader().push(this.bytes);
  }

  /** Resolves when what was read fits. */
  async until(fits: (client: SourceClient) => boolean): Promise<void> {
    while (!fits(this)) {
      if (this.#outcome !== 'reading')
        throw new Error(`the source is ${this.#outcome} before what was waited for`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** How the body ended: properly, or broken off. */
  async outcome(): Promise<'over' | 'broken'> {
    while (this.#outcome === 'reading') await new Promise<void>((resolve) => this.#waiting.add(resolve));
    return this.#outcome;
  }

  close(): void {
    this.#response.destroy();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}
