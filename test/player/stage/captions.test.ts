/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { expectCaptions } from '../../../player/playback/hls-base.ts';
import { type CaptionsTrack, isCaptions, nextShown } from '../../../player/stage/captions.ts';

describe('the captions button', () => {
  for (const { names, shown, want } of [
    { names: ['CC1'], shown: null, want: 0 },
    { names: ['CC1'], shown: 0, want: null },
    { names: ['CC1', 'CC3'], shown: 0, want: 1 },
    { names: ['CC1', 'CC3'], shown: 1, want: null },
    { names: [], shown: null, want: null },
  ]) {
    it(`${names.join(', ') || 'no service'}, ${shown ?? 'none'} shown: then ${want ?? 'none'}`, () => {
      assert.equal(nextShown({ names, shown }), want);
    });
  }

  const track: CaptionsTrack = {
    ...{ kind: 'captions', label: '', language: '', mode: 'hidden' },
    cues: { length: 1 },
  };
  const table: { name: string; track: CaptionsTrack; want: boolean }[] = [
    { name: 'with a cue', track, want: true },
    { name: 'of an earlier stream, without a cue', track: { ...track, cues: { length: 0 } }, want: false },
    { name: 'that is shown', track: { ...track, cues: { length: 0 }, mode: 'showing' }, want: true },
    { name: 'of the browser’s own player, not loaded', track: { ...track, cues: null }, want: true },
    { name: 'of subtitles', track: { ...track, kind: 'subtitles' }, want: true },
    { name: 'of metadata', track: { ...track, kind: 'metadata' }, want: false },
  ];
  for (const { name, track: one, want } of table) {
    it(`a track ${name}: ${want ? 'captions' : 'none'}`, () => assert.equal(isCaptions(one), want));
  }

  it('captions are looked for although the playlist said NONE when it was read', () => {
    const levels = [{ attrs: { 'CLOSED-CAPTIONS': 'NONE' } }, { attrs: { 'CLOSED-CAPTIONS': 'captions' } }];
    expectCaptions(levels);
    assert.deepEqual(levels, [{ attrs: {} }, { attrs: { 'CLOSED-CAPTIONS': 'captions' } }]);
  });
});
