import { describe, expect, it } from 'vitest';
import { harmless, harmlessJson, harmlessLine } from '../../../src/report/screen/harmless.ts';
import { makePaint } from '../../../src/report/screen/paint.ts';

describe('foreign text', () => {
  it.each([
    ['moves the cursor', 'v=spf1 \u001b[1A\u001b[2K -all', 'v=spf1 ·[1A·[2K -all'],
    ['hides itself', '\u001b[8mhidden', '·[8mhidden'],
    ['uses an 8-bit control character', 'a\u009b2Jb', 'a·2Jb'],
    ['goes back over the line', 'yes\rno\b', 'yes·no·'],
    ['turns the direction of the line', 'a\u202eb\u2066c', 'a·b·c'],
    ['breaks the line unseen', 'a\u2028b', 'a·b'],
  ])('with %s has no effect', (_, text, shown) => {
    expect(harmless(text)).toBe(shown);
  });

  it('keeps line breaks, and keeps colors only if gates writes any', () => {
    const paint = makePaint(true);
    for (const color of Object.values(paint)) {
      const text = `${color(`a ${paint.strong('b')}`)}\n`;
      expect(harmless(text, { colored: true })).toBe(text);
      expect(harmless(text)).not.toContain('\u001b');
    }
  });

  it('stays on one line on request', () => {
    expect(harmlessLine('a\nb\tc')).toBe('a·b·c');
  });

  it('is equal as JSON', () => {
    const value = { content: 'a\u001b[1A\u009b\u202e\nb' };
    const text = harmlessJson(value);
    expect(text).not.toMatch(/[^\P{Cc}\n]|\p{Bidi_Control}/u);
    expect(JSON.parse(text)).toEqual(value);
  });
});
