import assert from 'node:assert/strict';
import { silentFrame } from '../../../media/codec/aac-silence.ts';
import { writeAacConfig } from '../../../media/codec/aac-config.ts';
import { SoundTrack } from '../../../transcode/tracks/sound-track.ts';
import { TrackWriter } from '../../../transcode/tracks/track-writer.ts';

/** A start of a segment, 90 kHz ticks since the epoch, and the length of a frame. */
const START = 1_000_000 * 144_000;
const FRAME = 1920;

/** A track that can be written to, and where its frames begin: in frames from {@link START}. */
function open(beginsAtOnce: boolean): { track: SoundTrack; written: number[] } {
  const written: number[] = [];
  const writer = new TrackWriter(({ startMs }) => written.push(Math.round((startMs * 90 - START) / FRAME)));
  const track = new SoundTrack(writer, beginsAtOnce);
  track.configure(writeAacConfig(48_000, 2));
  return { track, written };
}

describe('where the sound of a broadcast begins', () => {
  type Row = { name: string; atOnce: boolean; picture: number | null; sound: number; want: number };
  /** In frames behind the start of a segment of 75. */
  const rows: Row[] = [
    { name: 'with a segment', atOnce: false, picture: 10, sound: 12, want: 75 },
    { name: 'beside copied pictures, at once', atOnce: true, picture: null, sound: 12, want: 12 },
    { name: 'before the first picture', atOnce: true, picture: 20, sound: 12, want: 12 },
    { name: 'with the first picture, in silence', atOnce: true, picture: 10.5, sound: 60, want: 10 },
  ];
  for (const { name, atOnce, picture, sound, want } of rows) {
    it(name, () => {
      const { track, written } = open(atOnce);
      const pushFrom = (frame: number): void => {
        for (let i = 0; i < 100; i++) track.push(START + (frame + i) * FRAME, silentFrame(2));
      };
      if (picture !== null && picture < sound) track.pictureAt(START + picture * FRAME);
      pushFrom(sound);
      if (picture !== null && picture >= sound) track.pictureAt(START + picture * FRAME);
      assert.equal(written[0], want);
      // No hole, and the sound at its own time.
      assert.deepEqual(
        written,
        Array.from({ length: written.length }, (_, i) => want + i),
      );
      assert.equal(written.at(-1), sound + 99);
    });
  }

  it('silence that stands for sound that does not come begins with the first picture, too', () => {
    const { track, written } = open(true);
    track.pictureAt(START + 10.5 * FRAME);
    track.fillTo(START + 80 * FRAME);
    assert.deepEqual([written[0], written.at(-1), written.length], [10, 79, 70]);
  });
});
