import assert from 'node:assert/strict';
import { parseConfig } from '../../../config/load.ts';
import { SHED_STEPS } from '../../../config/schema.ts';
import { isCodedVideo, readVideoPacket } from '../../../media/flv/video-packet.ts';
import { silentLogger } from '../../../shared/logger.ts';
import { planPicture } from '../../../transcode/ladder-plan.ts';
import { pixelCost } from '../../../transcode/plan/plan-cost.ts';
import { planLevels } from '../../../transcode/plan/plan-level.ts';
import { FrameGrid } from '../../../transcode/timeline/frame-grid.ts';
import { CopyRun } from '../../../transcode/tracks/copy-run.ts';
import { PictureLadder } from '../../../transcode/tracks/picture-ladder.ts';
import { SourcePictures } from '../../../transcode/tracks/source-pictures.ts';
import { TrackWriter } from '../../../transcode/tracks/track-writer.ts';
import { AVC_CONFIG, HEVC_CONFIG, hevcPicture, picture } from '../../ingest/support/media-bodies.ts';
import { FFMPEG } from '../support/sample-flv.ts';

const LADDER = parseConfig('channels: []\nladder: {rungs: [{height: 180, videoKbps: 300}]}', {}).ladder;
const SOURCE = { codec: 'h264', width: 320, height: 180, frameRate: 25 } as const;
const OFFSET_TICKS = 1_700_000_000_000 * 90;

function packetOf(body: Buffer) {
  const packet = readVideoPacket(body);
  assert.ok(isCodedVideo(packet));
  return packet;
}

describe('H.264 that becomes HEVC while it is passed through for want of computing power', () => {
  it('is not copied any further, configuration and pictures', () => {
    const source = new SourcePictures();
    const out: string[] = [];
    const run = new CopyRun({
      ...{ grid: new FrameGrid(25, OFFSET_TICKS), source, firstFrame: 0 },
      onConfig: () => void out.push('config'),
      onPicture: () => void out.push('picture'),
    });
    const push = (body: Buffer, timeMs: number): void => {
      const one = { ...packetOf(body), timeMs };
      source.push(one);
      run.push(one);
    };
    source.configure(packetOf(AVC_CONFIG));
    push(picture(true), 0);
    push(picture(false), 40);
    assert.deepEqual(out, ['config', 'picture', 'picture']);
    source.configure(packetOf(HEVC_CONFIG));
    run.configure();
    source.forgetGroup();
    push(hevcPicture(true), 80);
    assert.equal(out.length, 3);
  });

  it('is encoded from its keyframe on, with the lightest plan that encodes', async () => {
    const plan = planPicture(SOURCE, LADDER);
    assert.ok(plan.kind === 'encode');
    const plans = planLevels(plan.rungs, LADDER.preset, SHED_STEPS, true, () => true);
    const names: string[] = [];
    const ladder = new PictureLadder({
      ...{ program: FFMPEG, logger: silentLogger, frameRate: 25, rungs: plan.rungs, plans },
      grid: new FrameGrid(25, OFFSET_TICKS),
      cost: pixelCost(SOURCE, plan.rungs[0], 25),
      now: () => 0,
      roomCores: () => 0,
      idleCores: () => 0,
      grantedLevel: () => plans.length - 1,
      writerOf: () => new TrackWriter(() => {}),
      onPlan: ({ name }) => void names.push(name),
      onTrackAway: () => {},
      onRestart: () => {},
      onGaveUp: () => {},
    });
    ladder.push(packetOf(AVC_CONFIG), 0);
    ladder.push(packetOf(picture(true)), 0);
    assert.notEqual(ladder.plan.copyTrack, null);
    ladder.push(packetOf(HEVC_CONFIG), 40);
    ladder.push(packetOf(hevcPicture(false)), 40);
    assert.notEqual(ladder.plan.copyTrack, null, 'nothing changes before the keyframe');
    ladder.push(packetOf(hevcPicture(true)), 80);
    assert.equal(
      ladder.plan,
      plans.findLast(({ copyTrack }) => copyTrack === null),
    );
    assert.equal(names.length, 1);
    await ladder.stop();
  });
});
