import { FilesStore } from '../../../../origin/store/files-store.ts';

/** Puts one large object again and again into the folder that is its argument, until it is killed. */
const store = await FilesStore.open(process.argv[2] ?? '');
const body = Buffer.alloc(64 * 1024 * 1024, 'whole');
for (let at = 0; ; at += 1) await store.put(`hall-7/${at}`, body);
