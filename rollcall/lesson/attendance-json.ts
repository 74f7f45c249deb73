import { forEachYielding } from '../../shared/for-each-yielding.ts';
import type { LessonAttendance } from './attendance.ts';

/** Students that are encoded together. */
const BATCH = 500;

/**
 * Encodes an attendance as JSON. Yields to other work at intervals: that of a city has 50 MiB.
 *
 * @returns UTF-8, the caller's own
 */
export async function attendanceJson(attendance: LessonAttendance): Promise<Buffer<ArrayBuffer>> {
  const { students, ...rest } = attendance;
  // `…"students":[`, to be continued with the students.
  const head = JSON.stringify({ ...rest, students: [] }).slice(0, -2);
  const chunks = [Buffer.from(head)];
  let batch: string[] = [];
  let separator = '';
  const flush = (): void => {
    if (batch.length === 0) return;
    chunks.push(Buffer.from(separator + batch.join(',')));
    separator = ',';
    batch = [];
  };
  await forEachYielding(students, (student) => {
    batch.push(JSON.stringify(student));
    if (batch.length === BATCH) flush();
  });
  flush();
  chunks.push(Buffer.from(']}'));
  return Buffer.concat(chunks);
}
