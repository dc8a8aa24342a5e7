import { createAuthentikWire } from '../../src/clients/authentik/authentik.ts';
import { createBudget } from '../../src/clients/cloudflare/budget.ts';
import { createCloudflareWire } from '../../src/clients/cloudflare/cloudflare.ts';
import { createClockOffsets } from '../../src/clients/http/clock-offset.ts';
import { nobodyWrites } from '../../src/clients/http/write-guard.ts';
import { createRedactor } from '../../src/clients/redaction.ts';
import { parseConfig } from '../../src/config/parse-config.ts';
import { examine, type Patient } from '../../src/doctor/examine.ts';
import type { Sandbox } from '../../src/lab/sandbox/index.ts';
import type { DoctorDocument } from '../../src/report/doctor/doctor.ts';
import { appliedHouse, file } from '../cli/house.ts';
import { authentikContract } from '../lab/sandbox/authentik/contract.ts';
import { checked } from '../lab/sandbox/schema.ts';
import { sandboxEdge } from '../support/sandbox-edge.ts';
import { eagerClock } from '../support/world.ts';

// biome-ignore lint/suspicious/noExplicitAny: the state of a sandbox is none of the product's types
export type State = any;

/** A sandbox with everything in order; every examination begins in its initial state. */
export interface Ward {
  readonly sandbox: Sandbox;
  /** Calls and replies that break the vendors' own documents, if those are available. */
  readonly mistakes: () => readonly string[];
  /** Changes the state first, then examines. */
  examine(
    change?: (state: State) => void,
    over?: Partial<Patient> & { text?: string },
  ): Promise<DoctorDocument>;
}

export async function ward(): Promise<Ward> {
  const { sandbox: half, report } = checked((await appliedHouse()).sandbox);
  const authentik = authentikContract();
  const sandbox = { ...half, authentik: authentik.around((request) => half.authentik(request)) };
  const first = JSON.parse(sandbox.snapshot());
  for (const zone of first.zones) zone.alwaysUseHttps = true;
  // The setup is long past, so the log is empty.
  first.audit = [];
  return {
    sandbox,
    mistakes: () => [...(report?.mistakes ?? []), ...authentik.report.mistakes],
    examine(change = () => {}, { text = file, ...over } = {}) {
      const state = structuredClone(first);
      change(state);
      sandbox.restore(JSON.stringify(state));
      return examine({ ...patientOf(sandbox, text), ...over });
    },
  };
}

function patientOf(sandbox: Sandbox, text: string): Patient {
  const read = parseConfig(text);
  if (!read.ok) throw new Error(read.mistakes.map(({ message }) => message).join('\n'));
  const clocks = createClockOffsets();
  const { signal } = new AbortController();
  const clock = eagerClock();
  const common = { clock, redactor: createRedactor(), signal, guard: nobodyWrites, random: () => 0 };
  return {
    config: read.parsed.config,
    secretVariables: [],
    file: 'read',
    cloudflare: createCloudflareWire({
      ...common,
      token: sandbox.token,
      baseUrl: sandbox.urls.cloudflare,
      fetch: clocks.around('cloudflare', (input, init) => sandbox.cloudflare(new Request(input, init))),
      budget: createBudget(clock),
    }),
    authentik: createAuthentikWire({
      ...common,
      token: sandbox.authentikToken,
      url: sandbox.urls.authentik,
      fetch: clocks.around('authentik', (input, init) => sandbox.authentik(new Request(input, init))),
    }),
    authentikUrl: sandbox.urls.authentik,
    edge: sandboxEdge(sandbox),
    now: new Date(),
    ahead: clocks.ahead,
    signal,
  };
}

/** The codes of warnings and problems. */
export function troubles({ findings }: DoctorDocument): readonly string[] {
  return findings.flatMap(({ code }) => (code === undefined ? [] : [code])).sort();
}

/** The names of the checks that could not be made. */
export function unasked({ findings }: DoctorDocument): readonly string[] {
  return findings.filter(({ state }) => state === 'unknown').map(({ area, check }) => `${area}/${check}`);
}
