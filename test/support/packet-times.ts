import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * When each packet of a file or playlist is shown, as ffprobe reads it; seconds.
 *
 * @param stream `v:0` for the picture, `a:0` for the sound
 */
export async function packetTimesS(address: string, stream: 'v:0' | 'a:0'): Promise<number[]> {
  const args = [
    '-v',
    'error',
    '-select_streams',
    stream,
    '-show_entries',
    'packet=pts_time',
    '-of',
    'csv=p=0',
  ];
  const { stdout } = await promisify(execFile)('ffprobe', [...args, address], { maxBuffer: 2 ** 28 });
  return stdout.split('\n').filter(Boolean).map(Number.parseFloat);
}
