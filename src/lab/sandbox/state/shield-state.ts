import type { Json, JsonObject } from './json.ts';

/* The protection of a zone's hosts apart from Access: custom rules of the WAF, and API Shield. */

/** The ruleset of one phase of a zone. */
export interface Ruleset {
  id: string;
  zoneId: string;
  phase: string;
  name: string;
  description: string;
  /** Counts from 1; every write of the ruleset or of a rule increases it. */
  version: number;
  lastUpdated: string;
  /** In the order of evaluation. */
  rules: RulesetRule[];
}

/** A rule in the API's form, so that a copy shows everything that a real one has. */
export interface RulesetRule {
  id: string;
  version: string;
  last_updated: string;
  action: string;
  expression: string;
  description: string;
  enabled: boolean;
  /** The rule's id unless somebody chose another. */
  ref: string;
  action_parameters?: JsonObject;
  logging?: JsonObject;
  categories?: Json[];
}

/** The places of tokens in a request, and the keys that sign them. */
export interface TokenConfiguration {
  id: string;
  zoneId: string;
  title: string;
  description: string;
  tokenSources: string[];
  keys: TokenKey[];
  createdAt: string;
  lastUpdated: string;
}

/** A JSON Web Key; `k` of a symmetric one is stored and never shown. */
export type TokenKey = { [member: string]: string };

/** The action for a request to a saved operation whose token does not satisfy the expression. */
export interface TokenRule {
  id: string;
  zoneId: string;
  title: string;
  description: string;
  action: 'log' | 'block';
  enabled: boolean;
  expression: string;
  selector: TokenSelector;
  createdAt: string;
  lastUpdated: string;
}

/** Null and absent lists are empty: every host is included, no operation excluded. */
export interface TokenSelector {
  include?: { host?: string[] }[] | null;
  exclude?: { operation_ids?: string[] }[] | null;
}

/** A saved endpoint, normalized. */
export interface ApiOperation {
  id: string;
  zoneId: string;
  method: string;
  host: string;
  endpoint: string;
  lastUpdated: string;
}
