import { type FieldTable, fieldMistake, ignored, list, text } from '../../state/field.ts';
import { newHex } from '../../state/ids.ts';
import { isObject } from '../../state/json.ts';
import {
  type JsonObject,
  type Ruleset,
  type RulesetRule,
  timestamp,
  type World,
  type Zone,
} from '../../state/world.ts';
import { CloudflareApiError, type CloudflareReply, emptyReply, okEnvelope } from '../api/reply.ts';
import { type CloudflareCall, type CloudflareRoute, param } from '../api/router.ts';
import { requireZone } from '../api/zones.ts';
import { phaseCalled, type RulePhase } from './rule-phases.ts';
import { moved } from './rule-position.ts';
import { invalidRule, type WrittenRule, writtenRule } from './ruleset-rule.ts';

const RULESETS = '/zones/{scope_id}/rulesets';
const RULES = `${RULESETS}/{ruleset_id}/rules`;
const ENTRYPOINT = `${RULESETS}/phases/{ruleset_phase}/entrypoint`;

/** The rulesets of a zone; those of the account are not played. */
export const rulesetRoutes: readonly CloudflareRoute[] = [
  ['GET', RULESETS, listRulesets],
  ['POST', RULESETS, createRuleset],
  ['GET', ENTRYPOINT, getEntrypoint],
  ['PUT', ENTRYPOINT, putEntrypoint],
  ['GET', `${RULESETS}/{ruleset_id}`, (call) => okEnvelope(view(find(call).ruleset))],
  ['PUT', `${RULESETS}/{ruleset_id}`, putRuleset],
  ['DELETE', `${RULESETS}/{ruleset_id}`, deleteRuleset],
  ['POST', RULES, createRule],
  ['PATCH', `${RULES}/{rule_id}`, changeRule],
  ['DELETE', `${RULES}/{rule_id}`, deleteRule],
];

export const CUSTOM_PHASE = 'http_request_firewall_custom';
export const CACHE_PHASE = 'http_request_cache_settings';

/** The ruleset of a zone's phase; undefined until somebody writes one. */
export function rulesetOf(world: World, zoneId: string, phase: string): Ruleset | undefined {
  return (world.rulesets ?? []).find((each) => each.zoneId === zoneId && each.phase === phase);
}

/** The phase of a call, from its path or its new ruleset; undefined for a list, and for an unknown ruleset. */
export function phaseOfCall({
  world,
  params,
  body,
}: Pick<CloudflareCall, 'world' | 'params' | 'body'>): string | undefined {
  const { ruleset_phase: phase, ruleset_id: id } = params;
  const sent = isObject(body) && typeof body.phase === 'string' ? body.phase : undefined;
  return phase ?? (id === undefined ? sent : (world.rulesets ?? []).find((each) => each.id === id)?.phase);
}

function summary({ id, name, description, phase, version, lastUpdated }: Ruleset): JsonObject {
  return { id, name, description, kind: 'zone', phase, version: String(version), last_updated: lastUpdated };
}

function view(ruleset: Ruleset): JsonObject {
  return { ...summary(ruleset), rules: ruleset.rules.map((rule) => ({ ...rule })) };
}

function notFound(what: string): CloudflareApiError {
  return new CloudflareApiError(404, { code: 10003, message: `could not find ${what}` });
}

function find(call: CloudflareCall): { zone: Zone; ruleset: Ruleset } {
  const zone = requireZone(call, 'scope_id');
  const id = param(call, 'ruleset_id');
  const ruleset = (call.world.rulesets ?? []).find((each) => each.zoneId === zone.id && each.id === id);
  if (ruleset === undefined) throw notFound(`ruleset ${id}`);
  if (call.query.get('dry_run') === 'true') throw invalidRule('dry_run is not played');
  return { zone, ruleset };
}

function findRule(call: CloudflareCall): { zone: Zone; ruleset: Ruleset; rule: RulesetRule } {
  const { zone, ruleset } = find(call);
  const id = param(call, 'rule_id');
  const rule = ruleset.rules.find((each) => each.id === id);
  if (rule === undefined) throw notFound(`rule ${id} in ruleset ${ruleset.id}`);
  return { zone, ruleset, rule };
}

function listRulesets(call: CloudflareCall): CloudflareReply {
  const zone = requireZone(call, 'scope_id');
  return okEnvelope((call.world.rulesets ?? []).filter(({ zoneId }) => zoneId === zone.id).map(summary));
}

function getEntrypoint(call: CloudflareCall): CloudflareReply {
  const zone = requireZone(call, 'scope_id');
  const phase = param(call, 'ruleset_phase');
  const ruleset = rulesetOf(call.world, zone.id, phase);
  if (ruleset === undefined) throw notFound(`entrypoint ruleset in the ${phase} phase`);
  return okEnvelope(view(ruleset));
}

/** Replaces the ruleset, or makes it. Everything that the body omits is removed, especially rules. */
function putEntrypoint(call: CloudflareCall): CloudflareReply {
  const { world } = call;
  const zone = requireZone(call, 'scope_id');
  const phase = param(call, 'ruleset_phase');
  playedPhase(phase);
  if (call.query.get('dry_run') === 'true') throw invalidRule('dry_run is not played');
  const known = rulesetOf(world, zone.id, phase);
  const ruleset = known ?? newRuleset(world, zone, phase);
  replaceRules(call, zone, ruleset, ENTRYPOINT_BODY);
  if (known === undefined) world.rulesets = [...(world.rulesets ?? []), ruleset];
  return okEnvelope(view(ruleset));
}

/** Makes the entrypoint of a phase without one: a zone has one ruleset for each phase. */
function createRuleset(call: CloudflareCall): CloudflareReply {
  const { world, body } = call;
  const zone = requireZone(call, 'scope_id');
  if (call.query.get('dry_run') === 'true') throw invalidRule('dry_run is not played');
  if (!isObject(body)) throw invalidRule('the body must be an object');
  if (body.kind !== 'zone') throw invalidRule(`'${String(body.kind)}' is not a valid value for kind`);
  if (typeof body.name !== 'string' || body.name === '') throw invalidRule("'name' is required");
  const { name } = playedPhase(String(body.phase));
  if (rulesetOf(world, zone.id, name) !== undefined) {
    throw new CloudflareApiError(400, {
      code: 20217,
      message: `'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase ${name}`,
    });
  }
  const ruleset = newRuleset(world, zone, name);
  replaceRules(call, zone, ruleset, RULESET_BODY);
  world.rulesets = [...(world.rulesets ?? []), ruleset];
  return okEnvelope(view(ruleset));
}

function newRuleset(world: World, zone: Zone, phase: string): Ruleset {
  return {
    id: newHex(world, 32),
    zoneId: zone.id,
    phase,
    name: 'default',
    description: '',
    version: 0,
    lastUpdated: timestamp(world),
    rules: [],
  };
}

function putRuleset(call: CloudflareCall): CloudflareReply {
  const { zone, ruleset } = find(call);
  replaceRules(call, zone, ruleset, RULESET_BODY);
  return okEnvelope(view(ruleset));
}

const ENTRYPOINT_BODY = {
  description: text,
  name: text,
  rules: list,
  ...{ id: ignored, version: ignored, last_updated: ignored },
};
const RULESET_BODY = { ...ENTRYPOINT_BODY, kind: text, phase: text };

function replaceRules(call: CloudflareCall, zone: Zone, ruleset: Ruleset, table: FieldTable): void {
  const { world, body } = call;
  if (!isObject(body)) throw invalidRule('the body must be an object');
  const mistake = fieldMistake(body, table);
  if (mistake !== null) throw invalidRule(mistake);
  const fixed = {
    kind: 'zone',
    phase: ruleset.phase,
    ...(ruleset.version > 0 ? { name: ruleset.name } : {}),
  };
  for (const [name, value] of Object.entries(fixed)) {
    if (body[name] !== undefined && body[name] !== value) throw invalidRule(`'${name}' cannot be changed`);
  }
  const phase = playedPhase(ruleset.phase);
  const rules: RulesetRule[] = [];
  for (const given of Array.isArray(body.rules) ? body.rules : []) {
    if (isObject(given) && given.position !== undefined) throw invalidRule("'position' is for single rules");
    const written = writtenRule(world, zone, phase, given);
    // A rule keeps its identity by its id, or else by its ref.
    const before = ruleset.rules.find((rule) =>
      written.id === undefined ? rule.ref === written.ref : rule.id === written.id,
    );
    if (written.id !== undefined && before === undefined)
      throw invalidRule(`no rule has the id ${written.id}`);
    rules.push(ruleOf(world, written, before));
  }
  refuseTooMany(zone, phase, rules.length);
  refuseSameRefs(rules);
  if (typeof body.name === 'string' && body.name !== '') ruleset.name = body.name;
  ruleset.description = typeof body.description === 'string' ? body.description : '';
  write(world, ruleset, rules);
}

function deleteRuleset(call: CloudflareCall): CloudflareReply {
  const { ruleset } = find(call);
  call.world.rulesets = (call.world.rulesets ?? []).filter((each) => each !== ruleset);
  return emptyReply();
}

/** Adds a rule at the end, unless its position says otherwise. */
function createRule(call: CloudflareCall): CloudflareReply {
  const { world, body } = call;
  const { zone, ruleset } = find(call);
  const phase = playedPhase(ruleset.phase);
  const written = writtenRule(world, zone, phase, body);
  if (written.id !== undefined) throw invalidRule("the 'id' of a new rule cannot be chosen");
  refuseTooMany(zone, phase, ruleset.rules.length + 1);
  const rule = ruleOf(world, written, undefined);
  const rules = moved([...ruleset.rules, rule], rule, positionIn(body), invalidRule);
  refuseSameRefs(rules);
  write(world, ruleset, rules);
  return okEnvelope(view(ruleset));
}

/** Changes the complete rule, or only its position. */
function changeRule(call: CloudflareCall): CloudflareReply {
  const { world, body } = call;
  const { zone, ruleset, rule } = findRule(call);
  const onlyMoves = positionIn(body) !== undefined && Object.keys(Object(body)).length === 1;
  const written = onlyMoves ? undefined : writtenRule(world, zone, playedPhase(ruleset.phase), body);
  if (written?.id !== undefined && written.id !== rule.id)
    throw invalidRule("the 'id' of a rule cannot be changed");
  const changed = written === undefined ? rule : ruleOf(world, written, rule);
  const changedRules = ruleset.rules.map((each) => (each === rule ? changed : each));
  const rules = moved(changedRules, changed, positionIn(body), invalidRule);
  refuseSameRefs(rules);
  write(world, ruleset, rules);
  return okEnvelope(view(ruleset));
}

function deleteRule(call: CloudflareCall): CloudflareReply {
  const { ruleset, rule } = findRule(call);
  write(
    call.world,
    ruleset,
    ruleset.rules.filter((each) => each !== rule),
  );
  return okEnvelope(view(ruleset));
}

function positionIn(body: unknown): JsonObject | undefined {
  return isObject(body) && isObject(body.position) ? body.position : undefined;
}

function ruleOf(world: World, written: WrittenRule, before: RulesetRule | undefined): RulesetRule {
  const id = before?.id ?? newHex(world, 32);
  return {
    ...written,
    id,
    ref: written.ref ?? id,
    version: String(Number(before?.version ?? 0) + 1),
    last_updated: timestamp(world),
  };
}

function write(world: World, ruleset: Ruleset, rules: RulesetRule[]): void {
  ruleset.rules = rules;
  ruleset.version += 1;
  ruleset.lastUpdated = timestamp(world);
}

/** The phase of a name; throws for one that a copy only shows. */
function playedPhase(name: string): RulePhase {
  const phase = phaseCalled(name);
  if (phase === undefined) throw invalidRule(`the phase ${name} is not played`);
  return phase;
}

function refuseTooMany(zone: Zone, phase: RulePhase, count: number): void {
  const quota = phase.quota[zone.plan];
  if (count <= quota) return;
  throw new CloudflareApiError(400, {
    code: 20217,
    message: `exceeded maximum number of rules in the phase ${phase.name}: ${count} out of ${quota}`,
  });
}

function refuseSameRefs(rules: readonly RulesetRule[]): void {
  const refs = rules.map(({ ref }) => ref);
  const twice = refs.find((ref, at) => refs.indexOf(ref) !== at);
  if (twice !== undefined) throw invalidRule(`the ref "${twice}" is not unique in the ruleset`);
}
