import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Ladder } from '../../config/schema.ts';
import { pictureArguments } from '../../transcode/ffmpeg/ffmpeg-arguments.ts';
import { planPicture } from '../../transcode/ladder-plan.ts';
import { readProcessStat } from '../measure/cpu-time.ts';

/**
 * The command line of one bare ffmpeg that encodes the same ladder as the transcoder: its own arguments, with `null` in the
 * place of each output, and the sound copied. Pure.
 *
 * @param source address or path of an FLV of 720p25
 */
export function bareArguments(ladder: Ladder, source: string): string[] {
  const plan = planPicture({ codec: 'h264', width: 1280, height: 720, frameRate: 25 }, ladder);
  if (plan.kind !== 'encode') throw new Error(`the ladder's picture is not encoded but ${plan.kind}`);
  const run = pictureArguments({
    ...{
      rungs: plan.rungs,
      frameRate: plan.frameRate,
      preset: ladder.preset,
      ...{ frameStep: 1, firstFrameOfSegment: 0 },
      shiftTicks: 0,
    },
  });
  // Each output's muxer and what belongs to it stand at its end.
  const outputs = run.outputs.flatMap(({ options }) => {
    const muxer = options.lastIndexOf('-flush_packets');
    return [...(muxer < 0 ? options : options.slice(0, muxer)), '-f', 'null', '-'];
  });
  const sound = ['-map', '0:a:0?', '-c:a', 'copy', '-f', 'null', '-'];
  return [...run.inputOptions, '-i', source, ...run.globalOptions, ...outputs, ...sound];
}

/**
 * Runs it to its end.
 *
 * @returns its CPU time, user and system, seconds. No other child of this process may end meanwhile
 */
export async function runBareFfmpeg(args: readonly string[]): Promise<number> {
  const read = (): number => childrenCpuS(readFileSync('/proc/self/stat', 'utf8'));
  const before = read();
  const child = spawn(process.env['FFMPEG_PATH'] || 'ffmpeg', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-1000);
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`the bare ffmpeg ended with ${status}: ${said}`);
  return read() - before;
}

/** CPU time of the children that were waited for, seconds: what the whole line says, less what is this process's own. */
function childrenCpuS(stat: string): number {
  const own = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(/\s+/)
    .slice(11, 13)
    .map(Number);
  return (readProcessStat(stat)?.cpuS ?? Number.NaN) - own.reduce((sum, ticks) => sum + ticks, 0) / 100;
}
