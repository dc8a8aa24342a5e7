import fc from 'fast-check';
import { type CertifiedName, certifiedGates } from './certified-gates.ts';
import { type Client, type Draw, formsClient, type Gate, type Revision, type SlotChange } from './file.ts';
import { type GroupParent, type Login, named } from './login.ts';
import type { Neighbours } from './neighbours.ts';

/** The terms that a login gets beside its groups, or in place of them. */
interface LoginTerms {
  readonly users: readonly string[];
  /** True if its groups stay out of the file. */
  readonly alone: boolean;
  readonly flow: string | undefined;
  readonly policies: readonly string[];
}

/** The terms of one slot; undefined leaves what the revision has. */
interface SlotExtras {
  readonly login: LoginTerms | undefined;
  readonly saml: boolean;
  readonly certified: CertifiedName | undefined;
}

/**
 * Additions to a revision. They are drawn from a stream of their own, so that a seed still means the same revisions,
 * worlds and troubles as before there were any.
 */
export interface Extras {
  readonly slots: readonly SlotExtras[];
  readonly domain: LoginTerms | undefined;
  readonly clients: readonly (LoginTerms | undefined)[];
  readonly forms: (Login & { readonly terms: LoginTerms | undefined }) | undefined;
  readonly parents: readonly GroupParent[] | undefined;
  /** True for a slot that gets another origin if it would stay, and keeps its host if it would get another gate. */
  readonly moves: readonly (boolean | undefined)[];
}

/** Undefined, but for one of so many. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>, oneOf: number): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: oneOf - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/**
 * The additions of one chain: each lacks some of them, since the oracle tries every visitor with and without each flow,
 * policy and certificate of a world.
 */
export interface Palette {
  readonly users: readonly string[];
  readonly flows: readonly string[];
  readonly policies: readonly string[];
  readonly certified: readonly CertifiedName[];
  readonly saml: boolean;
  readonly parents: boolean;
}

export const palette: fc.Arbitrary<Palette> = fc.record({
  users: fc.constantFrom(named.users, named.users, []),
  flows: fc.constantFrom([], named.flows.slice(0, 1), named.flows),
  policies: fc.constantFrom([], named.policies.slice(0, 1), named.policies),
  certified: fc.constantFrom([], Object.keys(certifiedGates) as CertifiedName[]),
  saml: fc.boolean(),
  parents: fc.boolean(),
});

/** One of the values, or undefined as well if there are none. */
const anyOf = <T>(values: readonly T[]): fc.Arbitrary<T | undefined> =>
  values.length === 0 ? fc.constant(undefined) : fc.constantFrom(...values);

const termsOf = ({ users, flows, policies }: Palette): fc.Arbitrary<LoginTerms> =>
  fc.record({
    users: fc.subarray([...users]),
    alone: fc.boolean(),
    flow: rarely(anyOf(flows), 3),
    policies: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 1, arbitrary: fc.subarray([...policies]) },
    ),
  });

/**
 * A client has no cover, so an exchange of its flow admits people of before by the new one for a moment (decision 49):
 * clients have only the one or none.
 */
function asClient(terms: LoginTerms): LoginTerms {
  return { ...terms, flow: terms.flow && named.flows[0] };
}

const groups = fc.subarray(['admins', 'family', 'guests'], { minLength: 1, maxLength: 2 });

/** The foreign group `family` gets no parent from gates. */
const parents: fc.Arbitrary<readonly GroupParent[]> = fc.constantFrom(
  [],
  [['admins', 'family']],
  [['admins', 'guests']],
  [['guests', 'admins']],
  [
    ['guests', 'admins'],
    ['admins', 'family'],
  ],
);

/** The additions to each revision of a chain. */
export function extrasIn(of: Palette): fc.Arbitrary<Extras> {
  const terms = termsOf(of);
  const ofClient = terms.map(asClient);
  const slot: fc.Arbitrary<SlotExtras> = fc.record({
    login: rarely(terms, 3),
    saml: of.saml ? fc.boolean() : fc.constant(false),
    certified: rarely(anyOf(of.certified), 3),
  });
  const forms = fc.record({ groups, terms: rarely(ofClient, 2) });
  return fc.record({
    slots: fc.array(slot, { minLength: 11, maxLength: 11 }),
    domain: rarely(terms, 4),
    clients: fc.array(rarely(ofClient, 4), { minLength: 2, maxLength: 2 }),
    forms: of.saml ? rarely(forms, 2) : fc.constant(undefined),
    parents: of.parents ? rarely(parents, 3) : fc.constant(undefined),
    moves: fc.array(rarely(fc.constant(true), 6), { minLength: 11, maxLength: 11 }),
  });
}

/**
 * The revision with these additions, in a world where some groups are foreign. A refused host, as one with a foreign
 * application, holds the removal of every parent, and so the whole zone.
 */
export function enriched(revision: Revision, drawn: Extras, { guests, accessOn }: Neighbours): Revision {
  const { forms } = drawn;
  const clients = revision.clients.map(
    (client, index): Client => ({ ...client, ...termed(client, drawn.clients[index]) }),
  );
  return {
    ...revision,
    slots: revision.slots.map((change, index) =>
      moved(slotWith(change, drawn.slots[index]), drawn.moves[index]),
    ),
    clients: [
      ...clients,
      ...(forms === undefined ? [] : [{ ...formsClient, ...termed(forms, forms.terms) }]),
    ],
    domain: termed(revision.domain, drawn.domain),
    ...(drawn.parents !== undefined && {
      parents: drawn.parents.filter(([group]) => accessOn === 'none' && !(guests && group === 'guests')),
    }),
  };
}

function moved(change: SlotChange, moves: boolean | undefined): SlotChange {
  if (moves !== true) return change;
  if (change === 'keep') return 'move';
  return typeof change === 'string' ? change : { ...change, otherHost: undefined };
}

function slotWith(change: SlotChange, drawn: SlotExtras | undefined): SlotChange {
  if (typeof change === 'string' || drawn === undefined) return change;
  return { ...change, gate: gateWith(change, drawn) };
}

function gateWith({ gate }: Draw, { login, saml, certified }: SlotExtras): Gate {
  switch (gate.type) {
    case 'forwardAuth':
    case 'proxy':
      return { ...gate, ...termed(gate, login) };
    case 'oidc': {
      const own = login && asClient(login);
      return { type: saml ? 'saml' : 'oidc', ...termed(gate, own) };
    }
    case 'people':
    case 'ruled':
      return certified === undefined ? gate : { type: 'certified', name: certified };
    default:
      return gate;
  }
}

/** Beside a policy, the engine asks for every binding: a login names one group or one user then. */
function termed({ groups: list }: Login, drawn: LoginTerms | undefined): Login {
  if (drawn === undefined) return { groups: list };
  const { alone, flow, policies } = drawn;
  const isAlone = alone && drawn.users.length > 0;
  const users = isAlone || policies.length === 0 ? drawn.users : [];
  const most = policies.length > 0 ? 1 : undefined;
  return {
    groups: isAlone ? [] : list.slice(0, most),
    users: users.slice(0, most),
    ...(flow !== undefined && { flow }),
    policies,
  };
}
