import { type Browser, chromium } from 'playwright-core';
import { programPath } from '../programs.ts';

/** Debian's Chromium, without a window, without its own traffic, and with a profile that it forgets. */
export async function startChromium(): Promise<Browser> {
  const executablePath = programPath('chromium');
  if (executablePath === undefined)
    throw new Error('chromium is not installed: a test that needs it says so');
  return chromium.launch({
    executablePath,
    // It runs as root in a container: the sandbox of Chromium does not start there.
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
