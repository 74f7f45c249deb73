import { spokenParts } from './seek-bar.ts';

/**
 * A time in words, for screen readers: `1 hour 4 minutes 5 seconds`.
 *
 * @param language BCP 47
 */
export function spokenTime(timeMs: number, language: string): string {
  const { h, m, s } = spokenParts(timeMs);
  const parts: [number, 'hour' | 'minute' | 'second'][] = [
    [h, 'hour'],
    [m, 'minute'],
    [s, 'second'],
  ];
  const told = parts.filter(([count, unit]) => count > 0 || (unit === 'second' && h === 0 && m === 0));
  return told
    .map(([count, unit]) =>
      new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(count),
    )
    .join(' ');
}
