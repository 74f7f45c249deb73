import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseConfig } from '../config/load.ts';
import { makeTempDir } from '../test/support/temp-dir.ts';
import { type Bench, type BenchResult, rowAtMost, rowByRatio } from './bench.ts';
import { bareArguments, runBareFfmpeg } from './encode/bare-ffmpeg.ts';
import { runWorker, type WorkerCost } from './encode/worker.ts';
import { median } from './measure/statistics.ts';
import { startProgram } from './start/program.ts';

const YAML = 'channels:\n  - {id: hall-7, title: Hall 7, publishKey: hall-7-stream-key}\n';
const MARK = { atMost: 1.1 };

/** CPU time of a broadcast's ladder beside one bare ffmpeg. */
export const transcode: Bench = {
  name: 'transcode',
  title: 'CPU time of a broadcast: ladder of 3, in real time, 720p25',
  needs: ['ffmpeg'],
  run: async ({ options, say }): Promise<BenchResult> => {
    if (!existsSync('/proc/self/stat')) throw new Error('CPU times are read from /proc, which is not here');
    const seconds = options.seconds ?? 30;
    const rounds = options.rounds ?? 3;
    const dir = makeTempDir();
    const file = join(dir.path, 'source.flv');
    const ours: WorkerCost[] = [];
    const bare: number[] = [];
    try {
      await makeSource(options.clip, seconds, file);
      const source = startProgram(join(import.meta.dirname, 'encode', 'source-program.ts'), { file });
      const { port } = await source.next<{ kind: 'listening'; port: number }>('listening');
      const sourceUrl = `http://127.0.0.1:${port}/source.flv`;
      const [channel] = parseConfig(YAML, {}).channels;
      if (channel === undefined) throw new Error('the configuration has no channel');
      const args = bareArguments(channel.ladder, sourceUrl);
      for (let round = 0; round < rounds; round += 1) {
        ours.push(await runWorker({ sourceUrl, yaml: YAML }));
        bare.push(await runBareFfmpeg(args));
        say(
          `round ${round + 1}: ours ${ours.at(-1)?.cpuS.toFixed(2)} s (worker alone ${ours.at(-1)?.ownCpuS.toFixed(2)}), bare ${bare.at(-1)?.toFixed(2)} s`,
        );
      }
      await source.stop();
    } finally {
      dir.remove();
    }
    const warnings = ours.flatMap((cost) => cost.warnings);
    const notes = [
      `median of ${rounds} rounds of ${seconds} s; ours is worker and ffmpeg, from the job to its end`,
      options.clip === null
        ? 'the source is ffmpeg’s moving test picture; --clip takes a real one'
        : `the source is ${options.clip}, over and over`,
      ...(warnings.length > 0 ? [`the worker warned ${warnings.length} times, first: ${warnings[0]}`] : []),
    ];
    const cost = median(ours.map(({ cpuS }) => cpuS));
    return {
      rows: [
        rowByRatio('CPU time', 's', cost, 'one bare ffmpeg to null', median(bare), MARK),
        rowAtMost(
          'cores while on air',
          '',
          cost / seconds,
          null,
          'one bare ffmpeg to null',
          median(bare) / seconds,
        ),
        rowAtMost('the worker’s own share', 's', median(ours.map(({ ownCpuS }) => ownCpuS)), null),
      ],
      notes,
      detail: { seconds, ours, bare },
    };
  },
};

/** Writes the FLV that both encode, as a publisher would send it: 720p25, a keyframe every two seconds, AAC. */
async function makeSource(clip: string | null, seconds: number, file: string): Promise<void> {
  const picture =
    clip === null
      ? ['-f', 'lavfi', '-i', 'testsrc2=size=1280x720:rate=25,noise=alls=6:allf=t']
      : ['-stream_loop', '-1', '-i', clip];
  await promisify(execFile)(process.env['FFMPEG_PATH'] || 'ffmpeg', [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', ...picture],
    ...[
      '-f',
      'lavfi',
      '-i',
      'sine=frequency=440:sample_rate=48000',
      '-map',
      '0:v:0',
      '-map',
      '1:a:0',
      '-t',
      String(seconds),
    ],
    ...['-vf', 'scale=1280:720,setsar=1', '-r', '25', '-pix_fmt', 'yuv420p'],
    ...[
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-tune',
      'zerolatency',
      '-b:v',
      '3000k',
      '-g',
      '50',
      '-bf',
      '0',
    ],
    ...[
      '-c:a',
      'aac',
      '-b:a',
      '96k',
      '-ac',
      '1',
      '-f',
      'flv',
      '-flvflags',
      'no_duration_filesize',
      '-y',
      file,
    ],
  ]);
}
