import { forEachYielding } from '../../shared/for-each-yielding.ts';
import type { LessonAttendance } from './attendance.ts';

/** Students of one piece. */
const PIECE = 500;

/**
 * Writes an attendance as JSON, and lets go of the process now and then: that of a city has 50 MiB.
 *
 * @returns UTF-8, the caller's own
 */
export async function attendanceJson(attendance: LessonAttendance): Promise<Buffer<ArrayBuffer>> {
  const { students, ...rest } = attendance;
  const head = JSON.stringify({ ...rest, students: [] }).slice(0, -2);
  const pieces = [Buffer.from(head)];
  let texts: string[] = [];
  let separator = '';
  const endPiece = (): void => {
    if (texts.length === 0) return;
    pieces.push(Buffer.from(separator + texts.join(',')));
    separator = ',';
    texts = [];
  };
  await forEachYielding(students, (student) => {
    texts.push(JSON.stringify(student));
    if (texts.length === PIECE) endPiece();
  });
  endPiece();
  pieces.push(Buffer.from(']}'));
  return Buffer.concat(pieces);
}
