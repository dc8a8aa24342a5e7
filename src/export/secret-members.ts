import { createRedactor } from '../clients/redaction.ts';
import { type ExportedAnswer, isMembers, type JsonMembers, type JsonValue } from './exported-answer.ts';

/** The text in place of a secret. */
export const REMOVED = '[redacted]';

/** Members of replies whose texts are secrets, whatever object has them. */
const secretNames =
  /(^|_)(secret|secret_key|password|passphrase|private_key|api_key|key_data|client_key|bind_pw|access_token|refresh_token|tunnel_token)$|^(token|credentials_file)$/;

/** Members of a JSON Web Key that only its owner may know. */
const privateKeyMembers: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']);

/**
 * Members of people that hold whatever a person or a directory put there, as a new person has them: gates and a copy need
 * none of them. The address of an avatar often contains a checksum of the email address.
 */
const emptyMembersOfPeople: JsonMembers = {
  attributes: {},
  avatar: '/static/dist/assets/images/user_default.png',
};

const privateKeyText = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/** A shorter secret would blank out ordinary words wherever they occur. */
const shortestElsewhere = 12;

/**
 * The answers without secrets: members with names of secrets, private keys, and texts in the form of a token. A secret
 * that one member holds is removed wherever else it occurs, such as in the code of a scope mapping.
 */
export function withoutSecrets(
  answers: readonly ExportedAnswer[],
  tokens: readonly string[],
): readonly ExportedAnswer[] {
  const redactor = createRedactor();
  const register = (secret: string) => {
    if (secret.length >= shortestElsewhere && secret !== REMOVED) redactor.register(secret);
  };
  tokens.forEach(register);
  const named = answers.map((answer) => mapContent(answer, (object) => withoutNamed(object, register)));
  const cleaned = (text: string) => redactor.redact(text.replace(privateKeyText, REMOVED));
  return named.map((answer) => mapContent(answer, (object) => mapTexts(object, cleaned)));
}

function mapContent(answer: ExportedAnswer, change: (object: JsonValue) => JsonValue): ExportedAnswer {
  const { content } = answer;
  return {
    ...answer,
    content: 'items' in content ? { items: content.items.map(change) } : { object: change(content.object) },
  };
}

function withoutNamed(value: JsonValue, register: (secret: string) => void): JsonValue {
  if (Array.isArray(value)) return value.map((item) => withoutNamed(item, register));
  if (!isMembers(value)) return value;
  const isKey = typeof value.kty === 'string';
  const isPerson = typeof value.username === 'string';
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => {
      if (isPerson && name in emptyMembersOfPeople) return [name, emptyMembersOfPeople[name]];
      const isSecret = secretNames.test(snakeCase(name)) || (isKey && privateKeyMembers.has(name));
      if (!isSecret || typeof inner !== 'string') return [name, withoutNamed(inner, register)];
      if (inner !== '') register(inner);
      return [name, inner === '' ? '' : REMOVED];
    }),
  ) as JsonMembers;
}

function snakeCase(name: string): string {
  return name
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase();
}

/** The value with each of its texts changed; names of members stay. */
export function mapTexts(value: JsonValue, change: (text: string) => string): JsonValue {
  if (typeof value === 'string') return change(value);
  if (Array.isArray(value)) return value.map((item) => mapTexts(item, change));
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, mapTexts(inner, change)]));
}
