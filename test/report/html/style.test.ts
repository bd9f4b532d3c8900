import { describe, expect, it } from 'vitest';
import { style, themes } from '../../../src/report/html/style.ts';

/** WCAG 2.2, relative luminance of `#rrggbb`. */
function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

describe.each(Object.entries(themes))('in %s', (_, theme) => {
  const texts = ['ink', 'muted', 'link', 'good', 'bad', 'warn', 'local', 'segment'] as const;
  it.each(texts)('%s can be read on the ground and on surfaces', (text) => {
    expect(contrast(theme[text], theme.ground)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(theme[text], theme.surface)).toBeGreaterThanOrEqual(4.5);
  });
});

it('loads nothing', () => {
  expect(style.text).not.toMatch(/url\(|@import|https?:/);
});
