import { answerWords } from './names.ts';
import type { AnswerReading } from './question.ts';

/** The people who may pass at a new host. */
export type WantedAdmission =
  | { readonly emails: readonly string[] }
  | { readonly groups: readonly string[] }
  | { readonly everybody: true };

const forms = 'Give email addresses, or group:NAME for a group of Authentik, or public';

/** `me@example.dev you@example.dev`, `group:admins`, or `public`. `gates validate` judges the addresses and names. */
export function admissionIn(answer: string): AnswerReading<WantedAdmission> {
  const words = answerWords(answer);
  if (words.length === 0) return { wrong: forms };
  if (words.length === 1 && words[0]?.toLowerCase() === 'public') return { value: { everybody: true } };
  const groups = words.flatMap((word) => (word.startsWith('group:') ? [word.slice('group:'.length)] : []));
  const emails = words.filter((word) => word.includes('@') && !word.startsWith('group:'));
  const unknown = words.find((word) => !word.includes('@') && !word.startsWith('group:'));
  if (unknown !== undefined) return { wrong: `"${unknown}" is none of these. ${forms}` };
  if (groups.length > 0 && emails.length > 0) {
    return { wrong: 'A host has one gate: Access asks for email addresses, Authentik for groups' };
  }
  return { value: groups.length > 0 ? { groups } : { emails } };
}

/** The gate of a new host in words: `me@example.dev, after a login at Cloudflare Access`. */
export function wantedVisitors(admission: WantedAdmission): string {
  if ('emails' in admission) return `${admission.emails.join(', ')}, after a login at Cloudflare Access`;
  if ('groups' in admission) return `group ${admission.groups.join(', ')}, after a login at Authentik`;
  return 'everybody, without a login';
}
