import { language, t } from '../text/language.ts';
import type { TextKey } from '../text/strings.ts';

/** The name of a school grade. */
export function gradeName(grade: number | null): string {
  if (grade === null || grade < 1 || grade > 12) return t('lobby.otherGrade');
  return t(`grade.${grade}` as TextKey);
}

/** BCP 47 tag of the page's language, for dates and units. */
export function locale(): string {
  return language.value === 'zh' ? 'zh-CN' : 'en-GB';
}

/** Date and time in the viewer's time zone. */
export function dateAndTime(utcMs: number): string {
  return new Intl.DateTimeFormat(locale(), {
    weekday: 'short',
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
  }).format(utcMs);
}

/** `lang` of a text whose language is known. */
export function langOf(tag: string): string | undefined {
  return tag === 'und' ? undefined : tag;
}
