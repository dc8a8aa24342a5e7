import { harmless } from '../screen/harmless.ts';
import { hanging, laidOut } from '../screen/screen.ts';
import { formatAge } from '../screen/time-words.ts';
import type { Status } from './status.ts';
import { besideSections, driftSection, pausedSection } from './status-attention.ts';
import { statusFacts } from './status-facts.ts';
import { gateSection } from './status-gates.ts';
import { headline, type StatusReader } from './status-headline.ts';
import { problemSection, rejectedSection, repositorySection, warningSection } from './status-problems.ts';
import { sectionLines } from './status-section.ts';

/** The person who reads a status on a terminal. */
export interface TerminalReader extends StatusReader {
  /** Columns of a line. */
  readonly width: number;
}

/** The status for people: the applied revision, then what is wrong and what to do about it; readable without color. */
export function formatStatus(status: Status, reader: TerminalReader): string {
  const ago = (time: string) => formatAge(reader.now.getTime() - Date.parse(time));
  const { width } = reader;
  const sections = [
    ...pausedSection(status, ago),
    ...repositorySection(status, ago),
    ...rejectedSection(status, ago),
    ...problemSection(status),
    ...driftSection(status),
    ...besideSections(status, reader.now, ago),
    ...gateSection(status, reader.now),
    ...warningSection(status),
  ]
    .flatMap(sectionLines)
    .flatMap((line) => hanging(line, width));
  const facts = laidOut(statusFacts(status, reader), width, 0).flat();
  const top = [...hanging(headline(status, reader), width), '', ...facts];
  return harmless([...top, ...sections, ''].join('\n'));
}
