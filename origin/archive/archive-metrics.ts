import { addGauge, type Metrics } from '../../shared/metrics.ts';
import type { Archive } from './archive.ts';
import type { ArchiveReader } from './archive-reader.ts';

/** Registers the gauges of the archive. */
export function addArchiveMetrics(metrics: Metrics, archive: Archive, { cache }: ArchiveReader): void {
  const gauges: readonly (readonly [string, string, () => number])[] = [
    ['lectern_archive_waiting', 'Segments in the spool that are not stored yet', () => archive.pendingCount],
    ['lectern_archive_spool_bytes', 'Size of the spool in bytes', () => archive.spoolBytes],
    ['lectern_archive_store_down', '1 while the store takes no puts', () => (archive.isStoreDown ? 1 : 0)],
    ['lectern_archive_failing_channels', 'Channels whose puts fail', () => archive.failingCount],
    [
      'lectern_archive_set_aside',
      'Objects that the store refuses while it takes others of their channels',
      () => archive.asideCount,
    ],
    ['lectern_archive_stored', 'Segments stored since the start', () => archive.counts.stored],
    ['lectern_archive_stored_bytes', 'Bytes stored since the start', () => archive.counts.storedBytes],
    ['lectern_archive_failed_puts', 'Puts that failed and were retried', () => archive.counts.failedPuts],
    ['lectern_archive_lost', 'Segments that could not be spooled', () => archive.counts.lost],
    ['lectern_archive_cache_bytes', 'Size of the cache of stored segments in bytes', () => cache.sizeBytes],
    ['lectern_archive_cache_reads', 'Reads that went to the store', () => cache.counts.reads],
    ['lectern_archive_cache_hits', 'Reads that the cache answered', () => cache.counts.hits],
  ];
  for (const [name, help, read] of gauges) addGauge(metrics, name, help, read);
}
