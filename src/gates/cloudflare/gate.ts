import type { Config } from '../../config/model/config.ts';
import type { GateReference, GateRow } from '../shared/gate-row.ts';
import { listHint } from '../shared/settings-hint.ts';
import { plainTerms } from '../shared/terms.ts';
import { builtCloudflare, type CloudflareGate } from './access.ts';
import { normalCrossSite } from './cross-site.ts';
import { cloudflareDisagreements } from './disagreements.ts';
import { admitsPeople, type CloudflareSettings, gateRules, isListName, type Term } from './rule.ts';
import { sessionSeconds } from './session.ts';
import { admittedBy, guardOf, valuesOf } from './words.ts';

/** The places of a gate at which a rule begins, and those of its conditions. */
const ruleKeys: readonly (readonly string[])[] = [[], ['anyOf', '*']];
const conditionKeys = ruleKeys.flatMap((rule) => [
  [...rule, 'require'],
  [...rule, 'exclude'],
]);

export const cloudflareGate: GateRow<CloudflareSettings, CloudflareGate> = {
  example: 'cloudflare: { emails: [me@example.dev] }',
  settingsHint: (value) =>
    listHint(value, (people) => `cloudflare: { ${people.includes('@') ? 'emails' : 'groups'}: ${people} }`),
  references: [
    ...below(ruleKeys, { section: 'serviceTokens', key: 'tokens' }),
    ...below([...ruleKeys, ...conditionKeys], { section: 'groups' }, { section: 'people' }),
    ...below(
      conditionKeys,
      { section: 'networks', isName: isListName },
      { section: 'certificateAuthorities' },
    ),
  ],
  disagreements: cloudflareDisagreements,
  normalize(settings, lists) {
    const rules = gateRules(settings, lists);
    const people = rules.flatMap((rule) => rule.people);
    const terms = rules.flatMap((rule) => [...rule.people, ...rule.require.flat(), ...rule.exclude]);
    const hasPeople = rules.some(admitsPeople);
    const everyone = rules.find((rule) => rule.everyone !== undefined)?.everyone;
    return {
      ...plainTerms,
      type: 'cloudflare',
      name: 'cloudflare',
      enforcedBy: 'access',
      visitors: hasPeople ? 'people' : 'machines',
      login: hasPeople ? 'access' : undefined,
      groups: valuesOf(terms, 'group'),
      admitsByGroup: everyone === undefined && people.every(({ sort }) => sort === 'group'),
      everyone,
      tokens: [...new Set(rules.flatMap(({ tokens }) => tokens))],
      lists: {
        people: namesOfLists(terms.filter(({ sort }) => sort !== 'network' && sort !== 'authority')),
        networks: namesOfLists(terms.filter(({ sort }) => sort === 'network')),
        certificateAuthorities: namesOfLists(terms.filter(({ sort }) => sort === 'authority')),
      },
      rules,
      session: sessionSeconds(settings.session ?? '24h'),
      appearance: settings.appearance,
      crossSite: normalCrossSite(settings),
    };
  },
  built: () => builtCloudflare,
  words: ({ rules, everyone }, _service, config) => ({
    gate: { name: 'Cloudflare Access', how: 'login' },
    isOpen: false,
    admits: [
      ...rules.flatMap(admittedBy),
      { sort: 'emergency', names: rules.some(admitsPeople) ? breakGlassEmails(config) : [] },
    ],
    reason: everyone?.reason,
  }),
  guard: ({ rules }, _host, config) => guardOf(rules, breakGlassEmails(config)),
  admissionHint: ({ rules }) =>
    rules.every(({ people, everyone, tokens }) => people.length + tokens.length > 0 || everyone !== undefined)
      ? undefined
      : 'add `emails`, `domains`, `groups`, `people` or `tokens`, or say it on purpose with `everyone: { reason: … }`',
};

/** The people who may pass every Access gate with a one-time PIN, in addition to the people with an Authentik login. */
function breakGlassEmails({ cloudflare: { access } }: Config): readonly string[] {
  return access.identityProvider === undefined ? [] : (access.breakGlass?.emails ?? []);
}

function below(
  places: readonly (readonly string[])[],
  ...named: readonly (Omit<GateReference, 'keys'> & { readonly key?: string })[]
): readonly GateReference[] {
  return places.flatMap((place) =>
    named.map(({ key, ...reference }) => ({ ...reference, keys: [...place, key ?? reference.section] })),
  );
}

function namesOfLists(terms: readonly Term[]): readonly string[] {
  return [...new Set(terms.flatMap(({ list }) => list ?? []))];
}
