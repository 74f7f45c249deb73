import assert from 'node:assert/strict';
import {
  broadcastOfPath,
  channelOfPath,
  fileUrl,
  isFromBeginning,
  libraryUrl,
  replayUrl,
  startOverUrl,
  streamUrl,
  watchUrl,
} from '../../../player/channel/links.ts';
import { parseChannel, parseChannelList } from '../../../player/channel/channel-info.ts';
import { commandOf } from '../../../player/stage/commands.ts';
import { bufferEnd } from '../../../player/playback/buffered.ts';
import { parseRemembered } from '../../../player/playback/remembered.ts';
import { type LiveStateInput, liveState } from '../../../player/live/live-state.ts';

describe('links', () => {
  const paths: { path: string; want: string | null }[] = [
    { path: '/watch/hall-7', want: 'hall-7' },
    { path: '/watch/hall-7/', want: 'hall-7' },
    { path: '/watch/', want: null },
    { path: '/watch/Hall', want: null },
    { path: '/watch/a/b', want: null },
    { path: '/watch/..%2f', want: null },
  ];
  for (const { path, want } of paths) {
    it(`${path} names ${want ?? 'no channel'}`, () => assert.equal(channelOfPath(path), want));
  }

  const replays: { path: string; want: string | null }[] = [
    { path: '/watch/hall-7/0mws-1', want: 'hall-7 0mws-1' },
    { path: '/watch/hall-7/0mws-1/', want: 'hall-7 0mws-1' },
    { path: '/watch/hall-7', want: null },
    { path: '/watch/hall-7/..', want: null },
    { path: '/watch/hall-7/a/b', want: null },
  ];
  for (const { path, want } of replays) {
    it(`${path} names ${want ?? 'no broadcast'}`, () => {
      const found = broadcastOfPath(path);
      assert.equal(found && `${found.channel} ${found.id}`, want);
    });
  }

  it('carry the token on', () => {
    assert.equal(streamUrl('hall-7', 'a.b.c'), '/t/a.b.c/live/hall-7/index.m3u8');
    assert.equal(streamUrl('hall-7', null), '/live/hall-7/index.m3u8');
    assert.equal(watchUrl('hall-7', 'a.b.c'), '/watch/hall-7#token=a.b.c');
    assert.equal(startOverUrl('hall-7', 5.5, 'a.b.c'), '/t/a.b.c/live/hall-7/index.m3u8?start=5');
    assert.equal(replayUrl('hall-7', 'x', 'a.b.c'), '/watch/hall-7/x#token=a.b.c');
    assert.equal(libraryUrl('hall-7', 'a.b.c'), '/library?channel=hall-7#token=a.b.c');
    assert.equal(fileUrl('/api/x.mp4', 'a.b.c'), '/api/x.mp4?token=a.b.c');
    assert.equal(fileUrl('/api/x.mp4', null), '/api/x.mp4');
  });

  it('to a beginning are known as such', () => {
    assert.equal(isFromBeginning('?from=beginning'), true);
    assert.equal(isFromBeginning('?from=end'), false);
  });
});

describe("the API's answer", () => {
  it('is refused when it is no list, and a channel that cannot be read is left out', () => {
    for (const value of [null, 1, [], {}, { channels: 'x' }]) assert.equal(parseChannelList(value), null);
    const good = { id: 'a', title: ' A ', state: 'on-air', language: 'en', sinceMs: 5 };
    const bad = [null, {}, { ...good, id: '<b>' }, { ...good, state: 'x' }];
    const list = parseChannelList({ serverTimeMs: 1, channels: [...bad, good] });
    assert.deepEqual(list?.channels, [
      {
        id: 'a',
        title: 'A',
        grade: null,
        subject: null,
        teacher: null,
        language: 'en',
        state: 'on-air',
        sinceMs: 5,
        awaited: [],
        broadcast: null,
      },
    ]);
  });

  it('tells of the class that is on air only when it can be gone to', () => {
    const channel = { id: 'a', state: 'on-air' };
    const broadcastOf = (broadcast: unknown) => parseChannel({ ...channel, broadcast })?.broadcast;
    assert.deepEqual(broadcastOf({ id: 'x', startMs: 7, more: 1 }), { id: 'x', startMs: 7 });
    for (const bad of [
      null,
      'x',
      { id: '../x', startMs: 7 },
      { id: 'x', startMs: '7' },
      { id: 'x', startMs: -1 },
    ])
      assert.equal(broadcastOf(bad), null);
  });
});

describe('what a channel waits for', () => {
  const rows: { awaited: unknown; want: string[] }[] = [
    { awaited: undefined, want: [] },
    { awaited: 'picture', want: [] },
    { awaited: ['sound', 'smell', 'first-picture'], want: ['first-picture', 'sound'] },
  ];
  for (const { awaited, want } of rows) {
    it(`${JSON.stringify(awaited)} is read as ${JSON.stringify(want)}`, () => {
      assert.deepEqual(parseChannel({ id: 'a', state: 'on-air', awaited })?.awaited, want);
    });
  }
});

describe('the grade of a channel', () => {
  const grades: { grade: unknown; want: number | null }[] = [
    { grade: 1, want: 1 },
    { grade: 12, want: 12 },
    { grade: 0, want: null },
    { grade: 13, want: null },
    { grade: 7.5, want: null },
    { grade: '7', want: null },
  ];
  for (const { grade, want } of grades) {
    it(`${JSON.stringify(grade)} is ${want ?? 'none that the pages have words for'}`, () => {
      const channel = parseChannelList({ channels: [{ id: 'a', state: 'over', grade }] })?.channels[0];
      assert.equal(channel?.grade, want);
    });
  }
});

describe('keys', () => {
  const none = {
    shiftKey: false,
    ctrlKey: false,
    metaKey: false,
    altKey: false,
    focusedTag: 'body',
    focusedRole: '',
  };
  const cases = [
    { name: 'space plays', press: { ...none, key: ' ' }, want: 'play' },
    { name: 'space on a button presses it', press: { ...none, key: ' ', focusedTag: 'button' }, want: null },
    { name: 'capitals count as well', press: { ...none, key: 'M' }, want: 'mute' },
    { name: "the browser's shortcuts are its own", press: { ...none, key: 'f', ctrlKey: true }, want: null },
    {
      name: 'a text field takes letters',
      press: { ...none, key: 'k', focusedTag: 'input', focusedRole: 'search' },
      want: null,
    },
    {
      name: 'a slider takes arrows',
      press: { ...none, key: 'ArrowUp', focusedTag: 'input', focusedRole: 'range' },
      want: null,
    },
    { name: 'arrows change the volume', press: { ...none, key: 'ArrowDown' }, want: 'quieter' },
    { name: 'arrows seek', press: { ...none, key: 'ArrowLeft' }, want: 'back' },
    {
      name: 'with shift they seek far',
      press: { ...none, key: 'ArrowRight', shiftKey: true },
      want: 'far-forward',
    },
    {
      name: 'shift alone changes nothing else',
      press: { ...none, key: 'B', shiftKey: true },
      want: 'beginning',
    },
    {
      name: 'the seek bar takes arrows',
      press: { ...none, key: 'ArrowLeft', focusedRole: 'slider' },
      want: null,
    },
    { name: 'and Home', press: { ...none, key: 'Home', focusedRole: 'slider' }, want: null },
    { name: 'speed', press: { ...none, key: '>', shiftKey: true }, want: 'faster' },
    { name: 'speed while Chinese is typed', press: { ...none, key: '《', shiftKey: true }, want: 'slower' },
    { name: 'a dialog takes all', press: { ...none, key: 'b', focusedRole: 'dialog' }, want: null },
    { name: 'the Chinese question mark helps too', press: { ...none, key: '？' }, want: 'help' },
  ];
  for (const { name, press, want } of cases) it(name, () => assert.equal(commandOf(press), want));
});

describe('what the page says', () => {
  const fine: LiveStateInput = {
    refusal: null,
    phase: 'fine',
    stillMs: 0,
    offline: false,
    full: false,
    paused: false,
    runState: 'on-air',
    apiState: 'before',
  };
  const cases: { name: string; input: LiveStateInput; want: string }[] = [
    { name: "the playhead's state goes before the API's", input: fine, want: 'on-air' },
    { name: "the API's, where the stream tells none", input: { ...fine, runState: null }, want: 'before' },
    { name: 'a hitch is not worth words', input: { ...fine, phase: 'stuck', stillMs: 900 }, want: 'on-air' },
    { name: 'a longer one is', input: { ...fine, phase: 'stuck', stillMs: 1500 }, want: 'reconnecting' },
    {
      name: 'and says when it is the network',
      input: { ...fine, phase: 'down', stillMs: 1500, offline: true },
      want: 'offline',
    },
    {
      name: 'who paused is not reconnecting',
      input: { ...fine, phase: 'stuck', stillMs: 9000, paused: true },
      want: 'on-air',
    },
    {
      name: 'who is told to wait is told so at once',
      input: { ...fine, phase: 'down', full: true, runState: null },
      want: 'full',
    },
    { name: 'a full server does not concern who is in', input: { ...fine, full: true }, want: 'on-air' },
    { name: 'a refusal goes before all', input: { ...fine, refusal: 'forbidden' }, want: 'forbidden' },
    { name: 'at first', input: { ...fine, phase: 'starting', runState: null }, want: 'loading' },
  ];
  for (const { name, input, want } of cases) it(name, () => assert.equal(liveState(input), want));
});

describe('small things', () => {
  it('nonsense in the storage counts as nothing', () => {
    for (const value of [null, 5, 'x', { volume: 7, muted: 'yes', bps: -1 }]) {
      const { volume, muted, bps } = parseRemembered(value);
      assert.deepEqual({ volume, muted, bps }, { volume: 1, muted: false, bps: null });
    }
  });

  it('the buffer ends where the range of the playhead ends; small holes are played over', () => {
    const ranges = (...list: [number, number][]) => ({
      length: list.length,
      start: (i: number) => list[i]?.[0] ?? 0,
      end: (i: number) => list[i]?.[1] ?? 0,
    });
    assert.equal(bufferEnd(ranges([0, 5], [6, 9]), 2), 5);
    assert.equal(bufferEnd(ranges([0, 5], [6, 9]), 5.95), 9);
    assert.equal(bufferEnd(ranges([0, 5]), 7), 7);
  });
});
