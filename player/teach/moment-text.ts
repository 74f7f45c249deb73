import { language } from '../text/language.ts';

/** Date and time of a moment in the page's language: `17 Feb 2026, 16:45:34`. @param ms UTC milliseconds */
export function momentText(ms: number): string {
  return `${dayText(ms)} ${clockText(ms)}`;
}

/** The date. @param ms UTC milliseconds */
export function dayText(ms: number): string {
  return new Date(ms).toLocaleDateString(localeOf(), { year: 'numeric', month: 'short', day: 'numeric' });
}

/** The time of day. @param ms UTC milliseconds */
export function clockText(ms: number): string {
  return new Date(ms).toLocaleTimeString(localeOf(), {
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    hourCycle: 'h23',
  });
}

function localeOf(): string {
  return language.value === 'zh' ? 'zh-CN' : 'en-GB';
}
