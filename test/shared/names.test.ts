import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatFeedName, isChannelId, isTrackId, NameError, parseFeedName } from '../../shared/names.ts';

describe('names', () => {
  const channels = [
    { input: 'hall-7', want: true },
    { input: '7', want: true },
    { input: 'a'.repeat(64), want: true },
    { input: 'a'.repeat(65), want: false },
    { input: '', want: false },
    { input: 'Hall-7', want: false },
    { input: 'hall_7', want: false },
    { input: 'hall 7', want: false },
    { input: 'hall-7\n', want: false },
    { input: '..', want: false },
    { input: 'a/b', want: false },
    { input: 'héllo', want: false },
    { input: 'hall-7\0', want: false },
  ];
  for (const { input, want } of channels) {
    it(`${want ? 'takes' : 'refuses'} ${JSON.stringify(input.slice(0, 20))} as a channel id`, () => {
      assert.equal(isChannelId(input), want);
    });
  }

  it('bounds a track id at 32', () => {
    assert.equal(isTrackId('720p'), true);
    assert.equal(isTrackId('a'.repeat(32)), true);
    assert.equal(isTrackId('a'.repeat(33)), false);
    assert.equal(isTrackId('720P'), false);
  });

  const feeds = [
    { input: 'slate', want: { kind: 'slate', broadcast: '', twin: '' } },
    { input: 'live.b1', want: { kind: 'live', broadcast: 'b1', twin: '' } },
    { input: 'live.b1.a', want: { kind: 'live', broadcast: 'b1', twin: 'a' } },
  ];
  for (const { input, want } of feeds) {
    it(`reads the feed ${input}`, () => assert.deepEqual(parseFeedName(input), { id: input, ...want }));
  }

  for (const input of [
    '',
    '.',
    'live.',
    'live..a',
    'LIVE',
    'live1.b',
    'live.b.a.c',
    'live.b/..',
    'live.b\n',
  ]) {
    it(`refuses the feed ${JSON.stringify(input)} with its value`, () => {
      assert.throws(
        () => parseFeedName(input),
        (error) =>
          error instanceof NameError &&
          error.code === 'bad-feed-name' &&
          error.status === 400 &&
          error.message.includes(JSON.stringify(input)),
      );
    });
  }

  it('keeps a message short however long the name is', () => {
    assert.throws(
      () => parseFeedName('x'.repeat(100_000)),
      (error) => error instanceof NameError && error.message.length < 200,
    );
  });

  it('reads what it writes', () => {
    const kind = fc.stringMatching(/^[a-z]{1,16}$/);
    const broadcast = fc.stringMatching(/^[a-z0-9-]{1,64}$/);
    const twin = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    fc.assert(
      fc.property(kind, broadcast, fc.option(twin, { nil: '' }), (k, b, t) => {
        const { id: _id, ...parts } = parseFeedName(formatFeedName(k, b, t));
        assert.deepEqual(parts, { kind: k, broadcast: b, twin: t });
      }),
    );
  });

  it('never raises anything but a NameError', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        try {
          assert.equal(parseFeedName(text).id, text);
        } catch (error) {
          assert.ok(error instanceof NameError);
        }
      }),
    );
  });
});
