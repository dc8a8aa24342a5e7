import fc from 'fast-check';
import type { LagOptions, Sandbox } from '../../../src/lab/sandbox/index.ts';
import { type Guard, union } from '../moves/moves.ts';
import { copyOf, type Disk, newDisk } from '../stage/disk.ts';
import { type Pass, runProcess, unfinished } from '../stage/stage.ts';
import { filesOf, type OwnedFile } from '../writers/shared-house.ts';
import type { Row, State } from './neighbours.ts';

/** The other writer during our run: the gates of another owner, or a person in the dashboards. */
export type SecondWriter = 'nobody' | 'owner' | 'person';

/** The time and the content of the second writer's write in a disturbed run. */
export interface Interleaving {
  /** The number of our run's call before which it writes, from 1; it never writes if the run has fewer calls. */
  readonly call: number;
  readonly pick: number;
}

export const secondWriter: fc.Arbitrary<SecondWriter> = fc.constantFrom('nobody', 'owner', 'person');

export const interleaving: fc.Arbitrary<Interleaving> = fc.record({
  call: fc.oneof(fc.integer({ min: 1, max: 150 }), fc.integer({ min: 60, max: 500 })),
  pick: fc.nat(1000),
});

/** The actions of the second writers in all chains of this process; each lost addition was reported. */
export interface WritersTally {
  runsBeside: number;
  waited: number;
  additions: number;
  lost: number;
}

export const writersTally: WritersTally = { runsBeside: 0, waited: 0, additions: 0, lost: 0 };

/** The other owner's files: all have its host, each with another gate. */
const forms = filesOf('lab').filter(({ name }) => !name.endsWith(': none'));

export const labHosts: readonly string[] = ['lab.example.dev', 'beside-lab.example.dev'];

/** The gates of another owner, with its own state folder, on the same tunnel and the same outpost. */
export class OtherOwner {
  #disk: Disk = newDisk();
  #before: OwnedFile | undefined;
  #file: OwnedFile | undefined;

  async copy(): Promise<OtherOwner> {
    const made = new OtherOwner();
    made.#disk = await copyOf(this.#disk);
    made.#before = this.#before;
    made.#file = this.#file;
    return made;
  }

  /** Chooses the file of its next runs. */
  choose(pick: number): void {
    this.#file = forms[pick % forms.length];
  }

  /** The people whom its hosts may admit, including those of the earlier file until the new one is applied. */
  get guards(): readonly Guard[] {
    const [now, before] = [this.#file?.guard, this.#before?.guard];
    if (now === undefined) return [];
    const beside = { host: 'beside-lab.example.dev', admit: { groups: ['family'] } };
    return [...(before === undefined ? [now] : union({ guards: [before] }, { guards: [now] })), beside];
  }

  async run(sandbox: Sandbox, lag: LagOptions): Promise<Pass> {
    return runProcess(sandbox, this.#disk, this.#file?.text ?? '', inTurns, undefined, lag);
  }

  /** Runs alone. Its login page is ours, and so are changes at that host. */
  async settle(sandbox: Sandbox, lag: LagOptions): Promise<void> {
    const { report } = await this.run(sandbox, lag);
    await sandbox.arrive();
    const undone = unfinished(report).filter((text) => !/^\w+ \S+[:/](CNAME )?auth\.example\.dev/.test(text));
    if (report?.plan === undefined || undone.length > 0) {
      throw new Error(`the other owner's run did not do:\n${[report?.waitsFor ?? '', ...undone].join('\n')}`);
    }
    this.#before = this.#file;
  }
}

/** Makes an undisturbed run. */
export const untroubled = { meddle: (_: unknown, send: () => Promise<Response>) => send() } as const;

/** Makes a run that takes turns with others at shared documents. */
export const inTurns = { ...untroubled, inTurns: true } as const;

type Edit = (
  system: 'cloudflare' | 'authentik',
  method: string,
  path: string,
  body?: unknown,
) => Promise<unknown>;

/** A person's own rule or entry, in a list that we write too. */
export interface Addition {
  readonly what: string;
  /** Adds it to the current list. */
  add(): Promise<void>;
}

/** The next addition of a person to the rules of the tunnel, or to the outpost. */
export async function additionOf(
  { pick }: Interleaving,
  { sandbox, state, edit }: { readonly sandbox: Sandbox; readonly state: State; readonly edit: Edit },
): Promise<Addition> {
  return pick % 2 === 0 ? ruleOf(pick, sandbox, state, edit) : entryOf(pick, state, edit);
}

function ruleOf(pick: number, { accountId }: Sandbox, { tunnels }: State, edit: Edit): Addition {
  const tunnel = tunnels.find(({ name }) => name === 'homelab');
  const versions = tunnel?.versions as readonly { readonly config: { readonly ingress: readonly Row[] } }[];
  const { ingress = [] } = versions.at(-1)?.config ?? {};
  const rule = { hostname: `by-hand-${pick}.example.net`, service: 'http://by-hand.lan:80' };
  return {
    what: `the rule of ${rule.hostname}`,
    add: async () => {
      const path = `/accounts/${accountId}/cfd_tunnel/${tunnel?.id}/configurations`;
      await edit('cloudflare', 'PUT', path, { config: { ingress: [rule, ...ingress] } });
    },
  };
}

async function entryOf(pick: number, { authentik }: State, edit: Edit): Promise<Addition> {
  const flow = (wanted: string) => authentik.flows.find(({ designation }) => designation === wanted)?.pk;
  // A count would name two alike once a provider is gone.
  const last = Math.max(0, ...authentik.providers.map(({ pk }) => Number(pk)));
  const name = `by-hand-${pick}-${last}`;
  const { pk } = (await edit('authentik', 'POST', '/api/v3/providers/proxy/', {
    ...{ name, external_host: `https://${name}.example.net`, mode: 'forward_single' },
    ...{ authorization_flow: flow('authorization'), invalidation_flow: flow('invalidation') },
  })) as Row;
  const { pk: outpost, providers: served } = authentik.outposts[0] ?? {};
  return {
    what: `the entry of provider ${name}`,
    add: async () => {
      const providers = [...((served as readonly unknown[] | undefined) ?? []), pk];
      await edit('authentik', 'PATCH', `/api/v3/outposts/instances/${outpost}/`, { providers });
    },
  };
}
