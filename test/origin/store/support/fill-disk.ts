import { rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FilesStore } from '../../../../origin/store/files-store.ts';
import { StoreError } from '../../../../shared/object-store.ts';

/**
 * Puts objects until the disk is full, and says what came of it as one line of JSON; then makes room, and puts once more.
 *
 * The argument is a folder on a small disk.
 */
const root = join(process.argv[2] ?? '', 'store');
const store = await FilesStore.open(root);
const body = Buffer.alloc(300_000, 'x');
let whole = 0;
let refusal: unknown;
while (refusal === undefined && whole < 1000) {
  await store.put(`hall-7/${whole}`, body).then(
    () => {
      whole += 1;
    },
    (error: unknown) => {
      refusal = error;
    },
  );
}
let intact = 0;
for await (const { key } of store.list('')) {
  if ((await store.get(key)).equals(body)) intact += 1;
}
const drafts = (await readdir(join(root, '.writing'))).length;
// It can be opened while it is full, and read.
const again = await FilesStore.open(root);
const readable = (await again.get('hall-7/0')).equals(body);
await again.delete(['hall-7/0']);
const afterRoom = await again.put('hall-7/last', body).then(
  () => 'put',
  (error: unknown) => String(error),
);
const { code, status, message } =
  refusal instanceof StoreError ? refusal : new StoreError('none', { code: 'internal' });
process.stdout.write(
  `${JSON.stringify({ code, status, message, whole, intact, drafts, readable, afterRoom })}\n`,
);
rmSync(root, { recursive: true });
