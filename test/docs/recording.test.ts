import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recordingOf, stableText, textOfRecording } from '../../scripts/recording.mjs';
import { launchBrowser } from '../support/browser.ts';
import { needs } from '../support/programs.ts';

const file = 'docs/demo.svg';
const svg = readFileSync(file, 'utf8');
const lines = textOfRecording(svg).trimEnd().split('\n');

/** The output of a demo that prints `gates: ID applied in TIME: …`, and the lines that follow. */
const printed = (id: string, seconds: string, rest: string) =>
  `\u001b[1mA title\u001b[22m\r\n\r\n   gates: ${id} applied in ${seconds} s: 12 created, 1 updated, 1 removed, in ${rest}\r\n\r\n   \u001b[32m+ a < b & c\u001b[39m\r\n     gates keeps revision ${id}.\r\n`;

describe('the text of a recording', () => {
  const first = stableText(printed('0a1b2c3d', '1.4', '16\r\n   writes.'));

  it('is the same for two runs with other times, other line breaks, and other commits', () => {
    expect(stableText(printed('4e5f6071', '123.4', '\r\n   16 writes.'))).toBe(first);
  });

  it('contains no folder of the machine, whether the path had its own line or not', () => {
    const short = '\n   \u001b[32m+  ci: [{ file: /tmp/gates-demo-aB3xyz/secrets/ci.env }]\u001b[39m\n';
    const long =
      '\n   \u001b[32m+  ci: [{ file:\u001b[39m\r\n\u001b[32m     /tmp/a/gates-demo-Q1w2e3/secrets/ci.env }]\u001b[39m\n';
    expect(stableText(short)).toBe(
      '\n   \u001b[32m+  ci: [{ file: /tmp/gates-demo-…/secrets/ci.env }]\u001b[39m\n',
    );
    expect(stableText(long)).toBe(stableText(short));
  });

  it('differs when the demo prints something else, or confuses two commits', () => {
    expect(stableText(printed('0a1b2c3d', '1.4', '17\r\n   writes.'))).not.toBe(first);
    const other = printed('0a1b2c3d', '1.4', '16\r\n   writes.').replace(
      'revision 0a1b2c3d',
      'revision 11111111',
    );
    expect(stableText(other)).not.toBe(first);
  });

  it('can be read from the picture, without colors', () => {
    const plain = stripVTControlCharacters(first);
    expect(plain).toContain('+ a < b & c');
    expect(textOfRecording(recordingOf(first))).toBe(plain);
  });

  it('has no code that moves the cursor', () => {
    expect(() => recordingOf('one\n\u001b[2Ktwo\n')).toThrow('a code that a recording does not know');
  });
});

describe('the recording of the demo', () => {
  it('is one small picture without a script and without external parts', () => {
    expect(svg.length).toBeLessThan(200_000);
    expect(svg).not.toMatch(/<script|<foreignObject|href=|url\(|@import|\son\w+=/i);
  });

  it('is in the README, and so is one of its scenes', () => {
    const readme = readFileSync('README.md', 'utf8');
    expect(readme).toContain(`](${file})`);
    const [, scene = ''] = /^```text\n(\d+\. .*?)^```$/ms.exec(readme) ?? [];
    const withoutIds = (text: string) => text.replace(/\b[0-9a-f]{8}\b/g, '…').replace(/^ {3}/gm, '');
    const paragraphs = withoutIds(scene).trimEnd().split('\n\n');
    expect(paragraphs.length).toBeGreaterThan(3);
    const recorded = withoutIds(lines.join('\n')).split('\n\n');
    expect(paragraphs.filter((paragraph) => !recorded.includes(paragraph))).toEqual([]);
  });
});

describe('the recording in a browser', needs('chromium'), () => {
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    browser = await launchBrowser();
    page = await browser.newPage({ viewport: { width: 760, height: 600 } });
    await page.goto(pathToFileURL(path.resolve(file)).href);
  });

  afterAll(() => browser.close());

  /** A page script that moves the animation to a part, from 0 to 1. */
  const seek = (part: number) => `for (const animation of document.getAnimations()) {
    animation.pause();
    animation.currentTime = ${part} * animation.effect.getComputedTiming().duration;
  }`;
  /** The place of the window in the picture, which the browser shows at its own size. */
  const [x, y, width, height] = ['x', 'y', 'width', 'height'].map((name) =>
    Number(new RegExp(`\n<svg [^>]*\\b${name}="([\\d.]+)"`).exec(svg)?.[1]),
  ) as [number, number, number, number];

  /** The lines that the window shows at this part of the animation. */
  async function shownAt(part: number): Promise<readonly string[]> {
    await page.evaluate(seek(part));
    return page.evaluate(`[...document.querySelectorAll('.lines text')].filter((line) => {
      const { top, bottom } = line.getBoundingClientRect();
      return top >= ${y} && bottom <= ${y + height};
    }).map((line) => line.textContent)`);
  }

  /** The printed lines without empty ones, which have no element. */
  const printedLines = lines.filter((line) => line !== '');

  it('begins with the command, plays, and ends with the last lines of the demo', async () => {
    expect(await shownAt(0)).toEqual(['$ gates demo']);
    const middle = await shownAt(0.5);
    const end = await shownAt(0.999);
    expect(end.length).toBeGreaterThan(15);
    expect(end).toEqual(printedLines.slice(-end.length));
    expect(middle.length).toBeGreaterThan(15);
    const from = printedLines.indexOf(middle[0] ?? '');
    expect(printedLines.join('\n')).toContain(middle.join('\n'));
    expect(from).toBeLessThan(printedLines.length - end.length);
  });

  it('shows no line that is wider than the window', async () => {
    const beyond = await page.evaluate(`[...document.querySelectorAll('.lines text')]
      .filter((line) => line.getBoundingClientRect().right > ${x + width})
      .map((line) => line.textContent)`);
    expect(beyond).toEqual([]);
  });

  it('shows the end, and stands still, for visitors who prefer reduced motion', async () => {
    const end = await shownAt(0.999);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
    expect(await shownAt(0)).toEqual(end);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
  });

  it('plays as an image on a page', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'gates-recording-'));
    const readme = path.join(folder, 'readme.html');
    const reader = await browser.newPage({ viewport: { width: 760, height: 600 } });
    writeFileSync(readme, `<img src="${pathToFileURL(path.resolve(file)).href}">`);
    await reader.goto(pathToFileURL(readme).href);
    const first = await reader.screenshot();
    await expect.poll(async () => first.equals(await reader.screenshot())).toBe(false);
    expect(await reader.evaluate('document.images[0].naturalWidth')).toBe(712);
    await reader.close();
    rmSync(folder, { recursive: true });
  });
});
