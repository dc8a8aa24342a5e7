import type { Config } from '../../config/model/config.ts';
import type { Plan } from '../../core/change.ts';
import { describeError, GatesError } from '../../core/errors.ts';
import type { Desired } from '../../core/objects/object.ts';
import { makePlan } from '../../plan/plan.ts';
import { isRight, isRightVerdict, type ProbeDocument, type Probed } from '../../report/probe/probe.ts';
import { formatProbe } from '../../report/probe/probe-text.ts';
import { widthOf } from '../../report/screen/screen.ts';
import { type Reach, survey } from '../../run/survey.ts';
import { askEdge, type ProbeContext } from '../probing/probe-edge.ts';
import { askInside } from '../probing/probe-inside.ts';
import { readConfigOrTell } from '../surroundings/asked-config.ts';
import { effectsMaker } from '../surroundings/effects.ts';
import { print, printJson, wantsColor } from '../surroundings/terminal.ts';

export interface ProbeCommandOptions {
  readonly file: string;
  readonly output: 'text' | 'json';
  readonly color: boolean;
  readonly quiet: boolean;
  readonly service?: string;
  /** The account that is meant, if the file has several. */
  readonly account?: string;
  /** Ask the origins instead of the edge. */
  readonly inside: boolean;
}

/** Checks every host once, and changes nothing. Exit codes: 0 = all as the file says, 1 = not, or unclear. */
export async function probe(options: ProbeCommandOptions): Promise<number> {
  const { output, color, quiet } = options;
  const asked = await readConfigOrTell(options);
  if (asked === undefined) return 1;
  const effects = effectsMaker(asked.settings)(new AbortController().signal);
  const document = await probeServices(asked.config, effects, options);
  const form = { color: wantsColor(process.stdout, color), width: widthOf(process.stdout), quiet };
  if (output === 'json') printJson(document);
  else print(formatProbe(document, form));
  return isRight(document) ? 0 : 1;
}

/** The most hosts at once; each is a few requests. */
const mostAtOnce = 8;

/** Probes the services. The plan serves only to know which objects exist, and their ids. */
export async function probeServices(
  config: Config,
  reach: Reach,
  { service: only, inside }: Pick<ProbeCommandOptions, 'service' | 'inside'>,
): Promise<ProbeDocument> {
  // A foreign object at a host shows in the answer, so a service that such an object forbids is checked too.
  const { asked: desired, desired: heeded, world, observed } = await survey(config, reach);
  const { prune, limits } = config.reconcile;
  const plan = makePlan(desired, observed, reach.reconcilers, { adopt: false, allow: [], prune, limits });
  const scene: ProbeContext = { desired, world, plan };
  const ask = inside ? askInside : askEdge;
  const services = [...config.services.values()].filter(({ name }) => only === undefined || name === only);
  const probed: Probed[] = [];
  const waiting = [...services.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, service] = next;
      probed[index] = await resultOf(ask(service, scene));
    }
  };
  await Promise.all(Array.from({ length: mostAtOnce }, work));
  return {
    version: 1,
    asked: inside ? 'inside' : 'edge',
    services: services.map((service, index) => {
      const { name, host, gate } = service;
      const seen = explained(probed[index] as Probed, reasonOf(name, heeded));
      return { service: name, host, gate: gate.name, ...seen };
    }),
    unknown: unknownOf(plan),
  };
}

/** One line for each reason: an API that does not answer is one item of news. */
function unknownOf({ unknown }: Plan): readonly string[] {
  const reasons = [...new Set(unknown.map(({ reason }) => reason))];
  return reasons.map((reason) => {
    const kinds = unknown.filter((one) => one.reason === reason).map(({ kind }) => kind);
    return `${kinds.join(', ')} could not be read: ${reason}`;
  });
}

function reasonOf(name: string, { refusals }: Desired): string | undefined {
  return refusals.find(({ service }) => service === name)?.reason;
}

/** The result with the reason that forbids the service, if there is one: it explains what is wrong. */
function explained(probed: Probed, reason: string | undefined): Probed {
  if (reason === undefined || isRightVerdict(probed.verdict)) return probed;
  return { ...probed, advice: `refused, ${reason}` };
}

/** The result of a probe. A host that cannot be probed does not stop the probes of others. */
async function resultOf(probing: Promise<Probed>): Promise<Probed> {
  try {
    return await probing;
  } catch (error) {
    if (!(error instanceof GatesError)) throw error;
    return { verdict: 'unproved', seen: describeError(error) };
  }
}
