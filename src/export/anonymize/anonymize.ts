import {
  type ExportedAnswer,
  isMembers,
  type JsonMembers,
  type JsonValue,
  type SystemsExport,
} from '../exported-answer.ts';
import { REMOVED } from '../secret-members.ts';
import { anonymousCode, anonymousText } from './anonymous-text.ts';
import { Pseudonyms } from './pseudonyms.ts';
import { Remains } from './remains.ts';

/** Members whose values the systems define, so that no person can put a name there. */
const settings: ReadonlySet<string> = new Set([
  ...[
    'type',
    'kind',
    'status',
    'phase',
    'action',
    'decision',
    'mode',
    'method',
    'source',
    'config_src',
    'tun_type',
  ],
  ...['legacy_id', 'currency', 'frequency', 'permissions', 'system_permissions', 'denied_action', 'key_type'],
  ...['token_type', 'same_site_cookie_attribute', 'app_launcher_visible', 'version', 'version_current'],
  ...['version_latest', 'build_hash', 'component', 'verbose_name', 'verbose_name_plural', 'meta_model_name'],
  ...['client_type', 'issuer_mode', 'sub_mode', 'logout_method', 'matching_mode', 'redirect_uri_type'],
  ...[
    'policy_engine_mode',
    'designation',
    'authentication',
    'layout',
    'grant_types',
    'log_level',
    'country_code',
    'search_mode',
    'bind_mode',
  ],
  ...['kubernetes_service_type', 'object_naming_template', 'ruleset', 'products', 'phases'],
]);

/** Members with code: only what is in quotes can be a name. */
const code: ReadonlySet<string> = new Set(['expression', 'token_sources']);

/** Members of a public key, which nobody can read anything from. */
const keyMembers: ReadonlySet<string> = new Set(['n', 'e', 'x', 'y', 'kid', 'kty', 'crv', 'alg', 'use']);

/** Members of a map whose names a person chooses; only gates' own marks stay. */
const freeMaps: ReadonlySet<string> = new Set(['attributes']);

/** An anonymized export, and what it leaves. */
export interface AnonymousExport {
  readonly made: SystemsExport;
  readonly counts: Pseudonyms['counts'];
  /** One line for each sort of texts that is left. */
  readonly left: readonly string[];
}

/**
 * Replaces names, addresses and IPs, the same ones by the same replacement everywhere: in names, hosts, URLs, email
 * addresses, and in the quotes of expressions. A host keeps its number of labels. A text that is in no list of known
 * settings is replaced word by word.
 */
export function anonymized(exported: SystemsExport): AnonymousExport {
  const anonymizer = new Anonymizer();
  const answers = exported.answers.map((answer) => anonymizer.answer(answer));
  const zones = exported.zones.map((zone) => anonymizer.text(zone));
  // A question about one application has its slug in the path.
  const refused = exported.refused.map(({ path, ...question }) => ({
    ...question,
    path: path.replace(/(?<=^\/core\/applications\/)[^/]+/, (slug) => anonymizer.text(slug)),
  }));
  const { counts, left } = anonymizer;
  return { made: { ...exported, zones, isAnonymized: true, answers, refused }, counts, left };
}

class Anonymizer {
  readonly #pseudonyms = new Pseudonyms();
  readonly #remains = new Remains();

  get counts(): Pseudonyms['counts'] {
    return this.#pseudonyms.counts;
  }

  get left(): readonly string[] {
    return this.#remains.lines;
  }

  answer(answer: ExportedAnswer): ExportedAnswer {
    const { content } = answer;
    const change = (object: JsonValue) => this.#value(object, '', isStock(answer.path, object));
    return {
      ...answer,
      content: 'items' in content ? { items: content.items.map(change) } : { object: change(content.object) },
    };
  }

  text(text: string): string {
    return anonymousText(text, this.#pseudonyms, this.#remains);
  }

  #value(value: JsonValue, member: string, isKept: boolean): JsonValue {
    if (typeof value === 'string')
      return isKept ? this.#remains.keep('stock', value) : this.#member(value, member);
    if (Array.isArray(value)) return value.map((item) => this.#value(item, member, isKept));
    if (!isMembers(value)) return value;
    return typeof value.kty === 'string' ? this.#key(value) : this.#members(value, member, isKept);
  }

  #members(value: JsonMembers, member: string, isKept: boolean): JsonMembers {
    const members = Object.entries(value).filter(
      ([name]) => !freeMaps.has(member) || name.startsWith('gates/'),
    );
    return Object.fromEntries(members.map(([name, inner]) => [name, this.#value(inner, name, isKept)]));
  }

  #key(key: JsonMembers): JsonMembers {
    const members = Object.entries(key).map(([name, inner]) => {
      if (!keyMembers.has(name) || typeof inner !== 'string') return [name, this.#value(inner, name, false)];
      return [name, this.#remains.keep('keys', inner)];
    });
    return Object.fromEntries(members);
  }

  #member(text: string, member: string): string {
    if (text === REMOVED || text === '') return text;
    if (code.has(member)) return anonymousCode(text, this.#pseudonyms, this.#remains);
    if (!settings.has(member)) return this.text(text);
    this.#remains.keep('settings', member);
    return text;
  }
}

/** True for a scope mapping that every Authentik has: its code is the same everywhere. */
function isStock(path: string, object: JsonValue): boolean {
  const isMapping = /^\/propertymappings\/provider\/(?:scope|saml)\/$/.test(path);
  return isMapping && isMembers(object) && String(object.managed ?? '').startsWith('goauthentik.io/');
}
