import type { Gate } from '../../config/model/gate.ts';

/** The terms of a gate that refers to nothing and at which nobody logs in. A gate overrides those that differ. */
export const plainTerms = {
  login: undefined,
  showsLogin: false,
  sharesLogin: false,
  readsDecoded: false,
  groups: [],
  users: [],
  admitsByGroup: false,
  lists: { people: [], networks: [], certificateAuthorities: [] },
  everyone: undefined,
  flow: undefined,
  policies: [],
  tokens: [],
  client: undefined,
  keys: undefined,
  secret: undefined,
  actions: [],
} satisfies Partial<Gate>;
