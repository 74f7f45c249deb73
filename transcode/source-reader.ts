import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { setTimeout as delay } from 'node:timers/promises';
import { FlvReader } from '../media/flv/flv-reader.ts';
import type { FlvTag } from '../media/flv/flv-tag.ts';
import { LINE_HEADER } from '../media/flv/line-tag.ts';
import { MediaError } from '../media/media-error.ts';
import { awakeMs } from '../shared/awake-time.ts';
import { describeError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';
import { backoffMs } from './backoff.ts';
import { TranscodeError } from './transcode-error.ts';

/**
 * How a source ended. `over`: the publisher stopped. `lost`: her connection broke, or ingest cannot be reached. `stopped`: by the
 * caller's signal.
 */
export type SourceEnd = 'over' | 'lost' | 'stopped';

/** What reading a source needs. */
export type SourceOptions = {
  readonly url: string;
  /** Whether the address was written by a role with the same secret: no other gets a token. */
  trusts(url: string): boolean;
  /** Gives a fresh token of role `worker`; called at each attempt. */
  token(): Promise<string>;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  /** A connection is open; it begins again with sequence headers and a keyframe. */
  onConnected(): void;
  onTag(tag: FlvTag): void;
};

/**
 * Ingest writes its clock twice a second, whatever its publisher does, so a source that is silent for this long is dead. An ingest
 * that was stopped for a while goes on where it stopped, and what waits in it would be lost with the connection. Milliseconds.
 */
const SILENCE_MS = 25_000;
/** How often silence is looked for, milliseconds. */
const LOOK_EVERY_MS = 1000;
/** Limit for the answer to the request, milliseconds. */
const ANSWER_MS = 15_000;
const MAX_ATTEMPTS = 5;

/**
 * Reads a broadcast from ingest to its end, over as many connections as that takes.
 *
 * The response distinguishes two ends: its body is complete when the publisher stopped, and cut off when her connection broke.
 * Because the connection to ingest may also have broken, the request is retried: a source that has ended answers 404 or 410.
 *
 * @throws {TranscodeError} `source-refused` when ingest rejects the token; `bad-job` for an address that is not trusted
 * @throws {TranscodeError} `internal` when `onTag` fails: another connection would bring the same tags
 * @throws {MediaError} `bad-flv` when the body is not FLV
 */
export async function readSource(options: SourceOptions): Promise<SourceEnd> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    if (options.signal.aborted) return 'stopped';
    try {
      const response = await open(options);
      const status = response.statusCode ?? 0;
      if (status === 200) {
        options.onConnected();
        await readBody(response, (tag) => {
          attempt = 0;
          take(tag, options);
        });
        return 'over';
      }
      response.destroy();
      if (status === 404 || status === 410) return 'lost';
      if (status === 401 || status === 403) {
        throw new TranscodeError(
          `source ${options.url} answered ${status}: do both roles have the same secret?`,
          {
            code: 'source-refused',
          },
        );
      }
      options.logger.warn({ status, attempt }, 'ingest did not deliver the source');
    } catch (error) {
      if (options.signal.aborted) return 'stopped';
      if (error instanceof TranscodeError || error instanceof MediaError) throw error;
      options.logger.warn({ attempt }, `the connection to the source broke: ${describeError(error)}`);
    }
    await delay(backoffMs(attempt, 100, 1000, Math.random()), undefined, { signal: options.signal }).catch(
      () => {},
    );
  }
  return options.signal.aborted ? 'stopped' : 'lost';
}

/** Gives a tag on. What fails here is no fault of the connection. */
function take(tag: FlvTag, { onTag, logger }: SourceOptions): void {
  try {
    onTag(tag);
  } catch (cause) {
    if (cause instanceof TranscodeError || cause instanceof MediaError) throw cause;
    const { kind, timestampMs } = tag;
    const stack = cause instanceof Error ? cause.stack : undefined;
    logger.error({ kind, timestampMs, stack }, 'a tag of the source could not be taken');
    throw new TranscodeError(`a ${kind} tag of the source, ${timestampMs} ms, could not be taken`, {
      ...{ code: 'internal', cause },
    });
  }
}

async function open(options: SourceOptions): Promise<IncomingMessage> {
  if (!options.trusts(options.url)) {
    throw new TranscodeError(
      `source ${options.url}: no role with this secret has queued it; do all roles have the same secret and version?`,
      { code: 'bad-job' },
    );
  }
  const get = options.url.startsWith('https:') ? httpsGet : httpGet;
  const token = await options.token();
  const request = get(options.url, {
    agent: false,
    headers: { authorization: `Bearer ${token}`, [LINE_HEADER]: 'yes' },
    signal: options.signal,
  });
  request.setNoDelay(true);
  const late = setTimeout(
    () => request.destroy(new Error(`ingest did not answer within ${ANSWER_MS / 1000} s`)),
    ANSWER_MS,
  );
  return new Promise<IncomingMessage>((resolve, reject) => {
    request.on('response', resolve);
    // After the response this reject has no effect; the reader of the body gets the error.
    request.on('error', reject);
  }).finally(() => clearTimeout(late));
}

/**
 * Reads a body to its end. By events, not as an async iterator: a source has some 70 small messages a second, and the
 * promises of an iterator cost more than what is done with each.
 *
 * @returns resolves when the body is complete and all its tags were taken; rejects when it is cut off, when it is not FLV, and
 *   with what `onTag` throws
 */
function readBody(response: IncomingMessage, onTag: SourceOptions['onTag']): Promise<void> {
  const parser = new FlvReader();
  let heardMs = awakeMs();
  const watch = setInterval(() => {
    if (awakeMs() - heardMs > SILENCE_MS)
      response.destroy(new Error(`nothing came for ${SILENCE_MS / 1000} s`));
  }, LOOK_EVERY_MS);
  return new Promise<void>((resolve, reject) => {
    response.on('data', (bytes: Buffer) => {
      heardMs = awakeMs();
      try {
        for (const tag of parser.push(bytes)) onTag(tag);
      } catch (error) {
        response.destroy();
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
    response.on('error', reject);
    response.on('end', () => (response.complete ? resolve() : reject(new Error('the body ended early'))));
    // After an end this has no effect.
    response.on('close', () => reject(new Error('the body ended early')));
  }).finally(() => clearInterval(watch));
}
