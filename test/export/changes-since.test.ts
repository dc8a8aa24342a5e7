import { describe, expect, it } from 'vitest';
import { changesSince } from '../../src/export/changes-since.ts';
import { formatChanges } from '../../src/export/changes-text.ts';
import type { SystemsExport } from '../../src/export/exported-answer.ts';
import type { Sandbox } from '../../src/lab/sandbox/index.ts';
import { done } from '../lab/sandbox/mirror/recorded.ts';
import { richSandbox } from '../lab/sandbox/mirror/rich-world.ts';
import { exportOf } from './systems.ts';

/** The text of what somebody's calls change. */
async function changedBy(
  act: (sandbox: Sandbox, before: SystemsExport) => Promise<unknown>,
): Promise<string> {
  const sandbox = await richSandbox();
  const before = await exportOf(sandbox);
  await act(sandbox, before);
  return formatChanges(changesSince(before, await exportOf(sandbox)), {
    color: false,
    width: 100,
    quiet: false,
  });
}

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever an answer contains
function found({ answers }: SystemsExport, end: string, name: string): any {
  const answer = answers.find(({ path }) => path.endsWith(end));
  const items = answer !== undefined && 'items' in answer.content ? answer.content.items : [];
  // biome-ignore lint/suspicious/noExplicitAny: as above
  return items.find((item: any) => item.name === name);
}

describe('what changed since an export', () => {
  it('is nothing if nobody changed anything', async () => {
    expect(await changedBy(async () => {})).toBe('Nothing has changed since the export.\n');
  });

  it('is each object with the fields that differ', async () => {
    const text = await changedBy(async (sandbox, before) => {
      const [zone] = sandbox.zones;
      const records = `/zones/${zone?.id}/dns_records`;
      const record = found(before, '/dns_records', 'open.example.dev');
      await done(sandbox, 'cloudflare', 'PATCH', `${records}/${record.id}`, {
        proxied: false,
        comment: 'why',
      });
      await done(
        sandbox,
        'cloudflare',
        'DELETE',
        `${records}/${found(before, '/dns_records', 'c.example.dev').id}`,
      );
      await done(sandbox, 'cloudflare', 'POST', records, {
        type: 'A',
        name: 'new',
        content: '192.0.2.9',
        ttl: 1,
      });
      const group = found(before, '/core/groups/', 'admins');
      await done(sandbox, 'authentik', 'PATCH', `/api/v3/core/groups/${group.pk}/`, { name: 'owners' });
    });
    expect(text).toBe(`+ Cloudflare DNS record A new.example.dev
- Cloudflare DNS record CNAME c.example.dev
~ Cloudflare DNS record CNAME open.example.dev
    ~ comment: (none) → why
    ~ proxied: true → false
~ Authentik group owners
    ~ name: admins → owners

Since the export: 1 added, 2 changed, 1 removed.
`);
  });

  it('is a policy alone, and not each application that has it', async () => {
    const text = await changedBy(async (sandbox, before) => {
      const policy = found(before, '/access/policies', 'me');
      const { name, decision } = policy;
      const include = [{ email: { email: 'you@example.dev' } }];
      await done(
        sandbox,
        'cloudflare',
        'PUT',
        `/accounts/${sandbox.accountId}/access/policies/${policy.id}`,
        {
          ...{ name, decision, include, exclude: policy.exclude, session_duration: '1h' },
        },
      );
    });
    expect(text).toContain('~ Cloudflare Access policy me\n');
    expect(text).toContain('+ include: { email: { email: you@example.dev } }');
    expect(text).toContain('Since the export: 1 changed.');
  });

  it('is a new rule of a zone that had none, and of a tunnel', async () => {
    const text = await changedBy(async (sandbox, before) => {
      const [, other] = sandbox.zones;
      const place = `/zones/${other?.id}/rulesets/phases/http_request_firewall_custom/entrypoint`;
      const rule = { action: 'block', expression: 'http.request.uri.path eq "/new"' };
      await done(sandbox, 'cloudflare', 'PUT', place, { rules: [rule] });
      const tunnel = found(before, '/cfd_tunnel', 'homelab');
      const configuration = `/accounts/${sandbox.accountId}/cfd_tunnel/${tunnel.id}/configurations`;
      await done(sandbox, 'cloudflare', 'PUT', configuration, {
        config: { ingress: [{ service: 'http_status:404' }] },
      });
    });
    expect(text).toContain('~ Cloudflare tunnel configuration homelab\n');
    expect(text).toContain('- config.ingress: { hostname: open.example.dev');
    expect(text).toContain('+ Cloudflare WAF rules example.org\n');
  });

  it('does not say anything of lists that a system refused', async () => {
    const sandbox = await richSandbox();
    const before = await exportOf(sandbox);
    const world = JSON.parse(sandbox.snapshot());
    world.apiTokens[0].permissions = ['Zone Read', 'DNS Read'];
    sandbox.restore(JSON.stringify(world));
    const since = changesSince(before, await exportOf(sandbox));
    expect(since.changes).toEqual([]);
    expect(since.notCompared.map(({ path }) => path)).toContain(`/accounts/${sandbox.accountId}/access/apps`);
    const text = formatChanges(since, { color: false, width: 100, quiet: false });
    expect(text).toContain('? Cloudflare Access application: refused then or now, so not compared\n');
  });
});
