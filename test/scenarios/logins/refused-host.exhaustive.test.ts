import { describe, expect, it } from 'vitest';
import type { Change } from '../../../src/core/change.ts';
import { createSandbox, type Sandbox } from '../../../src/lab/sandbox/index.ts';
import { Moves } from '../moves/moves.ts';
import { newDisk } from '../stage/disk.ts';
import { Hand } from '../stage/hand.ts';
import { type Pass, runProcess } from '../stage/stage.ts';

const names = ['a', 'b', 'c', 'd', 'e'];
const domain = '{ authentik: { mode: domain } }';
const own = '{ authentik: { groups: [family] } }';
const access = '{ cloudflare: { emails: [you@example.dev] } }';
const five: Readonly<Record<string, string>> = { a: domain, b: domain, c: domain, d: own };

/** A file of hosts with their gates, some of which log in by the domain. */
interface File {
  readonly groups: string;
  readonly gates: Readonly<Record<string, string>>;
  /** The group in which `admins` lies. */
  readonly parent?: string;
  /** A policy that everybody who logs in at the domain must pass. */
  readonly policy?: string;
}

function textOf({ groups, gates, parent, policy }: File): string {
  const originOf = (gate: string) =>
    /emails|open/.test(gate) && !gate.includes('paths') ? 'app' : 'traefik';
  const policies = policy === undefined ? '' : `, policies: [${policy}]`;
  const services = Object.entries(gates).map(
    ([name, gate]) => `  ${name}: { host: ${name}.example.dev, origin: ${originOf(gate)}, gate: ${gate} }\n`,
  );
  return `version: 1
owner: home
cloudflare:
  account: 0123456789abcdef0123456789abcdef
  zones: [example.dev]
  tunnels: { homelab: {} }
  access: { team: example }
authentik:
  url: http://authentik.lan:9000
  service: auth
  domains: { example.dev: { groups: [${groups}]${policies} } }
groups: { admins: {${parent === undefined ? '' : ` parent: ${parent} `}}, family: {} }
origins:
  app: { tunnel: homelab, url: "http://app.lan:80" }
  traefik: { tunnel: homelab, url: "http://traefik.lan:80", forwardAuth: true }
services:
  auth: { host: auth.example.dev, origin: traefik, gate: { identityProvider: {} } }
${services.join('')}`;
}

/** Somebody else's Access application at the host, or their application in Authentik with the name of ours. */
type Obstacle = 'Access' | 'Authentik';

class Zone {
  readonly moves: Moves;
  readonly hand: Hand;
  readonly sandbox: Sandbox;
  readonly #disk = newDisk();

  private constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
    this.moves = new Moves(sandbox, () => '');
    this.hand = new Hand(sandbox);
  }

  static async open(): Promise<Zone> {
    const zone = new Zone(await createSandbox({ zones: ['example.dev'], callBudget: 1_000_000 }));
    await zone.moves.sendThroughOutpost([...names, 'k'].map((name) => `${name}.example.dev`));
    return zone;
  }

  async run(file: File): Promise<Pass> {
    return runProcess(this.sandbox, this.#disk, textOf(file));
  }

  /** Adds a person to each group, and one who is in none. */
  async join(): Promise<void> {
    for (const name of ['family', 'admins'])
      await this.hand.post('/core/users/', { username: name, name, groups: [await this.hand.group(name)] });
    await this.hand.post('/core/users/', { username: 'nobody', name: 'nobody', groups: [] });
  }

  /** Makes a policy in Authentik that admits everybody. */
  async makePolicy(name: string): Promise<void> {
    await this.hand.post('/policies/expression/', { name, expression: 'return True' });
  }

  async obstruct(obstacle: Obstacle, uri = 'k.example.dev'): Promise<void> {
    if (obstacle === 'Authentik') {
      await this.hand.post('/core/applications/', { name: 'theirs', slug: 'k-example-dev' });
      return;
    }
    await this.moves.byHand('POST', `/accounts/${this.sandbox.accountId}/access/apps`, {
      ...{ name: 'theirs', type: 'self_hosted', domain: uri, destinations: [{ type: 'public', uri }] },
      policies: [{ name: 'them', decision: 'allow', include: [{ email: { email: 'them@example.dev' } }] }],
    });
  }
}

/** The changes that a run did not make. */
function undoneIn({ report }: Pass): readonly Change[] {
  const undone = new Set(
    report?.outcomes.flatMap(({ status, change }) => (status === 'done' ? [] : [change])),
  );
  return (report?.plan?.changes ?? []).filter(({ id }) => undone.has(id));
}

/** The hosts of these changes, those of the refused ones among them. */
const hostsOf = (changes: readonly Change[]) =>
  [...new Set(changes.flatMap(({ doors }) => doors.map(({ host }) => host)))].sort();

const guardsOf = (groups: readonly string[]) =>
  ['a', 'b', 'c'].map((name) => ({ host: `${name}.example.dev`, admit: { groups } }));

describe('beside a host at which somebody else has an Access application', () => {
  const family: File = { groups: 'family', gates: five };
  it.each([
    { what: 'a group more logs in at the domain', before: family, after: { groups: 'family, admins' } },
    { what: 'another group logs in at the domain', before: family, after: { groups: 'admins' } },
    {
      what: 'the refused host leaves a login of its own',
      before: { ...family, gates: { ...five, k: own } },
      after: { groups: 'family, admins' },
    },
    {
      what: 'a host joins the domain',
      before: { ...family, gates: { ...five, e: access } },
      after: { groups: 'family, admins', gates: { ...five, e: domain } },
    },
    {
      what: 'the last host leaves the domain',
      before: { ...family, gates: { a: domain, d: own } },
      after: { gates: { a: own, d: own } },
    },
    {
      what: 'a group loses its parent, and the refused host was public',
      before: { ...family, parent: 'family', gates: { ...five, k: '{ public: { reason: open } }' } },
      after: { groups: 'family, admins', gates: five },
    },
  ] satisfies readonly { what: string; before: File; after: Partial<File> }[])(
    'only that host waits: $what',
    async ({ before, after }) => {
      const zone = await Zone.open();
      await zone.run(before);
      await zone.obstruct('Access');
      await zone.join();
      await zone.moves.guard(guardsOf(['family', 'admins']));
      const file = { ...family, ...after, gates: { ...(after.gates ?? five), k: access } };
      const pass = await zone.run(file);
      const undone = undoneIn(pass);
      expect(undone.filter(({ verb }) => verb === 'refuse').map(({ address }) => address.key)).toEqual([
        'k.example.dev',
      ]);
      expect(hostsOf(undone)).toEqual(['k.example.dev']);
      expect(pass.report?.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
      expect(await zone.moves.judgedBy(guardsOf(['family', 'admins']))).toEqual([]);
      expect((await zone.run(file)).writes).toBe(0);
    },
  );
});

describe('beside a host that the login of the domain guards, or may guard, as long as its next gate is refused', () => {
  it.each([
    { what: 'somebody has the name of its own login', gate: domain, next: own, obstacle: 'Authentik' },
    { what: 'somebody else has an Access application there', gate: domain, next: access, obstacle: 'Access' },
    // The origin of a host that was public may ask the outpost.
    { what: 'it was public', gate: '{ public: { reason: open } }', next: access, obstacle: 'Access' },
  ] as const)('a new group of the domain waits: $what', async ({ gate, next, obstacle }) => {
    const zone = await Zone.open();
    await zone.run({ groups: 'family', gates: { ...five, k: gate } });
    await zone.obstruct(obstacle);
    await zone.join();
    const atHost = gate === domain ? [{ host: 'k.example.dev', admit: { groups: ['family'] } }] : [];
    const guards = [...guardsOf(['family']), ...atHost];
    await zone.moves.guard(guards);
    const after = { groups: 'family, admins', gates: { ...five, k: next } };
    const pass = await zone.run(after);
    const undone = undoneIn(pass).map(({ id }) => id);
    expect(undone.some((id) => /^refuse .*:k[-.]example[-.]dev/.test(id))).toBe(true);
    expect(undone).toContain('create authentik/binding:domain-example-dev/admins');
    expect(pass.report?.outcomes.filter(({ status }) => status === 'failed')).toEqual([]);
    expect(await zone.hand.groupsAdmittedTo('domain-example-dev')).toEqual(['family']);
    expect(await zone.moves.judgedBy(guards)).toEqual([]);
    expect((await zone.run(after)).writes).toBe(0);
  });
});

describe('beside a host of Access with an open path, at a path of which somebody else has an application', () => {
  it('a group more logs in at the domain, although the file opens no path any more', async () => {
    const zone = await Zone.open();
    const k = `${access}, paths: { /open: { public: { reason: open } } }`;
    await zone.run({ groups: 'family', gates: { ...five, k } });
    await zone.obstruct('Access', 'k.example.dev/admin');
    await zone.join();
    const guards = guardsOf(['family', 'admins']);
    await zone.moves.guard(guards);
    const after = { groups: 'family, admins', gates: { ...five, k: own } };
    const pass = await zone.run(after);
    expect(undoneIn(pass).map(({ id }) => id)).toEqual(['refuse cloudflare/service:k.example.dev']);
    expect(await zone.hand.groupsAdmittedTo('domain-example-dev')).toEqual(['admins', 'family']);
    expect(await zone.moves.judgedBy(guards)).toEqual([]);
    expect((await zone.run(after)).writes).toBe(0);
  });
});

describe('beside a host that joins the domain, and whose origin asks nobody', () => {
  it('the domain loses a policy in the first run, and the second writes nothing', async () => {
    const zone = await Zone.open();
    await zone.makePolicy('trusted');
    await zone.moves.sendThroughOutpost(names.map((name) => `${name}.example.dev`));
    const gates = { ...five, k: '{ public: { reason: everybody } }' };
    await zone.run({ groups: 'family', policy: 'trusted', gates });
    const after = { groups: 'admins', gates: { ...five, k: domain } };
    const pass = await zone.run(after);
    const failed = pass.report?.outcomes.filter(({ status }) => status === 'failed') ?? [];
    expect(failed.map(({ change }) => change)).toEqual(['verify edge/proof:k.example.dev']);
    expect(hostsOf(undoneIn(pass)), 'hosts that wait').toEqual(['k.example.dev']);
    expect((await zone.run(after)).writes).toBe(0);
  });

  it('the domain opens another path in the first run, beside a path of its own that Access guards, and the second writes nothing', async () => {
    const zone = await Zone.open();
    await zone.moves.sendThroughOutpost(names.map((name) => `${name}.example.dev`));
    await zone.run({ groups: 'family, admins', gates: five });
    const open = `${domain}, paths: { /open: { public: { reason: open } } }`;
    const guarded = `${domain}, paths: { /api/**: ${access} }`;
    const after = { groups: 'family', gates: { ...five, b: open, k: guarded } };
    const failed = (await zone.run(after)).report?.outcomes.filter(({ status }) => status === 'failed') ?? [];
    expect(failed.map(({ change }) => change)).toEqual(['verify edge/proof:k.example.dev']);
    expect((await zone.run(after)).writes).toBe(0);
  });
});
