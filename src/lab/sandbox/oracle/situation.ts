import { decidingNames } from '../authentik/api/passing.ts';
import { needsApproval } from '../edge/team/approval.ts';
import { type LoginBy, loginMethods } from '../edge/team/identity.ts';
import { type Circumstances, VISITOR_COUNTRY, VISITOR_IP } from '../edge/view/circumstances.ts';
import type { EdgeView } from '../edge/view/view.ts';
import { addressInside, edgesOf } from '../expressions/address-range.ts';
import type { AdmitTerm } from '../state/guard.ts';
import { isObject } from '../state/json.ts';
import type { Guard, JsonObject, World } from '../state/world.ts';

/** The place and the device of a suspect, and their way to log in. */
export interface Situation {
  from: Circumstances;
  /** Absent: by any method, with nothing but a password. */
  by?: LoginBy;
  /** Approvers approve this person wherever that is asked for; absent: nobody does. */
  approved?: true;
}

export const ORDINARY_SITUATION: Situation = { from: {} };

/** More combinations than this are not tried in full: then each property changes alone. */
const MOST_COMBINATIONS = 24;

/** Properties that decide about some visit of a host: by a guard, a live policy, or the policy of a session. */
interface Mentioned {
  networks: Set<string>;
  countries: Set<string>;
  /** Ids of posture rules. */
  checks: Set<string>;
  certificates: boolean;
  commonNames: Set<string>;
  /** `needed`: a guard asks for the way of the login, so no visitor may leave it open. */
  logins: 'needed' | 'possible' | 'none';
  amr: Set<string>;
  approvals: boolean;
  /** Flows and policies of Authentik. */
  passes: Set<string>;
}

/** One property with its possible values, the ordinary one first. */
type Axis = readonly Partial<Situation>[];

/**
 * The situations in which the oracle tries a host: all combinations of the mentioned properties if they are few, else
 * none and all of them, and both with each single property changed. An ordinary visitor comes first.
 */
export function situationsAt(view: EdgeView, host: string, guards: readonly Guard[]): Situation[] {
  const mentioned = mentionedAt(view, host, guards);
  if (mentionsNothing(mentioned)) return [ORDINARY_SITUATION];
  const axes = axesOf(view, host, mentioned).filter((axis) => axis.length > 1);
  const combinations = axes.reduce((product, axis) => product * axis.length, 1);
  const found = combinations <= MOST_COMBINATIONS ? everyCombination(axes) : singleChanges(axes);
  return [...new Map(found.map((situation) => [JSON.stringify(situation), situation])).values()];
}

function mentionsNothing({
  networks,
  countries,
  checks,
  certificates,
  logins,
  approvals,
  passes,
}: Mentioned): boolean {
  const isNoPlace = networks.size + countries.size + checks.size + passes.size === 0;
  return isNoPlace && !certificates && logins === 'none' && !approvals;
}

function everyCombination(axes: readonly Axis[]): Situation[] {
  return axes.reduce<Situation[]>(
    (situations, axis) => situations.flatMap((each) => axis.map((value) => joined([each, value]))),
    [ORDINARY_SITUATION],
  );
}

function singleChanges(axes: readonly Axis[]): Situation[] {
  const bases = [0, 1].map((at) => axes.map((axis) => axis[at] ?? {}));
  return bases.flatMap((base) => [
    joined(base),
    ...axes.flatMap((axis, at) => axis.map((value) => joined(base.with(at, value)))),
  ]);
}

function joined(parts: readonly Partial<Situation>[]): Situation {
  const device = parts.flatMap(({ from }) => from?.device ?? []);
  const passes = parts.flatMap(({ from }) => from?.passes ?? []);
  const from = Object.assign(
    {},
    ...parts.map((part) => part.from ?? {}),
    device.length > 0 ? { device } : {},
    passes.length > 0 ? { passes } : {},
  );
  const by = parts.findLast((part) => part.by !== undefined)?.by;
  const approved = parts.some((part) => part.approved === true) ? { approved: true as const } : {};
  return { from, ...(by === undefined ? {} : { by }), ...approved };
}

function axesOf(view: EdgeView, host: string, mentioned: Mentioned): Axis[] {
  return [
    addresses([...mentioned.networks]).map((ip) => ({ from: ip === VISITOR_IP ? {} : { ip } })),
    countries([...mentioned.countries]).map((country) => ({
      from: country === VISITOR_COUNTRY ? {} : { country },
    })),
    ...[...mentioned.checks].map((id): Axis => [{}, { from: { device: [id] } }]),
    ...[...mentioned.passes].map((name): Axis => [{}, { from: { passes: [name] } }]),
    certificates(view, host, mentioned),
    logins(view, host, mentioned),
    mentioned.approvals ? [{}, { approved: true }] : [],
  ];
}

/** One address for each set of networks that contain it, an ordinary visitor's first. */
function addresses(networks: readonly string[]): string[] {
  const edges = networks.map(edgesOf);
  const all = [
    VISITOR_IP,
    ...edges.flatMap(({ inside }) => inside),
    ...edges.flatMap(({ outside }) => outside),
  ];
  const bySignature = new Map<string, string>();
  for (const address of [...all, '198.51.100.77', '2001:db8::77']) {
    const signature = networks.map((network) => Number(addressInside(address, network))).join('');
    if (!bySignature.has(signature)) bySignature.set(signature, address);
  }
  return [...bySignature.values()];
}

/** An ordinary visitor's country first, then the mentioned ones, and one that nobody mentioned. */
function countries(mentioned: readonly string[]): string[] {
  if (mentioned.length === 0) return [VISITOR_COUNTRY];
  const elsewhere = ['AQ', 'BV', 'HM'].find((country) => !mentioned.includes(country)) ?? 'GS';
  return [...new Set([VISITOR_COUNTRY, ...mentioned, elsewhere])];
}

/** No certificate, then one of each authority that is valid at the host, with each common name and an unknown one. */
function certificates({ world }: EdgeView, host: string, mentioned: Mentioned): Axis {
  if (!mentioned.certificates) return [];
  const valid = (world.accessCertificates ?? []).filter(({ hostnames }) => hostnames.includes(host));
  const names = [...mentioned.commonNames, 'stranger'];
  return [
    {},
    ...valid.flatMap(({ id }) =>
      names.map((commonName) => ({ from: { certificate: { commonName, authority: id } } })),
    ),
  ];
}

/** Every provider of the applications at the host, without and with each mentioned method of authentication. */
function logins(view: EdgeView, host: string, { logins: isMentioned, amr }: Mentioned): Axis {
  if (isMentioned === 'none') return [];
  const methods = [[], ...[...amr].map((method) => [method]), ...(amr.size > 1 ? [[...amr]] : [])];
  const providers = new Map(
    view.doors(host).flatMap(({ app }) => loginMethods(view.world, app).map(({ id, isPin }) => [id, isPin])),
  );
  // A device logs people in without a provider, and reports no method, as a one-time code does.
  const ways = [...providers.set(null, true)].flatMap(([provider, isPin]) =>
    (isPin ? [[]] : methods).map((each) => ({ by: { provider, amr: each } })),
  );
  return isMentioned === 'needed' ? ways : [{}, ...ways];
}

function mentionedAt(view: EdgeView, host: string, guards: readonly Guard[]): Mentioned {
  const mentioned: Mentioned = {
    networks: new Set(),
    countries: new Set(),
    checks: new Set(),
    certificates: false,
    commonNames: new Set(),
    logins: 'none',
    amr: new Set(),
    approvals: false,
    passes: new Set(decidingNames(view.world.authentik)),
  };
  const admits = guards.flatMap(({ admit, served = [] }) => [admit, ...served.map((each) => each.admit)]);
  for (const { include, require = [], exclude = [] } of admits.flatMap(({ rules = [] }) => rules)) {
    for (const term of [...include, ...require, ...exclude]) noteTerm(view, mentioned, term);
  }
  const apps = new Set(view.doors(host).map(({ app }) => app));
  const audiences = new Set([...apps].map(({ aud }) => aud));
  const began = view.world.sessions.filter(({ aud }) => aud.some((each) => audiences.has(each)));
  const live = [...apps].flatMap((app) => view.policies(app));
  mentioned.approvals ||= live.some(needsApproval) || began.some(({ approved }) => approved === true);
  const policies = [...live, ...began.flatMap(({ admission = [] }) => admission)];
  for (const { include, require, exclude } of policies) {
    noteRules(mentioned, [...include, ...require, ...exclude]);
  }
  return mentioned;
}

function noteTerm({ world }: EdgeView, mentioned: Mentioned, term: AdmitTerm): void {
  for (const network of term.networks ?? []) mentioned.networks.add(network);
  for (const country of term.countries ?? []) mentioned.countries.add(country.toUpperCase());
  for (const { id, name, type } of world.postureRules ?? []) {
    const isNamed = term.postures?.includes(id) || term.postures?.includes(name);
    const isOfType = (type === 'warp' && term.warp) || (type === 'gateway' && term.gateway);
    if (isNamed || isOfType) mentioned.checks.add(id);
  }
  for (const name of term.commonNames ?? []) mentioned.commonNames.add(name);
  for (const method of term.authenticationMethods ?? []) mentioned.amr.add(method);
  for (const name of term.passes ?? []) mentioned.passes.add(name);
  mentioned.approvals ||= term.approved === true;
  mentioned.certificates ||=
    term.certificate === true || (term.authorities ?? term.commonNames) !== undefined;
  if ((term.identityProviders ?? term.authenticationMethods) !== undefined) mentioned.logins = 'needed';
}

function noteRules(mentioned: Mentioned, rules: readonly JsonObject[]): void {
  for (const rule of rules) {
    const [selector = '', value] = Object.entries(rule)[0] ?? [];
    const inner = isObject(value) ? value : {};
    const text = (name: string) => String(inner[name] ?? '');
    if (selector === 'ip') mentioned.networks.add(text('ip'));
    if (selector === 'geo') mentioned.countries.add(text('country_code').toUpperCase());
    if (selector === 'device_posture') mentioned.checks.add(text('integration_uid'));
    if (selector === 'common_name') mentioned.commonNames.add(text('common_name'));
    if (selector === 'auth_method') mentioned.amr.add(text('auth_method'));
    mentioned.certificates ||= selector === 'certificate' || selector === 'common_name';
    if (selector === 'auth_method' && mentioned.logins === 'none') mentioned.logins = 'possible';
    if (selector === 'group') {
      for (const part of ['include', 'require', 'exclude']) {
        const inside = inner[part];
        if (Array.isArray(inside)) noteRules(mentioned, inside.filter(isObject));
      }
    }
  }
}

/** The words for a situation after a principal; empty for an ordinary visitor. */
export function situationWords(world: World, { from, by, approved }: Situation): string {
  const { ip, country, device = [], certificate, passes = [] } = from;
  return [
    ...(ip === undefined ? [] : [`, from ${ip}`]),
    ...(country === undefined ? [] : [`, in ${country}`]),
    ...device.map((check) => `, with ${world.postureRules?.find(({ id }) => id === check)?.name ?? check}`),
    ...(certificate === undefined ? [] : [`, certificate ${certificate.commonName}`]),
    ...passes.map((name) => `, passes ${name}`),
    ...(by?.provider == null
      ? []
      : [`, by ${world.identityProviders.find(({ id }) => id === by.provider)?.name ?? by.provider}`]),
    ...(by?.amr ?? []).map((method) => `, ${method}`),
    ...(approved === true ? [', approved'] : []),
  ].join('');
}
