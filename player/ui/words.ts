import { language, t } from '../text/language.ts';
import type { TextKey } from '../text/strings.ts';

/** A school grade in words. */
export function gradeName(grade: number | null): string {
  if (grade === null || grade < 1 || grade > 12) return t('lobby.otherGrade');
  return t(`grade.${grade}` as TextKey);
}

/** BCP 47 of the page, for dates and units. */
export function locale(): string {
  return language.value === 'zh' ? 'zh-CN' : 'en-GB';
}

/** A day and a time of day, by the clock of whoever looks. */
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
