import type * as file from '../../../schema/generated/config.ts';
import { readAuthority } from '../../config/model/client-authority.ts';
import type { VisitorTerm } from '../../config/model/file-door.ts';
import type { Everyone } from '../../config/model/gate.ts';
import type { NamedLists } from '../shared/gate-row.ts';

/** The part of the file below the key of the gate. */
export type CloudflareSettings = NonNullable<file.Gate['cloudflare']>;

/** One property of a visitor: `{ sort: 'country', value: 'FR' }`. */
export interface Term {
  readonly sort: Exclude<VisitorTerm['sort'], 'approval' | 'flow' | 'policy'>;
  /**
   * In the form of Access: an address in lower case, a network in CIDR notation; a name for what the account has; the
   * fingerprint of an authority.
   */
  readonly value: string;
  /** The list of the file, below `people` or `networks`, that contains it; the name of an authority. */
  readonly list?: string;
}

/**
 * One rule of a gate: it admits a person of whom one of `people` holds, or a machine with one of `tokens`. Of each
 * condition in `require`, one term must hold, and none of `exclude` may.
 */
export interface GateRule {
  readonly people: readonly Term[];
  readonly everyone: Everyone | undefined;
  /** Names of service tokens. */
  readonly tokens: readonly string[];
  readonly require: readonly (readonly Term[])[];
  readonly exclude: readonly Term[];
  /** Between the login of a person and the session. Machines are asked for nothing. */
  readonly demands: RuleDemands;
}

export interface RuleDemands {
  readonly approval: Approval | undefined;
  /** The question, empty for Cloudflare's own; undefined: nobody is asked. */
  readonly justification: string | undefined;
  readonly isolate: boolean;
}

export interface Approval {
  /** In lower case, sorted. */
  readonly approvers: readonly string[];
  readonly needed: number;
}

/** The rules of a gate, of which a visitor must match one. */
export function gateRules(settings: CloudflareSettings, lists: NamedLists): readonly GateRule[] {
  return (settings.anyOf ?? [settings]).map((rule) => ruleOf(rule, lists));
}

function ruleOf(rule: file.AccessRule, lists: NamedLists): GateRule {
  const { everyone, tokens = [], require = {}, exclude = {} } = rule;
  return {
    people: conditionsOf(rule, lists).flat(),
    everyone,
    tokens: [...tokens].sort(),
    require: conditionsOf(require, lists).flatMap((terms) =>
      // A device must pass every check, and of all other keys one value is enough.
      terms[0]?.sort === 'posture' ? terms.map((term) => [term]) : [terms],
    ),
    exclude: conditionsOf(exclude, lists).flat(),
    demands: demandsOfRule(rule),
  };
}

/** Cloudflare asks for the reason of whoever needs an approval. */
function demandsOfRule({ approval, justification, isolate }: file.AccessRule): RuleDemands {
  const isAsked = justification !== undefined || approval !== undefined;
  const prompt = typeof justification === 'object' ? justification.prompt : '';
  return {
    approval: approval && {
      approvers: lowerCase(approval.approvers).toSorted(),
      needed: approval.needed ?? 1,
    },
    justification: isAsked ? prompt : undefined,
    isolate: isolate === true,
  };
}

/** The terms of each key that is set. */
function conditionsOf(conditions: file.AccessConditions, lists: NamedLists): readonly (readonly Term[])[] {
  const { people = [], networks = [], authenticationMethod: method, warp, gateway, certificate } = conditions;
  const { certificateAuthorities = [] } = conditions;
  const keys: readonly (readonly Term[])[] = [
    ...peopleTerms(conditions),
    [...people].sort().flatMap((list) =>
      peopleTerms(lists.people?.[list] ?? {})
        .flat()
        .map((term) => ({ ...term, list })),
    ),
    [...networks].sort().flatMap((entry) => networkTerms(entry, lists)),
    terms('country', conditions.countries),
    terms('login', conditions.identityProviders),
    terms('method', method === undefined ? [] : [method]),
    terms('posture', conditions.devicePosture),
    warp === undefined ? [] : [{ sort: 'warp', value: 'warp' }],
    gateway === undefined ? [] : [{ sort: 'gateway', value: 'gateway' }],
    // A certificate of one of these authorities is one that is valid at the host.
    certificate === undefined || certificateAuthorities.length > 0
      ? []
      : [{ sort: 'certificate', value: 'certificate' }],
    [...certificateAuthorities].sort().map((name) => authorityTerm(name, lists)),
    terms('common name', conditions.commonNames),
  ];
  return keys.filter((key) => key.length > 0);
}

function peopleTerms({ emails, domains, groups }: file.People): readonly (readonly Term[])[] {
  return [terms('person', lowerCase(emails)), terms('domain', lowerCase(domains)), terms('group', groups)];
}

function networkTerms(entry: string, { networks = {} }: NamedLists): readonly Term[] {
  if (!isListName(entry)) return terms('network', [entry]);
  return [...(networks[entry] ?? [])].sort().map((value) => ({ sort: 'network', value, list: entry }));
}

/** A file with an authority that cannot be read is refused. */
function authorityTerm(list: string, { certificateAuthorities = {} }: NamedLists): Term {
  const read = readAuthority(certificateAuthorities[list]?.pem ?? '');
  return { sort: 'authority', value: 'problem' in read ? list : read.fingerprint, list };
}

/** True for a property of the request, which a machine has too. */
export function isOfRequest({ sort }: Term): boolean {
  return ofRequest.has(sort);
}

const ofRequest: ReadonlySet<Term['sort']> = new Set([
  ...(['network', 'country', 'certificate', 'authority', 'common name'] as const),
]);

/** False: it admits only machines. */
export function admitsPeople({ people, everyone }: GateRule): boolean {
  return people.length > 0 || everyone !== undefined;
}

/** True for the name of a list of networks; false for an address or a range, which contains a dot or a colon. */
export function isListName(entry: string): boolean {
  return !/[.:]/.test(entry);
}

/** In an order of their own, since that of the file does not matter. */
function terms(sort: Term['sort'], values: readonly string[] = []): readonly Term[] {
  return [...values].sort().map((value) => ({ sort, value }));
}

function lowerCase(values: readonly string[] = []): readonly string[] {
  return values.map((value) => value.toLowerCase());
}

/** One policy of Access: whoever is one of `include`, and meets all of `require`. */
export interface Combination<T> {
  readonly include: readonly T[];
  readonly require?: readonly T[];
}

/**
 * Policies that together admit whoever meets each of the conditions, of which one alternative is enough. A policy has
 * room for one list of alternatives, `include`: it gets the longest. The other lists with several give one policy for
 * each combination.
 */
export function policyCombinations<T>(conditions: readonly (readonly T[])[]): readonly Combination<T>[] {
  const include = conditions.reduce((longest, each) => (each.length > longest.length ? each : longest));
  const combinations = conditions
    .filter((each) => each !== include)
    .reduce<T[][]>(
      (before, alternatives) => before.flatMap((one) => alternatives.map((each) => [...one, each])),
      [[]],
    );
  return combinations.map((require) => ({ include, ...(require.length > 0 && { require }) }));
}
