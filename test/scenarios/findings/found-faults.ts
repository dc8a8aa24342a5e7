import { checkedConfig } from '../../../src/expect/checked-config.ts';
import { liveFindings } from '../../../src/findings/live-findings.ts';
import type { FindingsDocument } from '../../../src/report/findings/findings.ts';
import { readFrom } from '../import/imported.ts';
import type { HealthyHome } from './healthy-home.ts';

const day = 24 * 60 * 60 * 1000;

/** Reads a home and returns its findings, with a file or without one, as they are after some days. */
export async function findingsIn(home: HealthyHome, text?: string, days = 0): Promise<FindingsDocument> {
  const { found: read, reach } = await readFrom(home);
  const found = { ...read, now: new Date(read.now.getTime() + days * day) };
  if (text === undefined) return liveFindings(found, reach, { file: 'none' });
  const file = checkedConfig(text);
  if (!file.ok) throw new Error(JSON.stringify(file.mistakes));
  return liveFindings(found, reach, { config: file.parsed.config, file: 'read' });
}

/** `open-door: host docs.example.dev` for each finding, in their order. */
export function namesOf({ findings }: FindingsDocument): readonly string[] {
  return findings.map(({ rule, subject }) => `${rule}: ${subject.kind} ${subject.name}`);
}
