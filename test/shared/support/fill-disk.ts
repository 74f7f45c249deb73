import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { replaceFile } from '../../../shared/durable-file.ts';
import { systemCode } from '../../../shared/system-error.ts';

/**
 * Replaces a file on a disk that is too full for the new one, and says what came of it as one line of JSON.
 *
 * The argument is a folder on a small disk.
 */
const folder = process.argv[2] ?? '';
const path = join(folder, 'file');
await replaceFile(path, 'old');
let code = '';
for (let count = 0; code === '' && count < 1000; count += 1) {
  try {
    writeFileSync(join(folder, `ballast-${count}`), Buffer.alloc(100_000, 'x'));
  } catch (error) {
    code = systemCode(error);
  }
}
const refusal = await replaceFile(path, Buffer.alloc(500_000, 'y')).then(() => 'none', systemCode);
const drafts = readdirSync(folder).filter((name) => name.includes('draft'));
process.stdout.write(`${JSON.stringify({ refusal, content: readFileSync(path, 'utf8'), drafts })}\n`);
for (const name of readdirSync(folder)) rmSync(join(folder, name));
