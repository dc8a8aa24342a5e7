import { expect } from 'vitest';
import type { SandboxProcess } from './processes.ts';

/**
 * Starts a caller with `act`, and resolves once Authentik has received a POST to this path, after `skip` others. That
 * call gets no answer, so that a test can stop the caller at this point. The sandbox cannot end before the call does.
 */
export async function atHeldCall<T>(
  sandbox: SandboxProcess,
  path: string,
  skip: number,
  act: () => T,
): Promise<T> {
  const match = { system: 'authentik', method: 'POST', path: `/api/v3${path}` };
  await sandbox.admin('POST', '/faults', { fault: 'delay', ms: 45_000, match, skip, times: 1 });
  const caller = act();
  const isHeld = async () =>
    ((await sandbox.admin('GET', '/faults')) as readonly { readonly times: number }[])[0]?.times === 0;
  await expect.poll(isHeld, { interval: 20 }).toBe(true);
  await sandbox.admin('DELETE', '/faults');
  return caller;
}
