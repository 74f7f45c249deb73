import assert from 'node:assert/strict';
import { readCommand } from '../../../ingest/rtmp/rtmp-command.ts';
import { amfNumber, amfObject, amfString, chunked, command } from '../support/rtmp-client.ts';
import { type Asked, CONNECT, connected, Peer } from '../support/rtmp-peer.ts';

const NULL = Buffer.of(5);
const status = (code: string, description: string) => ({ level: 'status', code, description });
describe('ingest: answers to RTMP commands (RTMP 1.0 §7.2)', () => {
  it('§7.2.1.1 connect: windows, chunk size and StreamBegin come before the answer', () => {
    const said = new Peer().send(CONNECT);
    assert.deepEqual(
      said.map(({ type }) => type),
      [5, 6, 1, 4, 20],
    );
    assert.equal(said[3]?.body.toString('hex'), '000000000000');
    assert.deepEqual(readCommand(said[4]?.body ?? Buffer.alloc(0)).args, [
      {
        level: 'status',
        code: 'NetConnection.Connect.Success',
        description: 'Connection succeeded.',
        objectEncoding: 0,
      },
    ]);
  });

  const asking = ['fourCcList', 'videoFourCcInfoMap', 'audioFourCcInfoMap', 'capsEx'];
  for (const field of asking) {
    it(`Enhanced RTMP v2: a client that says ${field} is told the codecs that are decoded`, () => {
      const properties = (undecodable: readonly string[]): unknown => {
        const fields = [
          ['app', 'live'],
          [field, 'x'],
        ] as const;
        const [answer] = new Peer(undecodable).calls(command('connect', 1, amfObject(fields)));
        return answer?.[2];
      };
      const audioFourCcInfoMap = { mp4a: 1, Opus: 1, fLaC: 1, 'ac-3': 1, 'ec-3': 1, '.mp3': 1 };
      const always = { fmsVer: 'FMS/3,0,1,123', capabilities: 31, capsEx: 6 };
      assert.deepEqual(properties([]), {
        ...{ ...always, audioFourCcInfoMap },
        videoFourCcInfoMap: { avc1: 1, hvc1: 1, av01: 1 },
      });
      assert.deepEqual(properties(['av1', 'opus', 'flac', 'ac3', 'eac3']), {
        ...{ ...always, audioFourCcInfoMap: { mp4a: 1, '.mp3': 1 } },
        videoFourCcInfoMap: { avc1: 1, hvc1: 1 },
      });
    });
  }

  it('a client that does not is told nothing that it does not know', () => {
    const [answer] = new Peer().calls(CONNECT);
    assert.deepEqual(answer?.[2], { fmsVer: 'FMS/3,0,1,123', capabilities: 31 });
  });

  const answers: { name: string; bytes: Buffer; want: unknown[][] }[] = [
    {
      name: 'releaseStream',
      bytes: command('releaseStream', 2, NULL, amfString('hall-7')),
      want: [['_result', 2, null, undefined]],
    },
    {
      name: 'FCPublish',
      bytes: command('FCPublish', 3, NULL, amfString('hall-7')),
      want: [
        ['_result', 3, null, undefined],
        ['onFCPublish', 0, null, status('NetStream.Publish.Start', 'FCPublish received: publish now.')],
      ],
    },
    {
      name: 'FCUnpublish',
      bytes: command('FCUnpublish', 6, NULL, amfString('hall-7')),
      want: [
        ['_result', 6, null, undefined],
        ['onFCUnpublish', 0, null, status('NetStream.Unpublish.Success', 'FCUnpublish received.')],
      ],
    },
    {
      name: 'FCSubscribe',
      bytes: command('FCSubscribe', 8, NULL, amfString('hall-7')),
      want: [
        ['_result', 8, null, undefined],
        ['onFCSubscribe', 0, null, status('NetStream.Play.Start', 'FCSubscribe received: play now.')],
      ],
    },
    { name: 'createStream', bytes: command('createStream', 4, NULL), want: [['_result', 4, null, 1]] },
    {
      name: 'getStreamLength',
      bytes: command('getStreamLength', 5, NULL, amfString('hall-7')),
      want: [['_result', 5, null, 0]],
    },
    { name: '_checkbw', bytes: command('_checkbw', 7, NULL), want: [['_result', 7, null, undefined]] },
    { name: 'checkbw', bytes: command('checkbw', 9, NULL), want: [['_result', 9, null, undefined]] },
    {
      name: 'what nobody knows',
      bytes: command('setPeerInfo', 12, NULL),
      want: [['_result', 12, null, undefined]],
    },
    { name: 'what wants no answer', bytes: command('releaseStream', 0, NULL, amfString('hall-7')), want: [] },
    { name: 'an answer', bytes: command('_result', 3, NULL), want: [] },
    { name: 'an event', bytes: command('onStatus', 3, NULL), want: [] },
    { name: 'deleteStream', bytes: command('deleteStream', 3, NULL, amfNumber(1)), want: [] },
  ];
  for (const { name, bytes, want } of answers) {
    it(`${name}: answered with its own transaction id`, () => {
      assert.deepEqual(connected().calls(bytes), want);
    });
  }

  it('each createStream has a number of its own, however many there are', () => {
    const peer = connected();
    const asks = Array.from({ length: 40 }, (_, i) => command('createStream', i + 2, NULL));
    assert.deepEqual(
      peer.calls(...asks),
      asks.map((_, i) => ['_result', i + 2, null, i + 1]),
    );
  });

  it('a command of type 17 is read with and without its format byte', () => {
    const body = Buffer.concat([amfString('createStream'), amfNumber(4), NULL]);
    for (const bytes of [body, Buffer.concat([Buffer.of(0), body])]) {
      const sent = chunked({ chunkStream: 3, type: 17, stream: 0, body: bytes });
      assert.deepEqual(connected().calls(sent), [['_result', 4, null, 1]]);
    }
  });

  it('a status has the length of its text in bytes: an ellipsis, Chinese, an emoji', () => {
    for (const text of ['publish to rtmp://…/live', '频道已占用', 'channel 👩‍🏫 is live']) {
      const peer = connected();
      peer.said.length = 0;
      peer.protocol.refuse(1, 'NetStream.Publish.BadName', text);
      const { body = Buffer.alloc(0) } = peer.said[0] ?? {};
      assert.deepEqual(readCommand(body).args, [
        { level: 'error', code: 'NetStream.Publish.BadName', description: text },
      ]);
      assert.equal(body.subarray(-3).toString('hex'), '000009');
    }
  });

  it('the answer to publish begins the stream, on its stream', () => {
    const peer = connected();
    peer.said.length = 0;
    peer.protocol.accept(3);
    assert.deepEqual(
      peer.said.map(({ type, streamId }) => ({ type, streamId })),
      [
        { type: 4, streamId: 0 },
        { type: 20, streamId: 3 },
      ],
    );
    assert.equal(peer.said[0]?.body.toString('hex'), '000000000003');
  });

  const published: { name: string; args: readonly Buffer[]; want: Asked }[] = [
    {
      name: 'a name',
      args: [amfString('hall-7?key=a'), amfString('live')],
      want: { what: 'publish', streamId: 1, app: 'live', streamName: 'hall-7?key=a', tcUrl: '' },
    },
    {
      name: 'an AMF 3 null among its arguments',
      args: [amfString('hall-7'), Buffer.of(0x11, 1), amfString('live')],
      want: { what: 'publish', streamId: 1, app: 'live', streamName: 'hall-7', tcUrl: '' },
    },
    {
      name: 'an AMF 3 string for a name',
      args: [Buffer.concat([Buffer.of(0x11, 6, 13), Buffer.from('hall-7')])],
      want: { what: 'publish', streamId: 1, app: 'live', streamName: 'hall-7', tcUrl: '' },
    },
    {
      name: 'a value that nobody knows',
      args: [amfString('hall-7'), Buffer.of(0x7f)],
      want: { what: 'publish', streamId: 1, app: 'live', streamName: 'hall-7', tcUrl: '' },
    },
    {
      name: 'a long string',
      args: [Buffer.concat([Buffer.from('0c00000006', 'hex'), Buffer.from('hall-7')])],
      want: { what: 'publish', streamId: 1, app: 'live', streamName: 'hall-7', tcUrl: '' },
    },
    {
      name: 'a number',
      args: [amfNumber(7)],
      want: { what: 'publish', streamId: 1, app: 'live', streamName: '7', tcUrl: '' },
    },
    {
      name: 'null',
      args: [NULL],
      want: { what: 'publish', streamId: 1, app: 'live', streamName: '', tcUrl: '' },
    },
    {
      name: 'nothing',
      args: [],
      want: { what: 'publish', streamId: 1, app: 'live', streamName: '', tcUrl: '' },
    },
    { name: 'false', args: [Buffer.of(1, 0)], want: { what: 'stop', streamId: 1 } },
  ];
  for (const { name, args, want } of published) {
    it(`publish with ${name}`, () => {
      const peer = connected();
      const body = Buffer.concat([amfString('publish'), amfNumber(5), NULL, ...args]);
      peer.send(chunked({ chunkStream: 8, type: 20, stream: 1, body }));
      assert.deepEqual(peer.asked, [want]);
    });
  }

  it('the app is taken from tcUrl where connect has none, with its query', () => {
    const peer = new Peer();
    peer.send(command('connect', 1, amfObject([['tcUrl', 'rtmp://学校.example:1935/live?key=a/b']])));
    peer.send(command('publish', 2, NULL, amfString('hall-7')));
    assert.deepEqual(peer.asked, [
      {
        what: 'publish',
        streamId: 0,
        app: 'live?key=a/b',
        streamName: 'hall-7',
        tcUrl: 'rtmp://学校.example:1935/live?key=a/b',
      },
    ]);
  });

  it('fields of connect in any letters and of any kind are read', () => {
    const fields = Buffer.concat([
      Buffer.of(3),
      ...(
        [
          ['flashVer', amfString('编码器/1.0')],
          ['capabilities', Buffer.from('0a0000000105', 'hex')],
          ['fpad', Buffer.of(13)],
          ['swfUrl', Buffer.of(0x11, 1)],
        ] as const
      ).flatMap(([name, value]) => [amfString(name).subarray(1), value]),
      amfString('app').subarray(1),
      amfString('live'),
      Buffer.from([0, 0, 9]),
    ]);
    assert.equal(new Peer().calls(command('connect', 1, fields))[0]?.[0], '_result');
  });

  const stops: { name: string; bytes: Buffer; want: Asked }[] = [
    {
      name: 'closeStream',
      bytes: chunked({
        chunkStream: 8,
        type: 20,
        stream: 2,
        body: Buffer.concat([amfString('closeStream'), amfNumber(0), NULL]),
      }),
      want: { what: 'stop', streamId: 2 },
    },
    {
      name: 'deleteStream',
      bytes: command('deleteStream', 0, NULL, amfNumber(2)),
      want: { what: 'stop', streamId: 2 },
    },
    {
      name: 'deleteStream without a number',
      bytes: command('deleteStream', 0, NULL),
      want: { what: 'stop', streamId: 0 },
    },
    {
      name: 'FCUnpublish',
      bytes: command('FCUnpublish', 0, NULL, amfString('hall-7')),
      want: { what: 'stop', streamName: 'hall-7' },
    },
    {
      name: 'FCUnpublish without a name',
      bytes: command('FCUnpublish', 0, NULL),
      want: { what: 'stop', streamName: '' },
    },
  ];
  for (const { name, bytes, want } of stops) {
    it(`${name} is a stop`, () => {
      const peer = connected();
      peer.send(bytes);
      assert.deepEqual(peer.asked, [want]);
    });
  }
});
