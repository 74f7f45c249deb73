import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';

const css = readFileSync(new URL('../../../player/styles/base.css', import.meta.url), 'utf8');

/** Custom properties of the block that begins with a selector. */
function colours(selector: string): Record<string, string> {
  const from = css.indexOf(selector);
  assert.notEqual(from, -1, selector);
  const block = css.slice(css.indexOf('{', from), css.indexOf('}', from));
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map((m) => [m[1], m[2]]));
}

/** Relative luminance (WCAG 2.2). */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

describe('colours', () => {
  const day = colours(':root {');
  const night = { ...day, ...colours(':root[data-theme="night"]') };
  const pairs: [ink: string, ground: string][] = [
    ['ink', 'ground'],
    ['ink', 'raised'],
    ['ink-soft', 'ground'],
    ['ink-soft', 'raised'],
    ['ink-soft', 'sunken'],
    ['brand-ink', 'brand-soft'],
    ['warn', 'warn-soft'],
    ['brand-ink', 'raised'],
    ['fault', 'raised'],
    ['fault', 'live-soft'],
    ['white', 'brand'],
    ['white', 'live'],
  ];
  for (const [name, theme] of [
    ['day', day],
    ['night', night],
  ] as const) {
    for (const [ink, ground] of pairs) {
      it(`WCAG 2.2 §1.4.3: ${ink} on ${ground} by ${name} is at least 4.5 : 1`, () => {
        const ratio = contrast(theme[ink] ?? '#ffffff', theme[ground] ?? '');
        assert.ok(ratio >= 4.5, ratio.toFixed(2));
      });
    }
  }

  it('the night of the system and the night that was chosen are the same', () => {
    assert.deepEqual(colours(':root:not([data-theme="day"])'), colours(':root[data-theme="night"]'));
  });
});
