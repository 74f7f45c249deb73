import type { BroadcastInfo } from '../channel/broadcast-info.ts';
import type { BroadcastChange } from '../channel/broadcasts-api.ts';
import { clockTime } from '../timeshift/seek-bar.ts';
import { type TrimFault, offsetAt, trimOf } from './trim.ts';

/** The values of the form. */
export type EditForm = {
  readonly title: string;
  readonly teacher: string;
  readonly subject: string;
  /** '' for none. */
  readonly grade: string;
  readonly trimStart: string;
  readonly trimEnd: string;
  readonly keep: boolean;
};

/** What is wrong with the form. */
export type FormFault = TrimFault | 'no-title';

/** The values of the form when it is opened. */
export function formOf(broadcast: BroadcastInfo): EditForm {
  const { title, teacher, subject, grade, trimStartMs, trimEndMs, keep } = broadcast;
  const written = (utcMs: number | null) => (utcMs === null ? '' : clockTime(offsetAt(broadcast, utcMs)));
  return {
    title,
    teacher: teacher ?? '',
    subject: subject ?? '',
    grade: grade === null ? '' : String(grade),
    trimStart: written(trimStartMs),
    trimEnd: written(trimEndMs),
    keep,
  };
}

/**
 * The change that the form asks for: only fields that were edited, so that two people who edit at once keep each other's changes.
 */
export function changeOf(broadcast: BroadcastInfo, form: EditForm): BroadcastChange | FormFault {
  const before = formOf(broadcast);
  const title = form.title.trim();
  if (title === '') return 'no-title';
  const isTrimmed = form.trimStart !== before.trimStart || form.trimEnd !== before.trimEnd;
  const trim = isTrimmed ? trimOf(broadcast, form.trimStart, form.trimEnd) : null;
  if (typeof trim === 'string') return trim;
  return {
    ...(title === before.title ? {} : { title }),
    ...(form.teacher.trim() === before.teacher ? {} : { teacher: form.teacher.trim() }),
    ...(form.subject.trim() === before.subject ? {} : { subject: form.subject.trim() }),
    ...(form.grade === before.grade || form.grade === '' ? {} : { grade: Number(form.grade) }),
    ...(form.keep === before.keep ? {} : { keep: form.keep }),
    ...trim,
  };
}
