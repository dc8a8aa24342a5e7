import { type Browser, chromium } from 'playwright-core';
import { programPath } from './programs.ts';

/**
 * Starts Debian's Chromium, headless and with an empty profile, which makes no calls of its own. For tests with
 * `needs('chromium')`. The caller closes it.
 */
export function launchBrowser(): Promise<Browser> {
  const executablePath = programPath('chromium');
  if (executablePath === undefined) throw new Error('chromium is not installed');
  return chromium.launch({
    executablePath,
    // Chromium refuses its sandbox to root, who runs the tests in CI.
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
    ],
  });
}
