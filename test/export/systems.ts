import { createAuthentikWire } from '../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../src/clients/cloudflare/cloudflare.ts';
import { nobodyWrites } from '../../src/clients/http/write-guard.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import type { SystemsExport } from '../../src/export/exported-answer.ts';
import { type ReadingSystems, readSystems } from '../../src/export/read-systems.ts';
import { recordedReplies } from '../../src/export/recorded-replies.ts';
import { mirrorSandbox, type Sandbox } from '../../src/lab/sandbox/index.ts';
import { eagerClock } from '../support/world.ts';

/** Exports the systems that a sandbox plays. */
export function exportOf(
  sandbox: Sandbox,
  { account = sandbox.accountId, zones, tokens = {} }: Exporting = {},
): Promise<SystemsExport> {
  const clock = eagerClock();
  const { cloudflare = sandbox.token, authentik = sandbox.authentikToken } = tokens;
  const { signal } = new AbortController();
  const shared = { clock, redactor: createRedactor(), signal, guard: nobodyWrites, fetch: sandbox.fetch };
  return readSystems({
    cloudflare: createCloudflareWire({
      ...shared,
      token: cloudflare,
      baseUrl: sandbox.urls.cloudflare,
      budget: createBudget(clock),
    }),
    authentik: createAuthentikWire({ ...shared, token: authentik, url: sandbox.urls.authentik }),
    account,
    zones,
    tokens: [cloudflare, authentik],
  });
}

interface Exporting extends Partial<Pick<ReadingSystems, 'account' | 'zones'>> {
  readonly tokens?: { readonly cloudflare?: string; readonly authentik?: string };
}

/** A sandbox that copies an export, and what it does not play. */
export async function copyOf(
  exported: SystemsExport,
): Promise<{ readonly copy: Sandbox; readonly unplayed: readonly string[] }> {
  const { sandbox, unplayed } = await mirrorSandbox(recordedReplies(exported));
  return { copy: sandbox, unplayed };
}
