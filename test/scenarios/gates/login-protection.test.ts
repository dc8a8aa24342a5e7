import { beforeEach, describe, expect, it } from 'vitest';
import { createSandbox } from '../../../src/lab/sandbox/index.ts';
import { type Login, loginHome, loginStates, settlePeople } from '../homes/access-login-home.ts';
import { Moves } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { runProcess } from '../stage/stage.ts';

const state = loginStates.find(({ name }) => name === 'admins, login through Authentik') as Login;
const file = loginHome(state);
const zone = '/zones/{zone}';
const phase = (name: string) => `${zone}/rulesets/phases/${name}/entrypoint`;
const execute = (expression: string, enabled = true) => ({
  rules: [{ action: 'execute', action_parameters: { id: 'e'.repeat(32) }, expression, enabled }],
});
const skip = (expression: string, phases: readonly string[]) => ({
  rules: [{ action: 'skip', action_parameters: { phases }, expression, enabled: true }],
});
const managed = 'http_request_firewall_managed';

let moves: Moves;

beforeEach(async () => {
  moves = new Moves(await createSandbox({ zones: ['example.dev'], plan: 'pro' }), (of) =>
    loginHome(of as Login),
  );
  await settlePeople(moves);
});

const byHand = (method: string, path: string, body: object) =>
  moves.byHand(method, path.replace('{zone}', moves.sandbox.zones[0]?.id ?? ''), body);

async function warnings(text = file): Promise<readonly string[]> {
  const { report } = await runProcess(moves.sandbox, newDisk(), text, 'dry run');
  expect(report?.plan?.unknown).toEqual([]);
  return (report?.plan?.warnings ?? []).filter((warning) => warning.includes('identityProvider'));
}

describe('a login host that Access asks', () => {
  it('gives no warning if nothing is in front of it', async () => {
    expect(await warnings()).toEqual([]);
  });

  it('gives a warning if Bot Fight Mode is on', async () => {
    await byHand('PUT', `${zone}/bot_management`, { fight_mode: true });
    expect(await warnings()).toEqual([
      expect.stringMatching(/^cloudflare\.access\.identityProvider: Bot Fight Mode is on in example\.dev/),
    ]);
  });

  it.each(['(http.request.method eq "POST")', '(http.host eq "auth.example.dev")'])(
    'gives a warning if managed rules run: %s',
    async (expression) => {
      await byHand('PUT', phase(managed), execute(expression));
      expect(await warnings()).toEqual([
        expect.stringMatching(
          /^cloudflare\.access\.identityProvider: managed rules run at auth\.example\.dev/,
        ),
      ]);
    },
  );

  it('gives none if they are disabled, run elsewhere, or are skipped there, by anybody', async () => {
    await byHand('PUT', phase(managed), execute('(http.request.method eq "POST")', false));
    expect(await warnings()).toEqual([]);
    await byHand('PUT', phase(managed), execute('(http.host eq "shop.example.dev")'));
    expect(await warnings()).toEqual([]);
    await byHand('PUT', phase(managed), execute('(http.request.method eq "POST")'));
    const skipped = `${file}waf: { skip: { hosts: [auth.example.dev], phases: [${managed}] } }\n`;
    expect(await warnings(skipped)).toEqual([]);
    await byHand(
      'PUT',
      phase('http_request_firewall_custom'),
      skip('(http.host eq "auth.example.dev")', ['http_request_sbfm']),
    );
    expect(await warnings()).toHaveLength(1);
    await byHand(
      'PUT',
      phase('http_request_firewall_custom'),
      skip('(http.host eq "auth.example.dev")', [managed]),
    );
    expect(await warnings()).toEqual([]);
  });

  it('is not checked if Access does not log in through Authentik', async () => {
    await byHand('PUT', `${zone}/bot_management`, { fight_mode: true });
    const before = moves.sandbox.calls().length;
    expect(
      await warnings(loginHome(loginStates.find(({ name }) => name === 'me, login its own') as Login)),
    ).toEqual([]);
    expect(
      moves.sandbox
        .calls()
        .slice(before)
        .filter(({ path }) => /bot_management|managed/.test(path)),
    ).toEqual([]);
  });
});
