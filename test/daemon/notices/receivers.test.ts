import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../../src/clients/redaction.ts';
import { systemClock } from '../../../src/clients/state/clock.ts';
import type { Notification } from '../../../src/config/model/config.ts';
import { receiverMaker } from '../../../src/daemon/notices/receivers.ts';
import { fakeReceiver, never, notice } from '../../clients/notify/fake-receiver.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

const KEY = 'C4nary0123456789';

function make(environment: Readonly<Record<string, string>>) {
  const root = temporaryDirectory();
  const stateDir = path.join(root, 'state');
  mkdirSync(stateDir);
  const redactor = createRedactor();
  const maker = receiverMaker({ environment, stateDir, clock: systemClock, redactor });
  return { root, stateDir, redactor, send: (item: Notification) => maker(item).send(notice, never) };
}

describe('the receivers of a file', () => {
  it('are called at the addresses in their secrets', async () => {
    const { url, calls } = await fakeReceiver({ status: 200 });
    const environment = {
      SLACK: `${url}/services/T0/B0/${KEY}`,
      DISCORD: `${url}/api/webhooks/1/${KEY}`,
      TOKEN: KEY,
    };
    const { send } = make(environment);
    await send({ type: 'slack', url: { env: 'SLACK' } });
    await send({ type: 'discord', url: { env: 'DISCORD' } });
    await send({ type: 'ntfy', url: `${url}/topic`, token: { env: 'TOKEN' } });
    await send({ type: 'ntfy', url: `${url}/topic`, token: undefined });
    await send({ type: 'webhook', url: `${url}/hook`, secret: undefined });
    expect(calls.map(({ path: place }) => place)).toEqual([
      `/services/T0/B0/${KEY}`,
      `/api/webhooks/1/${KEY}?wait=true`,
      '/',
      '/',
      '/hook',
    ]);
  });

  it('keep the secret parts of an address out of every output, and leave words readable', async () => {
    const { url } = await fakeReceiver({ status: 200 });
    const { send, redactor } = make({ SLACK: `${url}/services/T0/workflows/${KEY}` });
    await send({ type: 'slack', url: { env: 'SLACK' } });
    expect(redactor.redact(`no ${KEY}, services and workflows`)).toBe(
      'no [redacted], services and workflows',
    );
  });

  it.each(['not an address', 'ftp://x/y', 'https://'])('reject %j, without quoting it', async (value) => {
    const { send } = make({ SLACK: value });
    const error = await send({ type: 'slack', url: { env: 'SLACK' } }).catch((reason: unknown) =>
      String(reason),
    );
    expect(error).toContain('A secret that should be an address is none');
    expect(error).not.toContain(value);
  });

  it('never use a secret of gates itself', async () => {
    const { url, calls } = await fakeReceiver({ status: 200 });
    const root = temporaryDirectory();
    const token = path.join(root, 'token');
    writeFileSync(token, KEY);
    const { send, stateDir } = make({ CLOUDFLARE_API_TOKEN_FILE: token });
    writeFileSync(path.join(stateDir, 'lease'), KEY);
    for (const file of [token, path.join(stateDir, 'lease')]) {
      const sent = send({ type: 'ntfy', url: `${url}/topic`, token: { file } });
      await expect(sent).rejects.toThrow('A file of gates itself');
    }
    expect(calls).toEqual([]);
  });
});
