import assert from 'node:assert/strict';
import fc from 'fast-check';
import { keyMatches, parsePublishName } from '../../../ingest/publish/publish-key.ts';

const KEY = 'ab/cd+ef==';

describe('ingest: channel and key of a publish', () => {
  const table: { name: string; app?: string; stream: string; tcUrl?: string; key?: string }[] = [
    { name: 'as documented', stream: `hall-7?key=${KEY}` },
    { name: 'percent-encoded key', stream: `hall-7?key=${encodeURIComponent(KEY)}` },
    { name: 'all of it percent-encoded', stream: encodeURIComponent(`hall-7?key=${KEY}`) },
    { name: 'more parameters behind it', stream: `hall-7?key=${encodeURIComponent(KEY)}&session=4` },
    { name: 'more parameters before it', stream: `hall-7?session=4&key=${KEY}` },
    { name: 'a key with an ampersand', stream: 'hall-7?key=a&b=c', key: 'a&b=c' },
    { name: 'a key with a space, written as +', stream: 'hall-7?key=my+long+key', key: 'my long key' },
    { name: 'a key with a question mark', stream: 'hall-7?key=who?me', key: 'who?me' },
    { name: 'a key that ends with a slash', stream: 'hall-7?key=abcd/', key: 'abcd/' },
    { name: 'a key with letters beyond ASCII', stream: 'hall-7?key=clé-密钥', key: 'clé-密钥' },
    { name: 'a key cut at its slash by the encoder', app: 'live/hall-7?key=ab', stream: 'cd+ef==' },
    { name: 'a URL cut at its last slash', app: 'live/hall-7?key=ab', stream: 'cd+ef==' },
    { name: 'all in the app, no stream name', app: `live/hall-7?key=${KEY}`, stream: '' },
    { name: 'all in the stream name, with the app again', stream: `live/hall-7?key=${KEY}` },
    { name: 'a whole URL for the stream name', stream: `rtmp://school.example:1935/live/hall-7?key=${KEY}` },
    { name: 'the key behind the app', app: `live?key=${KEY}`, stream: 'hall-7' },
    { name: 'the key behind the app, with a slash', app: `live/?key=${KEY}`, stream: 'hall-7' },
    { name: 'the key in tcUrl alone', stream: 'hall-7', tcUrl: `rtmp://h/live?key=${KEY}` },
    { name: 'a slash before the name', stream: `/hall-7?key=${KEY}` },
    { name: 'a slash behind the key', stream: `hall-7?key=${KEY}/` },
    { name: 'slashes behind the name', stream: `hall-7/?key=${KEY}` },
    { name: 'a slash before the app', app: '/live', stream: `hall-7?key=${KEY}` },
    { name: 'slashes behind the app', app: 'live//', stream: `//hall-7?key=${KEY}` },
    { name: 'an instance', app: 'live/_definst_', stream: `hall-7?key=${KEY}` },
    { name: 'an instance of any name', app: 'live/room', stream: `hall-7?key=${KEY}` },
    { name: 'a prefix of Flash', stream: `mp4:hall-7?key=${KEY}` },
    { name: 'a capital of the app', app: 'Live', stream: `hall-7?key=${KEY}` },
    { name: 'capitals', stream: `Hall-7?key=${KEY}` },
    { name: 'spaces and a line end around it', stream: ` hall-7?key=${KEY}\r\n` },
  ];
  for (const { name, app = 'live', stream, tcUrl = '', key = KEY } of table) {
    it(`${name}: understood`, () => {
      const parsed = parsePublishName({ app, streamName: stream, tcUrl });
      assert.equal(parsed.app, 'live');
      assert.ok(parsed.channels.includes('hall-7'), parsed.channels.join(' '));
      assert.ok(keyMatches(parsed.keys, key));
      assert.ok(!keyMatches(parsed.keys, `${key}x`));
    });
  }

  it('no channel and no key is made up', () => {
    const none = [
      { app: 'live', streamName: '', tcUrl: '' },
      { app: '', streamName: '', tcUrl: '' },
      { app: 'live', streamName: '///', tcUrl: 'rtmp://h/live' },
    ];
    for (const request of none) {
      const { channels, keys } = parsePublishName(request);
      assert.deepEqual({ channels, keys }, { channels: [], keys: [] });
    }
    assert.deepEqual(parsePublishName({ app: 'vod', streamName: 'hall-7?key=a', tcUrl: '' }).app, 'vod');
  });

  it('any key is found in its own link, as it is and percent-encoded', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 4, maxLength: 40 }), (key) => {
        for (const given of [key, encodeURIComponent(key)]) {
          const { keys } = parsePublishName({ app: 'live', streamName: `hall-7?key=${given}`, tcUrl: '' });
          // A line end at either end is no part of a pasted key.
          assert.ok(keyMatches(keys, key) || keyMatches(keys, key.trim()));
        }
      }),
    );
  });

  it('any bytes are read in bounded time and give few readings', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.string({ maxLength: 300 }), (app, streamName) => {
        const { channels, keys } = parsePublishName({ app, streamName, tcUrl: app });
        assert.ok(channels.length <= 4 && keys.length <= 126);
      }),
    );
  });
});
