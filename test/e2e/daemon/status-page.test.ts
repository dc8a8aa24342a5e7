import { writeFileSync } from 'node:fs';
import path from 'node:path';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../../../src/daemon/http/listener.ts';
import type { PageInput } from '../../../src/page/page-model.ts';
import type { Status } from '../../../src/report/status/status.ts';
import { createForge } from '../../daemon/forge.ts';
import { BAD_DAY, GOOD_DAY, manyServices } from '../../page/sample-page.ts';
import { type ServedPage, servePage } from '../../page/served-page.ts';
import { launchBrowser } from '../../support/browser.ts';
import { needs } from '../../support/programs.ts';
import { head } from '../support/file-head.ts';
import { gates, remove, start, startSandboxProcess, temporaryDirectory } from '../support/processes.ts';

/** The status page in a real browser. `GATES_PICTURES=folder` also draws it, for the README and for developers. */

const WIDE = { width: 1280, height: 900 };
const PHONE = { width: 390, height: 844 };
const MANY = manyServices(1_000);
/** The input for the README's picture: three failed logins and an expiring token. */
const PICTURED = { ...BAD_DAY, status: onlyGates(BAD_DAY.status) };

function onlyGates({ rejected: _, actions: __, lastRun, ...status }: Status): Status {
  return { ...status, ...(lastRun && { lastRun: { ...lastRun, warnings: [] } }) };
}

interface Opened extends ServedPage {
  readonly page: Page;
  /** The errors of the browser, including scripts that the policy blocked. */
  readonly complaints: readonly string[];
  /** The addresses that the page requested. */
  readonly asked: readonly string[];
  readonly url: string;
}

describe('the status page in a browser', needs('chromium'), () => {
  let browser: Browser;

  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  async function open(input: PageInput, options: BrowserContextOptions = {}): Promise<Opened> {
    const served = servePage(input);
    const listener = await listen(served.app, { host: '127.0.0.1', port: 0 }, { variable: 'GATES_LISTEN' });
    const context = await browser.newContext({ viewport: WIDE, ...options });
    onTestFinished(async () => {
      await context.close();
      served.close();
      await listener.close();
    });
    if (options.javaScriptEnabled !== false) await context.addInitScript(axe.source);
    const page = await context.newPage();
    const [complaints, asked]: [string[], string[]] = [[], []];
    page.on('console', (message) => void (message.type() === 'error' && complaints.push(message.text())));
    page.on('pageerror', (error) => void complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => void asked.push(request.url()));
    await page.goto(listener.url);
    return { ...served, page, complaints, asked, url: listener.url };
  }

  const isLive = (page: Page) => page.locator('#link[data-state=live]').waitFor();
  const shownHosts = (page: Page) => page.locator('tr.host:visible').count();

  const days = { good: GOOD_DAY, bad: BAD_DAY } as const;
  const looks = (['light', 'dark'] as const).flatMap((colorScheme) =>
    [WIDE, PHONE].flatMap((viewport) =>
      (['good', 'bad'] as const).map((day) => ({ colorScheme, viewport, day })),
    ),
  );

  it.each(looks)('has no finding of axe: $day, $colorScheme, $viewport.width wide', async (look) => {
    const { colorScheme, viewport, day } = look;
    const { page, complaints } = await open(days[day], { colorScheme, viewport });
    await isLive(page);
    for (const details of await page.locator('details').all())
      await details.evaluate((it) => it.toggleAttribute('open'));
    const { violations, passes } = await page.evaluate(() =>
      (globalThis as unknown as { readonly axe: typeof axe }).axe.run(),
    );
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html} ${nodes[0]?.failureSummary}`);
    expect([found, complaints]).toEqual([[], []]);
    expect(passes.map(({ id }) => id)).toEqual(expect.arrayContaining(['color-contrast', 'document-title']));
  });

  it.each([320, 390, 768, 1280])('needs no horizontal scrolling at %i', async (width) => {
    const { page } = await open(BAD_DAY, { viewport: { width, height: 800 } });
    await isLive(page);
    const wide = await page.evaluate('document.documentElement.scrollWidth');
    expect(wide).toBeLessThanOrEqual(width);
  });

  it('requests only its own listener, sets no cookie, and runs no foreign script', async () => {
    const planted = '<script>alert(1)</script><img src=x onerror=alert(2)>';
    const { lastRun } = GOOD_DAY.status;
    if (lastRun === undefined) throw new Error('the sample has a run');
    const problems = [{ status: 'failed' as const, what: planted, because: planted, reason: planted }];
    const status = { ...GOOD_DAY.status, lastRun: { ...lastRun, result: 'incomplete' as const, problems } };
    const { page, complaints, asked, url } = await open({ ...GOOD_DAY, status });
    await isLive(page);
    expect(await page.locator('#problems').textContent()).toContain(planted);
    expect(complaints).toEqual([]);
    expect(asked.filter((address) => !address.startsWith(`${url}/`) && !address.startsWith('data:'))).toEqual(
      [],
    );
    expect(await page.context().cookies()).toEqual([]);
  });

  it('shows everything without a script', async () => {
    const { page, asked } = await open(BAD_DAY, { javaScriptEnabled: false });
    expect(await shownHosts(page)).toBe(10);
    expect(await page.locator('#tools').isVisible()).toBe(false);
    const [run] = await page.locator('#runs details').all();
    await run?.locator('summary').click();
    expect(await run?.locator('.changes').isVisible()).toBe(true);
    expect(asked.some((address) => address.endsWith('/page/events'))).toBe(false);
  });

  it('searches and filters, also by keyboard', async () => {
    const { page } = await open(BAD_DAY);
    await isLive(page);
    await page.keyboard.press('/');
    await page.keyboard.type('family example.dev');
    expect(await page.locator('tr.host:visible th').allInnerTexts()).toEqual([
      'photos.example.dev',
      'vault.example.dev',
      'wiki.example.dev',
    ]);
    expect(await page.locator('#matches').textContent()).toBe('3 of 10 hosts');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    expect(await page.locator('tr.host:visible th').allInnerTexts()).toEqual([
      'photos.example.dev',
      'wiki.example.dev',
    ]);
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.type(' nowhere');
    expect(await page.locator('#none').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await shownHosts(page)).toBe(3);
  });

  it('adopts changes, and does not move the reader', async () => {
    const { page, change } = await open(GOOD_DAY);
    await isLive(page);
    await page.locator('#search').fill('wiki');
    const summary = page.locator('#runs summary').first();
    await summary.click();
    await summary.focus();
    change(BAD_DAY);
    await page.locator('#verdict .state', { hasText: 'MISTAKE' }).waitFor();
    expect(await page.title()).toBe('MISTAKE · gates');
    expect(await page.locator('#count-attention').textContent()).toBe('3');
    expect(await page.locator('tr.host:visible th').allInnerTexts()).toEqual(['wiki.example.dev']);
    expect(await page.locator('tr.host:visible .badge').textContent()).toBe('HIDDEN');
    const opened = page.locator('#runs details[open]');
    expect(await opened.count()).toBe(1);
    expect(await opened.locator('summary').evaluate((it) => it === it.ownerDocument.activeElement)).toBe(
      true,
    );
  });

  it('reports that it is disconnected once the daemon has ended', async () => {
    const { page, close } = await open(GOOD_DAY);
    await isLive(page);
    close();
    await page.locator('#link[data-state=lost]').waitFor();
    expect(await page.locator('#link').textContent()).toContain('Not connected');
  });

  it('stays usable with 1,000 services', async () => {
    const { page } = await open(MANY);
    await isLive(page);
    expect(await shownHosts(page)).toBe(1_001);
    const session = await page.context().newCDPSession(page);
    await session.send('Performance.enable');
    const busy = async () => {
      const { metrics } = await session.send('Performance.getMetrics');
      return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0;
    };
    const before = await busy();
    await page.locator('#search').fill('service-0042');
    expect(await shownHosts(page)).toBe(1);
    process.stdout.write(
      `filtering 1,001 hosts kept the page busy for ${Math.round(((await busy()) - before) * 1000)} ms\n`,
    );
  });

  it.skipIf(process.env.GATES_PICTURES === undefined)('is drawn as pictures', async () => {
    const folder = process.env.GATES_PICTURES ?? '';
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const [name, viewport, input] of [
        ['page', { width: 1180, height: 1000 }, PICTURED],
        ['page-bad', WIDE, BAD_DAY],
        ['page-good', WIDE, GOOD_DAY],
        ['page-phone', PHONE, BAD_DAY],
        ['page-many', WIDE, MANY],
      ] as const) {
        const { page } = await open(input, { colorScheme, viewport });
        await isLive(page);
        const file = path.join(folder, `${name}-${colorScheme}.png`);
        writeFileSync(file, await page.screenshot({ fullPage: name === 'page-phone' }));
      }
    }
  });

  it('belongs to the daemon: it follows a push, is drawn as pictures, and `gates status --web` prints its address', async () => {
    const directory = await temporaryDirectory();
    const sandbox = await startSandboxProcess();
    const forge = createForge(directory);
    const services = (...names: readonly string[]) =>
      `${head}services:\n${names
        .map(
          (name) =>
            `  ${name}: { host: ${name}.example.dev, origin: app, gate: { cloudflare: { emails: [me@example.dev] } } }\n`,
        )
        .join('')}`;
    forge.push({ 'gates.yaml': services('one') });
    const env = {
      ...sandbox.env,
      GATES_REPOSITORY: `file://${forge.bare}`,
      GATES_STATE_DIR: path.join(directory, 'state'),
      GATES_LISTEN: '127.0.0.1:0',
      GATES_HOOKS_LISTEN: '127.0.0.1:0',
    };
    const daemon = start(['run'], env);
    const ended = new Promise((resolve) => daemon.once('exit', resolve));
    onTestFinished(async () => {
      daemon.kill('SIGTERM');
      await ended;
      await sandbox.stop();
      await remove(directory);
    });
    const address = await expect
      .poll(async () => (await gates(['status', '--web'], env)).stdout, { interval: 500 })
      .toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\n$/)
      .then(async () => (await gates(['status', '--web'], env)).stdout.trim());
    const page = await (await browser.newContext({ viewport: WIDE })).newPage();
    onTestFinished(() => page.context().close());
    await page.goto(address);
    await page
      .locator('tr.host', { hasText: 'one.example.dev' })
      .locator('.badge', { hasText: 'guarded' })
      .waitFor();
    expect(await page.locator('tr.host').textContent()).toContain('1 person');
    expect(await page.content()).not.toContain('me@example.dev');
    forge.push({ 'gates.yaml': services('one', 'two') });
    daemon.kill('SIGHUP');
    await page
      .locator('tr.host', { hasText: 'two.example.dev' })
      .locator('.badge', { hasText: 'guarded' })
      .waitFor();
    expect(await page.locator('#runs details').count()).toBeGreaterThan(0);
    if (process.env.GATES_PICTURES !== undefined) {
      await page.screenshot({
        path: path.join(process.env.GATES_PICTURES, 'page-daemon.png'),
        fullPage: true,
      });
    }
    const { listening } = (await (await fetch(`${address}api/status`)).json()) as {
      readonly listening: { readonly hooks: string; readonly page: string };
    };
    expect(listening.page).toBe(address);
    expect((await fetch(`${listening.hooks}/`)).status).toBe(404);
    // An open stream of a browser does not delay the end.
    daemon.kill('SIGTERM');
    expect(await ended).toBe(0);
    const after = await gates(['status', '--web'], env);
    expect([after.code, after.stdout]).toEqual([1, '']);
    expect(after.stderr).toContain('No daemon runs');
  });
});
