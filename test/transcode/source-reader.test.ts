import assert from 'node:assert/strict';
import { MediaError } from '../../media/media-error.ts';
import { writeFlvTag } from '../../media/flv/flv-writer.ts';
import { mintToken } from '../../shared/token.ts';
import { readSource } from '../../transcode/source-reader.ts';
import { TranscodeError } from '../../transcode/transcode-error.ts';
import { AVC_CONFIG } from '../ingest/support/media-bodies.ts';
import { RecordingLogger } from '../ingest/support/test-ingest.ts';
import { fakeSource } from './support/fake-source.ts';

const SECRET = 'a secret of this test, long enough';

/** Reads a source of one tag, whose taking fails. */
async function readFailing(fault: unknown) {
  const source = await fakeSource(SECRET, (response, connection) => {
    response.write(writeFlvTag('video', 40, AVC_CONFIG));
    if (connection > 1) response.end();
  });
  const logger = new RecordingLogger();
  try {
    const claims = { sub: 'transcode', name: 'transcode', channel: 'hall-7', role: 'worker' } as const;
    await readSource({
      ...{ url: source.url, logger, signal: new AbortController().signal },
      trusts: () => true,
      token: async () => mintToken(SECRET, { ...claims, exp: Math.floor(Date.now() / 1000) + 60 }),
      onConnected: () => {},
      onTag: () => {
        throw fault;
      },
    });
    return { logger, error: null, connections: source.connections() };
  } catch (error) {
    return { logger, error, connections: source.connections() };
  } finally {
    await source.close();
  }
}

describe('reading a source: a tag that cannot be taken', () => {
  it('ends the job with its cause and its stack, and is not read again', async () => {
    const fault = new TypeError('a bug');
    const { logger, error, connections } = await readFailing(fault);
    assert.ok(error instanceof TranscodeError);
    assert.deepEqual([error.code, error.cause, connections], ['internal', fault, 1]);
    assert.match(error.message, /a video tag of the source, 40 ms, could not be taken/);
    assert.match(
      logger.lines.join('\n'),
      /could not be taken.*"stack":"TypeError: a bug.*source-reader\.test/,
    );
  });

  it('keeps the error of media, and of transcoding', async () => {
    for (const fault of [
      new MediaError('x', { code: 'bad-flv' }),
      new TranscodeError('x', { code: 'ffmpeg-gave-up' }),
    ]) {
      const { error } = await readFailing(fault);
      assert.equal(error, fault);
      assert.ok(error instanceof TranscodeError || error instanceof MediaError);
    }
  });
});
