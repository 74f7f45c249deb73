import assert from 'node:assert/strict';
import { logRestart } from '../../../transcode/ffmpeg/log-restart.ts';
import { silentLogger } from '../../../shared/logger.ts';

describe('the log line of an ffmpeg that is started again', () => {
  const table = [
    { why: 'ffmpeg exited with code 255', level: 'info' },
    { why: 'ffmpeg exited with code 255: pipe:0: Immediate exit requested', level: 'info' },
    { why: 'ffmpeg was killed with signal SIGINT', level: 'info' },
    { why: 'ffmpeg was killed with signal SIGTERM', level: 'info' },
    { why: 'ffmpeg exited with code 1', level: 'warn' },
    { why: 'ffmpeg exited with code 2550', level: 'warn' },
    { why: 'ffmpeg was killed with signal SIGKILL', level: 'warn' },
    { why: 'no output for 8 s', level: 'warn' },
    { why: 'it ended by itself', level: 'warn' },
  ];
  for (const { why, level } of table) {
    it(`has level ${level}: ${why}`, () => {
      const lines: string[] = [];
      const write =
        (at: string) =>
        (_fields: object, message: string): void =>
          void lines.push(`${at}: ${message}`);
      logRestart({ ...silentLogger, info: write('info'), warn: write('warn') }, 2, 500, why);
      const said =
        level === 'info' ? 'ffmpeg was told to end, and is started again' : 'ffmpeg failed and is restarted';
      assert.deepEqual(lines, [`${level}: ${said}: ${why}`]);
    });
  }
});
