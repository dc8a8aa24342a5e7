import type { Config, DoorExpectation } from '../config/model/config.ts';
import { admittedTexts, type FileDoor } from '../config/model/file-door.ts';
import {
  configOf,
  type FileResult,
  type ParsedAccount,
  type ParseResult,
  parseFile,
} from '../config/parse-config.ts';
import { comparePlaces, type Mistake } from '../core/mistake.ts';
import { addressId } from '../core/objects/address.ts';
import type { Desired, Observation } from '../core/objects/object.ts';
import { compile } from '../desired/compile.ts';
import { doorAt } from '../desired/terms/doors.ts';
import type { PartStore } from '../doors/state/part-store.ts';
import { fileDoors } from '../gates/file-doors.ts';
import { RunStates } from '../interlock/run-states.ts';
import { assertionText, breachText, unknownAssertion } from './assertion-text.ts';
import { answerAt } from './door-answer.ts';
import { type Judgment, judged } from './judgment.ts';
import { RelevantObjects } from './relevant-objects.ts';

/** The code of an assertion that the file breaks (docs/invariants.md). */
const code = 'G122';

/**
 * Reads gates.yaml like `parseConfig`, and judges the assertions of `expect` by the rest of the file. Only the file
 * counts: a plan shows the effects of foreign objects.
 */
export function checkedConfig(source: Uint8Array | string): ParseResult {
  return configOf(checkedFile(source), source);
}

/** The same for every account of the file: a broken assertion of one makes the complete file wrong. */
export function checkedFile(source: Uint8Array | string): FileResult {
  const read = parseFile(source);
  if (!read.ok) return read;
  const accounts = read.accounts.map((account): ParsedAccount => {
    const broken = account.config.expectations.length === 0 ? [] : brokenAssertions(account.config);
    return { ...account, warnings: [...account.warnings, ...broken].sort(comparePlaces) };
  });
  const [only] = accounts;
  const added = accounts.flatMap(({ warnings }) => warnings.filter(({ rule }) => rule === code));
  const mistakes =
    accounts.length === 1 && only !== undefined
      ? only.warnings
      : [...read.warnings, ...added].sort(comparePlaces);
  if (!mistakes.some(({ severity }) => severity === 'error'))
    return { ok: true, accounts, warnings: mistakes };
  return { ok: false, mistakes, names: accounts.flatMap(({ name }) => name ?? []) };
}

/** A mistake for each assertion that the file breaks, and a warning for each that it leaves undecided. */
function brokenAssertions(config: Config): readonly Mistake[] {
  const hosts = config.expectations.map(({ host }) => host);
  const { desired } = new RelevantObjects({ desired: compile(config), observed: [] }, hosts);
  const goal = goalOf(desired);
  return config.expectations.flatMap((expectation) => {
    const refusal = desired.refusals.find(({ host }) => host === expectation.host);
    if (refusal !== undefined) return [warning(expectation, `unknown, because ${refusal.reason}`)];
    return mistakeOf(
      expectation,
      judged(answerAt(goal, expectation, { desired, observed: [] }), expectation.verdict),
      config,
    );
  });
}

/** The doors as the file wants them, with all objects on which the file depends and that gates does not make. */
function goalOf(desired: Desired): PartStore {
  const observed = desired.objects.flatMap(({ address, spec, mustExist }): readonly Observation[] => {
    if (mustExist === undefined) return [];
    const id = addressId(address);
    const object = { address, id, owner: undefined, spec, attributes: { id }, uses: [] };
    return [{ kind: address.kind, state: 'known', objects: [object] }];
  });
  // Nothing that a file wants expires.
  const now = new Date(0);
  const states = new RunStates({
    ...{ desired, observed, now },
    ...{ reconcilers: [], prune: true, uncheckedOrigins: true },
  });
  return states.goal.store;
}

function mistakeOf(expectation: DoorExpectation, judgment: Judgment, config: Config): readonly Mistake[] {
  if (judgment === 'holds') {
    const isDeclared = isNamed(expectation, config);
    if (isDeclared) return [];
    return [
      warning(
        expectation,
        `nothing in this file is at ${expectation.host}, so this holds whatever the gates are`,
      ),
    ];
  }
  const asserted = assertionText(expectation);
  if ('unknown' in judgment)
    return [warning(expectation, `${asserted}: ${unknownAssertion(judgment.unknown)}`)];
  return [
    {
      ...placed(expectation, 'error'),
      message: `${asserted}, but ${breachText(judgment.breach, expectation.verdict)}: ${decidedBy(expectation, config)}`,
      hint: 'correct the assertion, or the gate',
    },
  ];
}

function warning(expectation: DoorExpectation, message: string): Mistake {
  return { ...placed(expectation, 'warning'), message };
}

function placed({ line, column, file, key }: DoorExpectation, severity: Mistake['severity']) {
  return { severity, rule: code, code, line, column, ...(file !== undefined && { file }), path: key };
}

/** True if a service or a plain record of the file is at the host. */
function isNamed({ host }: DoorExpectation, { services, records }: Config): boolean {
  const wildcards = host.split('.').map((_, place, labels) => `*.${labels.slice(place + 1).join('.')}`);
  const names = new Set([host, ...wildcards]);
  return (
    [...services.values()].some((service) => service.host === host) ||
    records.some(({ name }) => names.has(name))
  );
}

/** The layer that decides at a door of the file, and the visitors whom it admits. */
function decidedBy({ host, path }: DoorExpectation, config: Config): string {
  const service = [...config.services.values()].find((each) => each.host === host);
  if (service === undefined) return `no service of this file is at ${host}, so no gate decides`;
  const door = doorAt(service, path);
  if (door === 'refused') return 'the tunnel refuses this path, because two layers read it differently';
  const described = fileDoors(config).find((each) => each.host === host && each.path === door.path?.path);
  return described === undefined ? `the gate of services.${service.name} decides` : gateText(described);
}

/** `services.grafana, path /public/**: None (public) admits everyone`. */
function gateText({ service, path, gate, admits }: FileDoor): string {
  const entry = `services.${service}${path === undefined ? '' : `, path ${path}`}`;
  const how = gate.how === undefined ? '' : ` (${gate.how})`;
  const who = admittedTexts(admits, { addresses: false }).join(', ');
  return `the gate of ${entry} is ${gate.name}${how} and admits ${who === '' ? 'nobody' : who}`;
}
