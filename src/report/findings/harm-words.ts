import type { FindingHarm } from './finding-rules.ts';
import type { FindingsDocument } from './findings.ts';

/** The title of each harm, as a heading has it. */
export const harmTitles: Readonly<Record<FindingHarm, string>> = {
  exposed: 'Exposed',
  weak: 'Weak',
  broken: 'Broken',
  unused: 'Unused',
};

/** `2 exposed, 1 weak, 0 broken, 3 unused; 1 question without an answer` */
export function countsOf({ findings, unanswered }: FindingsDocument): string {
  const count = (harm: FindingHarm) => findings.filter((each) => each.harm === harm).length;
  const counts = (['exposed', 'weak', 'broken', 'unused'] as const).map((harm) => `${count(harm)} ${harm}`);
  if (unanswered.length === 0) return counts.join(', ');
  const questions = unanswered.length === 1 ? '1 question' : `${unanswered.length} questions`;
  return `${counts.join(', ')}; ${questions} without an answer`;
}

/** The systems, zones and the file that the findings rest on. */
export function groundOf({ zones, authentik, file }: FindingsDocument): readonly string[] {
  const systems = authentik ? 'Cloudflare and Authentik' : 'Cloudflare, without Authentik';
  const about = zones.length === 1 ? `zone ${zones[0]}` : `${zones.length} zones`;
  return [
    `Read: ${systems}, ${about}`,
    ...(file === 'read' ? [] : [fileLines[file]]),
    ...(authentik ? [] : ['No token or address for Authentik: a host that it guards counts as open']),
  ];
}

const fileLines = {
  none: 'No file says which hosts are open on purpose, so each open host is a finding',
  mistakes:
    'The file has mistakes, so it does not say which hosts are open on purpose: `gates validate` shows them',
} as const;

/** `open-door, unasked-login at app.example.dev: it answered 502` */
export function unansweredLine({ rules, about, reason }: FindingsDocument['unanswered'][number]): string {
  const place = about === undefined ? '' : ` at ${about}`;
  return `${rules.join(', ')}${place}: ${reason}`;
}
